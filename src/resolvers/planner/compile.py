"""The home of compiling: a selected field becomes SQL that writes its JSON.

Every table is entered through `Region.enter`, which adds the predicate of who may see its rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from graphql import GraphQLEnumType, GraphQLList, GraphQLNonNull

from db import json_text, number_text
from resolvers.planner import templates
from resolvers.planner.declare import PlannedField
from resolvers.planner.recent import Recent
from resolvers.planner.rows import Entered, Row, Shortcut
from resolvers.planner.templates import Gap, Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLOutputType
    from sqlalchemy.engine import Dialect
    from sqlmodel import SQLModel

    from db.json_text import Json
    from resolvers.planner.ordering import Ordering
    from resolvers.planner.selection import Members, Selected

    Visible = Callable[[type[SQLModel], Any], sa.ColumnElement[bool]]

MAX_KEPT = 8 * 1024 * 1024
"""Bytes of templates, about."""


class Compiler:
    """Compiles fields for *dialect*, each outline once while it is among those used last; *visible* guards tables."""

    def __init__(self, dialect: Dialect, visible: Visible) -> None:
        """Keep nothing yet."""
        self.dialect = dialect
        self._visible = visible
        self._kept: Recent[Any, Template] = Recent(MAX_KEPT)

    def template(self, owner: str, selected: Selected, row: Any) -> Template:
        """Return the template of a field that is *selected* on *row* of the type *owner*."""
        key = (owner, selected.outline)
        if (known := self._kept.get(key)) is not None:
            return known
        template = self._compiled(selected, row)
        self._kept.put(key, template, template.weight)
        return template

    def _compiled(self, selected: Selected, row: Any) -> Template:
        region = Region(self._visible, selected)
        parent = Row(row.model, templates.alias(0), depth=0) if isinstance(row, Row) else row
        json = region.field(selected, parent)
        arguments = tuple(argument.identity for argument in selected.bound())
        return Template(
            json=[
                piece if isinstance(piece, str) else templates.compiled(piece, self.dialect, frozenset(arguments))
                for piece in json
            ],
            aliases=region.aliases,
            gaps=region.gaps,
            arguments=arguments,
        )


def object_json(type_name: str, members: Members, write: Callable[[Selected], list[Any]]) -> list[Any]:
    """Return the JSON of an object, in pieces; *write* writes a member."""
    json: list[Any] = []
    for key, member in members.items():
        text = [f'"{type_name}"'] if member is None else write(member)
        json += ["," if json else "{", json_text.key(key), *text]
    return [*json, "}"] if json else ["{}"]


@dataclass(slots=True)
class Region:
    """The SQL of the field *root*, down to the next rows of tables, while it is compiled."""

    visible: Visible
    root: Selected
    aliases: int = 0
    gaps: list[Gap] = field(default_factory=list)

    def field(self, selected: Selected, row: Any) -> Json:
        """Return the JSON text of a field of *row*; ``null`` where it is null and may be."""
        declared = selected.declared
        if not isinstance(declared, PlannedField):
            return leaf(selected.definition.type, getattr(row, declared.python_name))
        if selected.refused:
            return ["null"]
        return declared.reading.write(Field(self, selected, row))

    def object(self, selected: Selected, row: Any) -> Json:
        """Return the JSON object of *row* with what is *selected* below; of a row of a table its gap."""
        if isinstance(row, Row):
            number = int(row.alias.strip("\x01"))
            self.gaps.append(Gap(row.model, number, row.depth, selected.path[len(self.root.path) :]))
            return [templates.gap(len(self.gaps) - 1)]
        [(type_name, members)] = selected.members.items()
        return object_json(type_name, members, lambda member: self.field(member, row))

    def enter(self, found: sa.Select[Any] | Shortcut, parent: Any) -> Entered:
        """Return what a body has written on its model, over an alias of its own and guarded."""
        statement = found.statement if isinstance(found, Shortcut) else found
        model = statement.column_descriptions[0]["entity"]
        row = Row(model, self.new_alias(), depth=parent.depth + 1 if isinstance(parent, Row) else 1)
        entered = Entered(row.put_into(statement).where(self.visible(model, row)), row)
        if not isinstance(found, Shortcut):
            return entered
        among_few = row.put_into(statement, found.few).where(self.visible(model, row))
        return replace(entered, among_few=among_few, shortcut=found)

    def new_alias(self) -> str:
        """Return a name that no other table of the region has."""
        self.aliases += 1
        return templates.alias(self.aliases)


@dataclass(frozen=True, slots=True)
class Field:
    """One planned field of *row* in a region: what its word writes it by."""

    region: Region
    selected: Selected
    row: Any

    @property
    def arguments(self) -> dict[str, Any]:
        """Its arguments, by the names of the body's parameters."""
        return self.selected.arguments

    @property
    def type_(self) -> GraphQLOutputType:
        """Its type in the API."""
        return self.selected.definition.type

    def read(self) -> Any:
        """Return what the body of the field says."""
        body = self.selected.declared.reading.body
        return body(self.row, **self.selected.taken_by(body))

    def leaf(self, value: Any) -> Json:
        """Return the JSON of *value*, which is of the scalar, enum or list that the field is."""
        return leaf(self.type_, value)

    def new_alias(self) -> str:
        """Return a name that no other table of the region has."""
        return self.region.new_alias()

    def order(self, row: Any) -> Ordering:
        """Return the order of a connection over *row*."""
        return self.selected.order(row)

    def enter(self, found: sa.Select[Any] | Shortcut) -> Entered:
        """Enter the table that *found* selects from, from the row that the field stands in."""
        return self.region.enter(found, self.row)

    def ordered_set(self) -> tuple[Entered, Ordering]:
        """Enter the table of a connection; return a fresh statement over all its rows, and their order."""
        entered = self.enter(self.read())
        return entered, self.order(entered.row)

    def object(self, row: Any) -> Json:
        """Return the JSON object of *row*."""
        return self.region.object(self.selected, row)


