"""The home of the plan: a selection set becomes one SQL expression that writes its JSON.

Every table is entered through `_enter`, which adds the predicate of who may see its rows.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from graphql import GraphQLError, get_argument_values, get_named_type
from graphql.execution.collect_fields import collect_subfields
from sqlalchemy.sql.util import ClauseAdapter
from strawberry.utils.str_converters import to_snake_case

from db import json_text
from resolvers.planner.arguments import Argument, Decoder, bind, refuse
from resolvers.planner.counts import checked_rows
from resolvers.planner.declarations import TYPE_OF_MODEL, PlannedField
from resolvers.planner.leaves import leaf
from resolvers.planner.rows import Entered, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphql import GraphQLField, GraphQLObjectType, GraphQLOutputType, GraphQLSchema, OperationDefinitionNode
    from graphql.execution.collect_fields import FieldDetails, FragmentDetails
    from graphql.execution.values import VariableValues
    from sqlmodel import SQLModel

    from db.json_text import Json
    from resolvers.planner.arguments import Path
    from resolvers.planner.declarations import Reading
    from resolvers.planner.ordering import Ordering

    Details = list[FieldDetails]
    Visible = Callable[[type[SQLModel], Any], sa.ColumnElement[bool]]

MAX_NESTED_ROWS = 3
"""So many rows inside one another are written where they stand."""


class TooManyTablesError(Exception):
    """A selection enters more tables than a plan may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Compiles the selections of one operation; *variables* hold symbols, *visible* guards every table."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    variables: VariableValues
    visible: Visible
    pages: dict[Path, Argument] = field(default_factory=dict)
    """The sizes of the pages met, by path."""
    max_tables: int
    aliases: Iterator[int] = field(default_factory=lambda: count(1))
    arguments: list[Argument] = field(default_factory=list)
    """All arguments met, in the order of execution; each is checked before any statement runs."""

    def fields(self, type_: GraphQLObjectType, details: Details) -> dict[str, list[FieldDetails]]:
        """Return the fields that *details* select on *type_*, by response key, merged, in order."""
        collected = collect_subfields(
            self.schema, self.fragments, self.variables, self.operation, type_, details, hide_suggestions=True
        )
        return collected.grouped_field_set

    def object(self, type_: GraphQLObjectType, row: Any, details: Details, path: Path) -> Json:
        """Return the JSON object of *row*."""
        if isinstance(row, Row) and row.has_id and row.depth > MAX_NESTED_ROWS:
            return self._out_of_line(type_, row, details, path)
        return self._object(type_, row, details, path)

    def _object(self, type_: GraphQLObjectType, row: Any, details: Details, path: Path) -> Json:
        json: Json = []
        for key, nodes in self.fields(type_, details).items():
            name = nodes[0].node.name.value
            is_name = name == "__typename"
            member = [f'"{type_.name}"'] if is_name else self.field(type_.fields[name], row, nodes, (*path, key))
            json += ["," if json else "{", json_text.key(key), *member]
        return [*json, "}"] if json else ["{}"]

    def _out_of_line(self, type_: GraphQLObjectType, row: Row, details: Details, path: Path) -> Json:
        # SQLite's parser has a stack of 100 entries, and each level of nested subqueries takes about ten. A table
        # expression is parsed on its own; both databases put it back in place and look up the one row.
        source = row.model.__table__.alias(self.new_alias())
        twin = Row(row.model, source.name, depth=1)
        json = json_text.concat(self._object(type_, twin, details, path))
        objects = sa.select(twin.id.label("id"), json.label("json")).select_from(source).cte(self.new_alias())
        return [sa.select(objects.c.json).where(objects.c.id == row.id).scalar_subquery()]

    def field(self, definition: GraphQLField, row: Any, details: Details, path: Path) -> Json:
        """Return the JSON text of a field of *row*; ``null`` where it is null and may be."""
        declared = definition.extensions["strawberry-definition"]
        if not isinstance(declared, PlannedField):
            return leaf(definition.type, getattr(row, declared.python_name))
        coerced = self.arguments_of(definition, details[0], path)
        if coerced is None:
            return ["null"]
        decoder = Decoder(path, self.arguments)
        arguments = {
            to_snake_case(name): decoder.decode(coerced.get(name), argument.type)
            for name, argument in definition.args.items()
        }
        reading = declared.reading
        return reading.write(Field(self, reading, definition.type, row, arguments, details, path))

    def arguments_of(self, definition: GraphQLField, details: FieldDetails, path: Path) -> dict[str, Any] | None:
        """Return the coerced arguments of a field; None where they refuse the request, as a null for a default may."""
        try:
            return get_argument_values(definition, details.node, self.variables, hide_suggestions=True)
        except GraphQLError as error:
            message = error.message
        self.arguments.append(Argument(lambda _inputs: refuse(message), sa.Text(), path))
        return None

    def row_type(self, row: Row) -> GraphQLObjectType:
        """Return the type of the API that *row* has."""
        planned: Any = TYPE_OF_MODEL[row.model]
        return cast("GraphQLObjectType", self.schema.type_map[planned.__strawberry_definition__.name])

    def enter(self, statement: sa.Select[Any], parent: Any) -> Entered:
        """Return *statement*, which a body has written on its model, over an alias of its own and guarded."""
        model = statement.column_descriptions[0]["entity"]
        alias = model.__table__.alias(self.new_alias())
        adapted = ClauseAdapter(alias).traverse(statement)
        row = Row(model, alias.name, depth=parent.depth + 1 if isinstance(parent, Row) else 1)
        return Entered(adapted.where(self.visible(model, row)), row)

    def new_alias(self) -> str:
        """Return a name that no other table of the operation has."""
        if (alias := next(self.aliases)) > self.max_tables:
            raise TooManyTablesError
        return f"t{alias}"


