"""The home of a whole operation's plan: one statement for each root field, one for each success type of a mutation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType, OperationType, get_named_type, is_abstract_type

from resolvers.planner import templates
from resolvers.planner.arguments import Audience, BadArgumentError, Constant, Outcome
from resolvers.planner.compile import Compiler, object_json
from resolvers.planner.declare import PlannedField, type_name_of
from resolvers.planner.gates import needed_scope, unauthenticated
from resolvers.planner.rows import Row
from resolvers.planner.templates import Statement

if TYPE_CHECKING:
    from graphql import GraphQLField
    from graphql.execution.collect_fields import FieldDetails
    from sqlalchemy.engine import Dialect

    from db.enums import AdminScope
    from resolvers.planner.arguments import Fetch, Inputs, Path
    from resolvers.planner.guard import Guard
    from resolvers.planner.selection import Members, Selected, Selection
    from resolvers.planner.templates import Sql, WrittenJson

    Details = list[FieldDetails]


MAX_NESTED_ROWS = 3
"""So many rows inside one another are written where they stand."""


@dataclass(frozen=True, slots=True)
class Root:
    """A root field of a query. Its statement answers what all are asked, `Guard.asks`, and the JSON text.

    Before the text, it tells whether the caller has the scope that the field *needs*, if it needs one.
    """

    key: str
    statement: Statement
    unauthenticated: str | None
    """What is told to who is not signed in; None where anyone may ask."""
    needs: AdminScope | None


@dataclass(frozen=True, slots=True)
class Payload:
    """The planned fields of a success type, by response key: the columns of one statement."""

    keys: tuple[str, ...]
    statement: Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an operation of one shape reads."""

    root_type: str
    keys: tuple[str, ...]
    """The response keys of the root, in order."""
    roots: tuple[Root, ...]
    refused: dict[str, str]
    """What is told, by response key, of the root fields that those who ask may not read, as they are not signed in."""
    unplanned: dict[str, Details]
    """The root fields of a query that read no table, by response key."""
    payloads: dict[tuple[str, str], Payload]
    """For a mutation, by response key of the root field and name of the success type."""
    checks: tuple[tuple[Fetch, Path], ...]
    """The arguments of all fields that may be refused, and of which field each is, in the order of execution."""

    @property
    def weight(self) -> int:
        """About how many bytes its SQL takes."""
        statements = [*(root.statement for root in self.roots), *(found.statement for found in self.payloads.values())]
        return sum(len(statement.sql) for statement in statements)

    def refusals(self, inputs: Inputs) -> list[BadArgumentError]:
        """Return what is wrong with the arguments in *inputs*: one refusal a field, in the order of execution."""
        found: dict[Path, BadArgumentError] = {}
        for fetch, path in self.checks:
            try:
                fetch(inputs)
            except BadArgumentError as error:
                error.path = path
                found.setdefault(path, error)
        return list(found.values())


class TooManyTablesError(Exception):
    """A selection enters more tables than a plan may."""


class Names(Iterator[str]):
    """The names of the tables of one operation, at most *most*."""

    def __init__(self, most: int) -> None:
        """Give none yet."""
        self._left = range(1, most + 1).__iter__()

    def __next__(self) -> str:
        """Return a name that no other table of the operation has; raise `TooManyTablesError` after the last."""
        for number in self._left:
            return f"t{number}"
        raise TooManyTablesError


@dataclass(frozen=True, slots=True)
class Draft:
    """One statement while templates are filled and put into one another; the tables of its operation get *names*."""

    compiler: Compiler
    names: Names
    expressions: list[tuple[str, Sql]] = field(default_factory=list)
    """Table expressions, by name."""

    def field(self, owner: str, selected: Selected, row: Any) -> WrittenJson:
        """Return the JSON of a field that is *selected* on *row* of the type *owner*."""
        if selected.refused:
            return ["null"]
        template = self.compiler.template(owner, selected, row)
        outer, depth = (row.alias, row.depth) if isinstance(row, Row) else ("", 0)
        aliases = [outer, *(next(self.names) for _ in range(template.aliases))]
        gaps = [
            self._object(selected.below(gap.keys), Row(gap.model, aliases[gap.alias], depth + gap.depth))
            for gap in template.gaps
        ]
        return template.filled(aliases, selected.bound(), gaps)

    def _object(self, selected: Selected, row: Row) -> Sql:
        type_name = type_name_of(row.model)
        members = selected.members[type_name]
        if row.has_id and row.depth > MAX_NESTED_ROWS:
            return self._out_of_line(type_name, members, row)
        return self._written(type_name, members, row)

    def _written(self, type_name: str, members: Members, row: Row) -> Sql:
        json = object_json(type_name, members, lambda member: self.field(type_name, member, row))
        return templates.concat(json)

    def _out_of_line(self, type_name: str, members: Members, row: Row) -> Sql:
        # SQLite's parser has a stack of 100 entries, and each level of nested subqueries takes about ten. A table
        # expression is parsed on its own; both databases put it back in place and look up the one row.
        twin = Row(row.model, next(self.names), depth=1)
        json = self._written(type_name, members, twin)
        name = next(self.names)
        table = self.compiler.dialect.identifier_preparer.format_table(row.model.__table__)
        self.expressions.append((name, [f"SELECT {twin.alias}.id, ", *json, f" AS json FROM {table} AS {twin.alias}"]))
        return [f"(SELECT {name}.json FROM {name} WHERE {name}.id = {row.alias}.id)"]  # noqa: S608 - names of our own


