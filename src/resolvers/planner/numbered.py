"""The home of pages by number: a connection read by offset, as the REST original had it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import sqlalchemy as sa

from db import json_text
from resolvers.planner.arguments import Argument, bind
from resolvers.planner.counts import DEFAULT_PAGE, argument, checked_count, checked_number, checked_offset
from resolvers.planner.declare import PlannedField, Reading, listed, planned, planned_field, value
from resolvers.planner.rows import Entered

if TYPE_CHECKING:
    from db.json_text import Json
    from resolvers.planner.declare import Checked, Field, Word

T = TypeVar("T")

NUMBER_ARGUMENTS = (
    argument("page", int, "The number of the page, from 0.", 0),
    argument("size", int, "How many elements a page has, 1 to 100.", DEFAULT_PAGE),
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """The row of a page: what was asked for, beside the number of all elements."""

    of: Field
    number: Argument
    size: Argument
    offset: Argument
    total: sa.ColumnElement[int]


def _rows(type_: Any) -> Word:
    """Declare the list of the rows of a page, whose body returns them."""
    return lambda body: planned_field(
        Reading(lambda field: listed(field, field.read()), body), list[type_], kind=PlannedField
    )


@planned()
class Page(Generic[T]):
    """A page of a list, by number."""

    @_rows(T)  # type: ignore[misc]  # a value here: Strawberry puts the type in its place
    def content(row: Numbered) -> Entered:
        """The elements of the page; empty beyond the end."""
        entered, order = row.of.ordered_set()
        return entered.ordered(order.sorted()).limited(row.size, row.offset)

    @value(int)
    def total_pages(row: Numbered) -> sa.ColumnElement[int]:
        """How many pages of this size there are."""
        return (row.total + row.size - 1) // row.size

    @value(int)
    def total_elements(row: Numbered) -> sa.ColumnElement[int]:
        """How many elements the whole list has."""
        return row.total

    @value(bool)
    def first(row: Numbered) -> sa.ColumnElement[bool]:
        """Whether this is the first page."""
        return row.number == 0

    @value(bool)
    def last(row: Numbered) -> sa.ColumnElement[bool]:
        """Whether no page follows."""
        return row.offset + row.size >= row.total

    @value(int)
    def size(row: Numbered) -> sa.ColumnElement[int]:
        """How many elements a page has at most."""
        return row.size

    @value(int)
    def number(row: Numbered) -> sa.ColumnElement[int]:
        """The number of this page, from 0."""
        return row.number


def check_numbered(field: Checked) -> None:
    """Have checked which page is asked for."""
    asked = field.arguments["size"]
    field.replace("page", checked_number)
    field.replace("size", checked_count)
    field.check(bind(checked_offset, field.arguments["page"], field.arguments["size"]))
    field.check_rows(asked)


def numbered_json(field: Field) -> Json:
    """Return the JSON of a page: its members beside the count, which is made once."""
    number, size = field.arguments["page"], field.arguments["size"]
    offset = bind(checked_offset, number, size)
    entered, _order = field.ordered_set()
    counted = entered.select(sa.func.count().label("total")).subquery()
    json = field.object(Numbered(field, number, size, offset, sa.column("total", sa.BigInteger())))
    return [sa.select(json_text.concat(json)).select_from(counted).scalar_subquery()]
