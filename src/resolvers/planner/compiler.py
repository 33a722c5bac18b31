"""The home of the plan: a selection set becomes one SQL expression that writes its JSON.

Every table is entered through `_enter`, which adds the predicate of who may see its rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
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
from resolvers.planner.pages import connection_text, page_text
from resolvers.planner.rows import Entered, Row, model_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphql import GraphQLField, GraphQLOutputType, GraphQLSchema, OperationDefinitionNode
    from graphql.execution.values import VariableValues
    from sqlmodel import SQLModel

    from resolvers.planner.arguments import Path

    JsonText = sa.ColumnElement[str]
    Visible = Callable[[type[SQLModel], Any], sa.ColumnElement[bool]]

_QUOTED_AS_IT_IS = {"ID", "Decimal"}


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

    def fields(self, type_: GraphQLObjectType, details: list[FieldDetails]) -> dict[str, list[FieldDetails]]:
        """Return the fields that *details* select on *type_*, by response key, merged, in order."""
        collected = collect_subfields(
            self.schema, self.fragments, self.variables, self.operation, type_, details, hide_suggestions=True
        )
        return collected.grouped_field_set

    def object_text(self, type_: GraphQLObjectType, row: Any, details: list[FieldDetails], path: Path) -> JsonText:  # noqa: ANN401 - an alias or a part
        """Return the JSON object of *row*."""

        def member(name: str, nodes: list[FieldDetails], key: str) -> JsonText:
            return self.field_text(type_.fields[name], row, nodes, (*path, key))

        return self.members(type_, details, member)

    def members(
        self,
        type_: GraphQLObjectType,
        details: list[FieldDetails],
        member: Callable[[str, list[FieldDetails], str], JsonText],
    ) -> JsonText:
        """Return a JSON object whose members are written by *member*, from field name, nodes and response key."""
        parts: list[str | JsonText] = ["{"]
        for key, nodes in self.fields(type_, details).items():
            parts.append(("" if len(parts) == 1 else ",") + json_text.key(key))
            name = nodes[0].node.name.value
            parts.append(f'"{type_.name}"' if name == "__typename" else member(name, nodes, key))
        return json_text.concat([*parts, "}"])

    def field_text(self, definition: GraphQLField, row: Any, details: list[FieldDetails], path: Path) -> JsonText:  # noqa: ANN401
        """Return the JSON text of a field of *row*; ``null`` where it is null and may be."""
        declared = definition.extensions["strawberry-definition"]
        if not isinstance(declared, PlannedField):
            return _leaf_text(definition.type, getattr(row, declared.python_name))
        try:
            arguments = self._arguments(definition, details[0], path)
        except GraphQLError as error:
            message = error.message
            self.arguments.append(Argument(lambda _inputs: refuse(message), sa.Text(), path))
            return json_text.literal("null")
        return Field(self, declared.reading, definition.type, row, arguments, details, path).text()

    def _arguments(self, definition: GraphQLField, details: FieldDetails, path: Path) -> dict[str, Any]:
        coerced = get_argument_values(definition, details.node, self.variables, hide_suggestions=True)
        decoder = Decoder(path, self.arguments)
        return {
            to_snake_case(name): decoder.decode(coerced.get(name), argument.type)
            for name, argument in definition.args.items()
        }

    def row_type(self, row: Row) -> GraphQLObjectType:
        """Return the type of the API that *row* has."""
        planned: Any = TYPE_OF_MODEL[model_of(row)]
        return cast("GraphQLObjectType", self.schema.type_map[planned.__strawberry_definition__.name])

    def enter(self, statement: sa.Select[Any]) -> Entered:
        """Return *statement*, written by a body on its model, over an alias of its own and guarded."""
        model = statement.column_descriptions[0]["entity"]
        alias = model.__table__.alias(self.new_alias())
        adapted = ClauseAdapter(alias).traverse(statement)
        row = Row(model, alias.name)
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
    details: list[FieldDetails]
    path: Path

    def text(self) -> JsonText:
        """Return the JSON text of the field."""
        match self.reading.word:
            case "connection" | "page" as word:
                writer = connection_text if word == "connection" else page_text
                return writer(self)
            case "value":
                return _leaf_text(self.type_, self.read())
            case "many":
                return self._many(self.read())
            case "one":
                text = self._one(self.read())
                return text if isinstance(self.type_, GraphQLNonNull) else json_text.or_null(text)

    def read(self) -> Any:  # noqa: ANN401 - as the word of the field tells
        """Return what the body of the field says."""
        return self.reading.read(self.row, self.arguments)

    def _one(self, found: Any) -> JsonText:  # noqa: ANN401 - a part, a select or several
        if isinstance(found, Part):
            text = self.node_text(found.row)
            return text if found.present is None else sa.case((found.present, text))
        if isinstance(found, list):
            return sa.func.coalesce(*[self._one(statement) for statement in found], type_=json_text.type_)
        entered = self.enter(found)
        return entered.select(self.node_text(entered.row)).scalar_subquery()

    def _many(self, found: sa.Select[Any]) -> JsonText:
        entered = self.enter(found)
        return json_text.array_of(entered.select(self.node_text(entered.row)))

    def check(self, argument: Argument) -> Argument:
        """Have *argument* checked at each execution, whether the statement uses it or not."""
        self.selection.arguments.append(argument)
        return argument

    def constant(self, value: int) -> Argument:
        """Return an argument that always is *value*."""
        return Argument(lambda _inputs: value, sa.Integer(), self.path)

    def enter(self, statement: sa.Select[Any]) -> Entered:
        """Enter the table that *statement* selects from, from the row that the field stands in."""
        return self.selection.enter(statement)

    def node_text(self, row: Any, details: list[FieldDetails] | None = None, path: Path | None = None) -> JsonText:  # noqa: ANN401
        """Return the JSON object of *row*, of the type that its table has."""
        type_ = self.selection.row_type(row) if isinstance(row, Row) else get_named_type(self.type_)
        return self.selection.object_text(cast("GraphQLObjectType", type_), row, details or self.details, path or self.path)


def _leaf_text(type_: GraphQLOutputType, value: Any) -> JsonText:  # noqa: ANN401 - an expression, or a select for a list
    if isinstance(type_, GraphQLNonNull):
        return _present_leaf_text(type_.of_type, value)
    return json_text.or_null(_present_leaf_text(type_, value))


def _present_leaf_text(type_: GraphQLOutputType, value: Any) -> JsonText:  # noqa: ANN401
    if isinstance(type_, GraphQLList):
        if not isinstance(value, sa.Select):
            return json_text.as_text(value)
        (column,) = value.selected_columns
        return json_text.array_of(value.with_only_columns(_leaf_text(type_.of_type, column)))
    if isinstance(type_, GraphQLEnumType) or type_.name in _QUOTED_AS_IT_IS:
        return json_text.in_quotes(sa.type_coerce(value, sa.Text()))
    return _WRITERS[type_.name](value)


_WRITERS: dict[str, Callable[[Any], JsonText]] = {
    "String": json_text.quoted,
    "Int": json_text.as_text,
    "Boolean": json_text.boolean,
    "DateTime": lambda value: json_text.in_quotes(json_text.rfc3339(value)),
    "Date": lambda value: json_text.in_quotes(json_text.iso_date(value)),
    "JSON": json_text.as_text,
}
