"""The home of the plan: a selection set becomes one SQL expression that writes its JSON.

Every table is entered through `_enter`, which adds the predicate of who may see its rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from graphql import (
    GraphQLError,
    GraphQLNonNull,
    GraphQLObjectType,
    get_argument_values,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from sqlalchemy.sql.util import ClauseAdapter
from strawberry.utils.str_converters import to_snake_case

from db import json_text
from resolvers.planner.arguments import Argument, Decoder, refuse
from resolvers.planner.declarations import TYPE_OF_MODEL, Part, PlannedField, Reading
from resolvers.planner.leaves import leaf
from resolvers.planner.pages import connection_json, page_json
from resolvers.planner.rows import Entered, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphql import GraphQLField, GraphQLOutputType, GraphQLSchema, OperationDefinitionNode
    from graphql.execution.values import VariableValues
    from sqlmodel import SQLModel

    from db.json_text import Json

    from resolvers.planner.arguments import Path

    Details = list[FieldDetails]
    Member = Callable[[str, Details, str], Json]
    Visible = Callable[[type[SQLModel], Any], sa.ColumnElement[bool]]

MAX_NESTED_ROWS = 3
"""So many rows inside one another are written where they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Compiles the selections of one operation; *variables* hold symbols, *visible* guards every table."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    variables: VariableValues
    visible: Visible
    aliases: Iterator[int] = field(default_factory=lambda: count(1))
    arguments: list[Argument] = field(default_factory=list)
    """All arguments met, in the order of execution; each is checked before any statement runs."""

    def fields(self, type_: GraphQLObjectType, details: Details) -> dict[str, list[FieldDetails]]:
        """Return the fields that *details* select on *type_*, by response key, merged, in order."""
        collected = collect_subfields(
            self.schema, self.fragments, self.variables, self.operation, type_, details, hide_suggestions=True
        )
        return collected.grouped_field_set

    def object(self, type_: GraphQLObjectType, row: Any, details: Details, path: Path) -> Json:  # noqa: ANN401 - a row or a part
        """Return the JSON object of *row*."""
        if isinstance(row, Row) and row.has_id and row.depth > MAX_NESTED_ROWS:
            return self._out_of_line(type_, row, details, path)
        return self._object(type_, row, details, path)

    def _object(self, type_: GraphQLObjectType, row: Any, details: Details, path: Path) -> Json:  # noqa: ANN401
        def member(name: str, nodes: Details, key: str) -> Json:
            return self.field(type_.fields[name], row, nodes, (*path, key))

        return self.members(type_, details, member)

    def _out_of_line(self, type_: GraphQLObjectType, row: Row, details: Details, path: Path) -> Json:
        # SQLite's parser has a stack of 100 entries, and each level of nested subqueries takes about ten. A table
        # expression is parsed on its own; both databases put it back in place and look up the one row.
        source = row.model.__table__.alias(self.new_alias())
        twin = Row(row.model, source.name, depth=1)
        json = json_text.concat(self._object(type_, twin, details, path))
        objects = sa.select(twin.id.label("id"), json.label("json")).select_from(source).cte(self.new_alias())
        return [sa.select(objects.c.json).where(objects.c.id == row.id).scalar_subquery()]

    def members(
        self,
        type_: GraphQLObjectType,
        details: Details,
        member: Member,
    ) -> Json:
        """Return a JSON object whose members are written by *member*, from field name, nodes and response key."""
        json: Json = []
        for key, nodes in self.fields(type_, details).items():
            name = nodes[0].node.name.value
            written = [f'"{type_.name}"'] if name == "__typename" else member(name, nodes, key)
            json += ["," if json else "{", json_text.key(key), *written]
        return [*json, "}"] if json else ["{}"]

    def field(self, definition: GraphQLField, row: Any, details: Details, path: Path) -> Json:  # noqa: ANN401
        """Return the JSON text of a field of *row*; ``null`` where it is null and may be."""
        declared = definition.extensions["strawberry-definition"]
        if not isinstance(declared, PlannedField):
            return leaf(definition.type, getattr(row, declared.python_name))
        try:
            arguments = self._arguments(definition, details[0], path)
        except GraphQLError as error:
            message = error.message
            self.arguments.append(Argument(lambda _inputs: refuse(message), sa.Text(), path))
            return ["null"]
        return Field(self, declared.reading, definition.type, row, arguments, details, path).json()

    def _arguments(self, definition: GraphQLField, details: FieldDetails, path: Path) -> dict[str, Any]:
        coerced = get_argument_values(definition, details.node, self.variables, hide_suggestions=True)
        decoder = Decoder(path, self.arguments)
        return {
            to_snake_case(name): decoder.decode(coerced.get(name), argument.type)
            for name, argument in definition.args.items()
        }

    def row_type(self, row: Row) -> GraphQLObjectType:
        """Return the type of the API that *row* has."""
        planned: Any = TYPE_OF_MODEL[row.model]
        return cast("GraphQLObjectType", self.schema.type_map[planned.__strawberry_definition__.name])

    def enter(self, statement: sa.Select[Any], parent: Any) -> Entered:  # noqa: ANN401 - a row or a part
        """Return *statement*, which a body has written on its model, over an alias of its own and guarded."""
        model = statement.column_descriptions[0]["entity"]
        alias = model.__table__.alias(self.new_alias())
        adapted = ClauseAdapter(alias).traverse(statement)
        row = Row(model, alias.name, depth=parent.depth + 1 if isinstance(parent, Row) else 1)
        return Entered(adapted.where(self.visible(model, row)), row)

    def new_alias(self) -> str:
        """Return a name that no other table of the operation has."""
        return f"t{next(self.aliases)}"