@dataclass(frozen=True, slots=True)
class Field:
    """One planned field in a plan: what its word writes it by."""

    selection: Selection
    reading: Reading
    type_: GraphQLOutputType
    row: Any
    arguments: dict[str, Any]
    details: Details
    path: Path

    def read(self) -> Any:
        """Return what the body of the field says."""
        return self.reading.body(self.row, **self._taken_by(self.reading.body))

    def order(self, row: Any) -> Ordering:
        """Return the order of a connection over *row*."""
        order_by = self.reading.order_by
        assert order_by is not None  # noqa: S101 - `connection` requires one
        ordering: Ordering = order_by(row, **self._taken_by(order_by))
        return ordering

    def _taken_by(self, body: Callable[..., Any]) -> dict[str, Any]:
        names = inspect.signature(body).parameters
        return {name: value for name, value in self.arguments.items() if name in names}

    def enter(self, statement: sa.Select[Any]) -> Entered:
        """Enter the table that *statement* selects from, from the row that the field stands in."""
        return self.selection.enter(statement, self.row)

    def ordered_set(self) -> tuple[Entered, Ordering]:
        """Enter the table of a connection; return a fresh statement over all its rows, and their order."""
        entered = self.enter(self.read())
        return entered, self.order(entered.row)

    def object(self, row: Any) -> Json:
        """Return the JSON object of *row*, of the type that its table has, or else the field."""
        type_ = self.selection.row_type(row) if isinstance(row, Row) else get_named_type(self.type_)
        return self.selection.object(cast("GraphQLObjectType", type_), row, self.details, self.path)

    def checked(self, name: str, convert: Callable[[Any], Any]) -> Argument | None:
        """Return the argument *name* converted, or None if it is; see `check`."""
        argument = self.arguments[name]
        return None if argument is None else self.check(bind(convert, argument))

    def check(self, argument: Argument) -> Argument:
        """Have *argument* checked at each execution, whether the statement uses it or not."""
        self.selection.arguments.append(argument)
        return argument

    def check_rows(self, count: Argument) -> None:
        """Have checked how many rows *count*, the size of this page, means with the pages that it stands in."""
        pages = self.selection.pages
        around = [pages[self.path[:end]] for end in range(1, len(self.path)) if self.path[:end] in pages]
        pages[self.path] = count
        self.check(bind(checked_rows, *around, count))

    def constant(self, value: int) -> Argument:
        """Return an argument that always is *value*."""
        return Argument(lambda _inputs: value, sa.Integer(), self.path)
