"""The home of a whole operation's plan: one statement for each root field, one for each success type of a mutation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from graphql import GraphQLObjectType, get_named_type, is_abstract_type

from db import json_text
from resolvers.planner.arguments import BadArgumentError, Outcome
from resolvers.planner.declarations import PlannedField, SignedIn
from resolvers.planner.statements import Parameter, Statement

if TYPE_CHECKING:
    from graphql import GraphQLField
    from graphql.execution.collect_fields import FieldDetails
    from sqlalchemy.engine import Dialect

    from resolvers.planner.arguments import Inputs, Path
    from resolvers.planner.compiler import Selection

    Details = list[FieldDetails]


@dataclass(frozen=True, slots=True)
class Root:
    """A root field of a query. Its statement answers two columns: who calls, and the JSON text."""

    key: str
    statement: Statement
    for_signed_in: bool


@dataclass(frozen=True, slots=True)
class Payload:
    """The planned fields of a success type, by response key: the columns of one statement."""

    keys: tuple[str, ...]
    statement: Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an operation of one shape reads."""

    keys: tuple[str, ...]
    """The response keys of the root, in order."""
    roots: tuple[Root, ...]
    about_schema: dict[str, Details]
    """The root fields of a query that read no table, by response key."""
    payloads: dict[tuple[str, str], Payload]
    """For a mutation, by response key of the root field and name of the success type."""
    checks: tuple[Parameter, ...]
    """The parameters of all fields, in the order of execution."""

    @property
    def size(self) -> int:
        """How many characters of SQL it has."""
        statements = [*(root.statement for root in self.roots), *(found.statement for found in self.payloads.values())]
        return sum(len(statement.sql) for statement in statements)

    def refusals(self, inputs: Inputs) -> list[BadArgumentError]:
        """Return what is wrong with the arguments in *inputs*: one refusal a field, in the order of execution."""
        found: dict[Path, BadArgumentError] = {}
        for parameter in self.checks:
            try:
                parameter.value(inputs)
            except BadArgumentError as error:
                found.setdefault(error.path, error)
        return list(found.values())


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes plans for *dialect*; *caller* is the column that tells who calls, NULL for nobody."""

    dialect: Dialect
    caller: sa.ColumnElement[Any]

    def plan(self, selection: Selection, root: GraphQLObjectType, fields: dict[str, Details]) -> Plan:
        """Plan the root *fields* of an operation."""
        roots: list[Root] = []
        payloads: dict[tuple[str, str], Payload] = {}
        about_schema: dict[str, Details] = {}
        for key, details in fields.items():
            definition = root.fields.get(details[0].node.name.value)
            if definition is None:
                about_schema[key] = details
            elif isinstance(_declared(definition), PlannedField):
                roots.append(self._root(selection, definition, key, details))
            else:
                payloads |= self._payloads(selection, definition, key, details)
        statements = [*(root.statement for root in roots), *(payload.statement for payload in payloads.values())]
        return Plan(
            keys=tuple(fields),
            roots=tuple(roots),
            about_schema=about_schema,
            payloads=payloads,
            checks=self._checks(selection, statements),
        )

    def _root(self, selection: Selection, definition: GraphQLField, key: str, details: Details) -> Root:
        text = json_text.concat(selection.field(definition, None, details, (key,)))
        statement = Statement.compiled(sa.select(self.caller, text), self.dialect)
        return Root(key, statement, any(isinstance(found, SignedIn) for found in _declared(definition).directives))

    def _payloads(
        self, selection: Selection, definition: GraphQLField, key: str, details: Details
    ) -> dict[tuple[str, str], Payload]:
        selection.arguments_of(definition, details[0], (key,))
        type_: Any = get_named_type(definition.type)
        members = selection.schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        found = {(key, member.name): self._payload(selection, member, key, details) for member in members}
        return {name: payload for name, payload in found.items() if payload is not None}

    def _payload(self, selection: Selection, type_: GraphQLObjectType, key: str, details: Details) -> Payload | None:
        planned = {
            name: json_text.concat(selection.field(definition, Outcome(), nodes, (key, name)))
            for name, nodes in selection.fields(type_, details).items()
            if (definition := type_.fields.get(nodes[0].node.name.value)) is not None
            and isinstance(_declared(definition), PlannedField)
        }
        if not planned:
            return None
        return Payload(tuple(planned), Statement.compiled(sa.select(*planned.values()), self.dialect))

    def _checks(self, selection: Selection, statements: list[Statement]) -> tuple[Parameter, ...]:
        met = [Parameter(argument.fetch, None, argument.path) for argument in selection.arguments]
        # What a body has bound, such as an id, is known by its statement alone.
        bound = [parameter for statement in statements for parameter in statement.parameters if parameter.path]
        order = {path: at for at, path in enumerate(dict.fromkeys(parameter.path for parameter in (*met, *bound)))}
        return tuple(sorted([*met, *bound], key=lambda parameter: order[parameter.path]))


def _declared(definition: GraphQLField) -> Any:
    return definition.extensions["strawberry-definition"]
