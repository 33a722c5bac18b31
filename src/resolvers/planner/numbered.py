"""The home of pages by number: a connection read by offset, as the REST original had it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import sqlalchemy as sa

from db import json_text
from resolvers.planner.arguments import Argument, bind
from resolvers.planner.counts import DEFAULT_PAGE, argument, checked_count, checked_number, checked_offset
from resolvers.planner.declarations import planned
from resolvers.planner.rows import Entered
from resolvers.planner.words import many, value

if TYPE_CHECKING:
    from db.json_text import Json
    from resolvers.planner.compiler import Field

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


@planned()
class Page(Generic[T]):
    """A page of a list, by number."""

    @many(T)  # type: ignore[misc]  # a value here: Strawberry puts the type in its place
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


def numbered_json(field: Field) -> Json:
    """Return the JSON of a page: its members beside the count, which is made once."""
    number, size = field.checked("page", checked_number), field.checked("size", checked_count)
    assert number is not None  # noqa: S101 - it is non-null in the schema, as is the size
    assert size is not None  # noqa: S101
    offset = field.check(bind(checked_offset, number, size))
    field.check_rows(field.arguments["size"])
    entered, _order = field.ordered_set()
    counted = entered.select(sa.func.count().label("total")).subquery()
    json = field.object(Numbered(field, number, size, offset, sa.column("total", sa.BigInteger())))
    return [sa.select(json_text.concat(json)).select_from(counted).scalar_subquery()]