@dataclass(frozen=True, slots=True)
class Field:
    """One planned field in a plan."""

    selection: Selection
    reading: Reading
    type_: GraphQLOutputType
    row: Any
    arguments: dict[str, Any]
    details: Details
    path: Path

    def json(self) -> Json:
        """Return the JSON of the field."""
        match self.reading.word:
            case "connection":
                return connection_json(self)
            case "page":
                return page_json(self)
            case "value":
                return leaf(self.type_, self.read())
            case "many":
                return self._many(self.read())
            case "one":
                json = self._one(self.read())
                return json if isinstance(self.type_, GraphQLNonNull) else json_text.or_null(json)

    def read(self) -> Any:  # noqa: ANN401 - as the word of the field tells
        """Return what the body of the field says."""
        return self.reading.read(self.row, self.arguments)

    def _one(self, found: Any) -> Json:  # noqa: ANN401 - a part, a select or several
        if isinstance(found, Part):
            json = self.node(found.row)
            return json if isinstance(self.type_, GraphQLNonNull) else [sa.case((found.present, json_text.concat(json)))]
        if isinstance(found, list):
            nodes = [json_text.concat(self._one(statement)) for statement in found]
            return [sa.func.coalesce(*nodes, type_=json_text.type_)]
        entered = self.enter(found)
        return [entered.select(json_text.concat(self.node(entered.row))).scalar_subquery()]

    def _many(self, found: sa.Select[Any]) -> Json:
        entered = self.enter(found)
        return json_text.array_of(entered.select(json_text.concat(self.node(entered.row))))

    def check(self, argument: Argument) -> Argument:
        """Have *argument* checked at each execution, whether the statement uses it or not."""
        self.selection.arguments.append(argument)
        return argument

    def constant(self, value: int) -> Argument:
        """Return an argument that always is *value*."""
        return Argument(lambda _inputs: value, sa.Integer(), self.path)

    def enter(self, statement: sa.Select[Any]) -> Entered:
        """Enter the table that *statement* selects from, from the row that the field stands in."""
        return self.selection.enter(statement, self.row)

    def node(self, row: Any, details: Details | None = None, path: Path | None = None) -> Json:  # noqa: ANN401
        """Return the JSON object of *row*, of the type that its table has."""
        type_ = self.selection.row_type(row) if isinstance(row, Row) else get_named_type(self.type_)
        return self.selection.object(cast("GraphQLObjectType", type_), row, details or self.details, path or self.path)