class Planner:
    """Makes plans for *dialect* under *guard*."""

    def __init__(self, dialect: Dialect, guard: Guard) -> None:
        """Compile what all plans have in common."""
        self._dialect = dialect
        self._compiler = Compiler(dialect, guard.visible)
        self._asks = [templates.sql(column, dialect) for column in guard.asks]
        self._has = guard.has
        self._tables = {
            asking: {name: table.expression(name, asking, dialect) for name, table in guard.tables.items()}
            for asking in (*Audience, None)
        }

    def plan(
        self,
        selection: Selection,
        root: GraphQLObjectType,
        fields: dict[str, Details],
        *,
        max_tables: int,
        audience: Audience,
    ) -> Plan:
        """Plan the root *fields* of an operation; raise `TooManyTablesError` where it enters more than *max_tables*.

        Where the *audience* are strangers, the fields that only who is signed in may ask are refused, and not planned.
        """
        names = Names(max_tables)
        roots: list[Root] = []
        refused: dict[str, str] = {}
        payloads: dict[tuple[str, str], Payload] = {}
        unplanned: dict[str, Details] = {}
        for key, details in fields.items():
            definition = root.fields.get(details[0].node.name.value)
            is_query = selection.operation.operation is OperationType.QUERY
            if definition is None or (is_query and not isinstance(_declared(definition), PlannedField)):
                unplanned[key] = details
            elif audience is Audience.STRANGERS and (told := unauthenticated(definition)) is not None:
                refused[key] = told
            elif isinstance(_declared(definition), PlannedField):
                roots.append(self._root(selection.field(root.name, definition, details, (key,)), names, audience))
            else:
                payloads |= self._payloads(selection, definition, key, details, names)
        statements = [*(root.statement for root in roots), *(payload.statement for payload in payloads.values())]
        return Plan(
            root_type=root.name,
            keys=tuple(fields),
            roots=tuple(roots),
            refused=refused,
            unplanned=unplanned,
            payloads=payloads,
            checks=self._checks(selection, statements),
        )

    def _root(self, selected: Selected, names: Names, audience: Audience) -> Root:
        draft = Draft(self._compiler, names)
        text = templates.concat(draft.field("", selected, None))
        needs = needed_scope(selected.definition)
        held = [] if needs is None else [templates.sql(self._has(needs), self._dialect)]
        statement = self._statement(draft, [*self._asks, *held, text], audience)
        return Root(selected.path[0], statement, unauthenticated(selected.definition), needs)

    def _payloads(
        self, selection: Selection, definition: GraphQLField, key: str, details: Details, names: Names
    ) -> dict[tuple[str, str], Payload]:
        selection.mutation(definition, details, key)
        type_: Any = get_named_type(definition.type)
        members = selection.schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        found = {(key, member.name): self._payload(selection, member, key, details, names) for member in members}
        return {name: payload for name, payload in found.items() if payload is not None}

    def _payload(
        self, selection: Selection, type_: GraphQLObjectType, key: str, details: Details, names: Names
    ) -> Payload | None:
        draft = Draft(self._compiler, names)
        planned = {
            name: templates.concat(
                draft.field(type_.name, selection.field(type_.name, definition, nodes, (key, name)), Outcome())
            )
            for name, nodes in selection.fields(type_, details).items()
            if (definition := type_.fields.get(nodes[0].node.name.value)) is not None
            and isinstance(_declared(definition), PlannedField)
        }
        # As whom it is read, the mutation decides.
        return Payload(tuple(planned), self._statement(draft, list(planned.values()), None)) if planned else None

    def _statement(self, draft: Draft, columns: list[Sql], asking: Audience | None) -> Statement:
        body: Sql = ["SELECT ", *columns[0], *[piece for column in columns[1:] for piece in (", ", *column)]]
        if read := self._read_by(body):
            body.append(f" FROM {', '.join(read)}")
        expressions: list[tuple[str, Sql]] = [
            (f"{name} AS (", [*select, *(f", {table}" for table in self._read_by(select))])
            for name, select in draft.expressions
        ]
        for name, expression in reversed(self._tables[asking].items()):
            if any(_reads(found, name) for found in (body, *(found for _name, found in expressions))):
                expressions.insert(0, expression)
        sql: Sql = []
        for begin, select in expressions:
            sql += [", " if sql else "WITH ", begin, *select, ")"]
        return Statement.written([*sql, " ", *body], self._dialect)

    def _read_by(self, sql: Sql) -> list[str]:
        """Return which of the caller's tables *sql* reads."""
        return [name for name in self._tables[None] if _reads(sql, name)]

    def _checks(self, selection: Selection, statements: list[Statement]) -> tuple[tuple[Fetch, Path], ...]:
        met = [(argument.fetch, argument.path) for argument in selection.arguments]
        # What a body has bound, such as an id, is known by its statement alone.
        bound = [
            (fetch, parameter.path)
            for statement in statements
            for fetch, parameter in zip(statement.fetches, statement.parameters, strict=True)
            if parameter.path
        ]
        order = {path: at for at, path in enumerate(dict.fromkeys(path for _fetch, path in (*met, *bound)))}
        varying = [check for check in dict.fromkeys((*met, *bound)) if not isinstance(check[0], Constant)]
        return tuple(sorted(varying, key=lambda check: order[check[1]]))


def _reads(sql: Sql, name: str) -> bool:
    return any(f"{name}." in piece for piece in sql if isinstance(piece, str))


def _declared(definition: GraphQLField) -> Any:
    return definition.extensions["strawberry-definition"]