def leaf(type_: GraphQLOutputType, value: Any) -> Json:
    """Return the JSON of *value*, which is of the scalar, enum or list *type_*."""
    if isinstance(type_, GraphQLNonNull):
        return _present(type_.of_type, value)
    if isinstance(type_, GraphQLList) or _name(type_) != "Boolean":
        return json_text.or_null(_present(type_, value))
    return json_text.or_null([sa.case((value.is_not(None), json_text.boolean(value)))])


def _present(type_: GraphQLOutputType, value: Any) -> Json:
    if not isinstance(type_, GraphQLList):
        return _WRITERS["ID" if isinstance(type_, GraphQLEnumType) else _name(type_)](value)
    if not isinstance(value, sa.Select):
        return [json_text.as_text(value)]
    (column,) = value.selected_columns
    return json_text.array_of(value.with_only_columns(json_text.concat(leaf(type_.of_type, column))))


def _name(type_: Any) -> str:
    return str(type_.name)


def _plain(value: Any) -> Json:
    return json_text.in_quotes(sa.type_coerce(value, sa.Text()))


_NUMBERS = (number_text.decimal_text, number_text.price_text)

_WRITERS: dict[str, Callable[[Any], Json]] = {
    "ID": _plain,
    "Decimal": lambda value: _plain(value) if isinstance(value, _NUMBERS) else [json_text.quoted(value)],
    "String": lambda value: [json_text.quoted(value)],
    "Int": lambda value: [json_text.as_text(value)],
    "Float": lambda value: [json_text.as_text(value)],
    "Boolean": lambda value: [json_text.boolean(value)],
    "DateTime": lambda value: json_text.in_quotes(json_text.rfc3339(value)),
    "Date": lambda value: json_text.in_quotes(json_text.iso_date(value)),
    "JSON": lambda value: [json_text.as_text(value)],
}
