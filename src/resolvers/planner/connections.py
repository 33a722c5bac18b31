"""The home of the word `connection`: Relay connections by keyset, in both directions.

U is the filtered, visible, totally ordered set; W its part strictly between the cursors; the page is the first or the
last rows of W, always in the order of U.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import sqlalchemy as sa

from db import json_text
from resolvers.planner.arguments import Argument, bind
from resolvers.planner.counts import DEFAULT_PAGE, argument, checked_count, not_both
from resolvers.planner.declare import Part, PlannedField, Reading, one, planned, planned_field, value
from resolvers.planner.numbered import NUMBER_ARGUMENTS, Page, check_numbered, numbered_json
from resolvers.planner.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.json_text import Json
    from resolvers.planner.declare import Checked, Field, Word
    from resolvers.planner.ordering import Ordering

T = TypeVar("T")

_ARGUMENTS = (
    argument("first", int | None, "How many elements from the start, 1 to 100; 20 when last is left out as well."),
    argument("after", str | None, "Only elements after this cursor."),
    argument("last", int | None, "How many elements from the end, 1 to 100; not together with first."),
    argument("before", str | None, "Only elements before this cursor."),
)


class ConnectionField(PlannedField):
    """A connection, which can be read by page number as well."""

    element: Any

    def by_number(self, description: str) -> PlannedField:
        """Return a field that reads this connection by page number."""
        reading = replace(self.reading, write=numbered_json, check=check_numbered)
        page: Any = Page
        return planned_field(
            reading, page[self.element], kind=PlannedField, description=description, arguments=NUMBER_ARGUMENTS
        )


def connection(
    type_: Any, *, order_by: Callable[..., Ordering], nullable: bool = False, **options: Any
) -> Callable[[Callable[..., Any]], ConnectionField]:
    """Declare a connection whose body returns a select; *order_by* takes its row, has arguments and orders it.

    *nullable* is for the root, which may refuse.
    """

    def declare(body: Callable[..., Any]) -> ConnectionField:
        reading = Reading(_connection_json, body, order_by, _check)
        page = Connection[type_] | None if nullable else Connection[type_]
        declared = planned_field(reading, page, arguments=_ARGUMENTS, kind=ConnectionField, **options)
        declared.element = type_
        return declared

    return declare


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The row of a connection: the page as a table of *columns*, made while the selection is written.

    The table has one row more than *count*, which tells whether the page is the last.
    """

    of: Field
    row: Row
    source: sa.FromClause
    position: sa.ColumnElement[int]
    count: Argument
    after: Argument | None
    before: Argument | None
    backward: bool
    columns: list[sa.ColumnElement[Any]] = field(default_factory=list)

    def column(self, json: Json, *, among: sa.ColumnElement[bool] | None = None) -> sa.ColumnElement[str]:
        """Add *json* of the rows *among*, or of those of the page, to the table; return the column."""
        name = f"c{len(self.columns)}"
        inside = self.position <= self.count if among is None else among
        self.columns.append(sa.case((inside, json_text.concat(json))).label(name))
        return sa.column(name, sa.Text())

    def cursor(self) -> sa.ColumnElement[str]:
        """Return the cursor of a row."""
        return self.of.order(self.row).cursor()

    def end_cursor(self, *, near: bool) -> sa.ColumnElement[str]:
        """Return the cursor of the row where counting begins (*near*), or of the one at the other end of the page."""
        is_last = (self.position < self.count) & (self.position == sa.func.count().over())
        among = self.position == 1 if near else (self.position == self.count) | is_last
        return sa.func.max(self.column([self.cursor()], among=among), type_=sa.Text())

    def continues(self, *, following: bool) -> sa.ColumnElement[bool]:
        """Tell whether U has a row *following* the page, or preceding it."""
        cursor = self.before if following else self.after
        beyond = sa.false() if cursor is None else self._exists_beyond(cursor, after=following)
        if self.backward is following:
            return beyond
        self.column([json_text.literal("")])
        return (sa.func.count() > self.count) | beyond

    def _exists_beyond(self, cursor: Argument, *, after: bool) -> sa.ColumnElement[bool]:
        entered, order = self.of.ordered_set()
        beyond = entered.where(order.beyond(cursor, after=after, inclusive=True))
        return sa.exists(beyond.select(sa.literal_column("1")))

    def total(self) -> sa.ColumnElement[int]:
        """Return how many rows U has."""
        entered, _order = self.of.ordered_set()
        return entered.select(sa.func.count()).scalar_subquery()

    def table(self) -> sa.Subquery:
        """Return the table that the columns live in, in the order of U."""
        order = self.position.desc() if self.backward else self.position.asc()
        return sa.select(*self.columns).select_from(self.source).order_by(order).subquery()


def _rows(type_: Any) -> Word:
    """Declare a list of the rows of a page, whose body returns the row of an element."""
    return lambda body: planned_field(Reading(_rows_json, body), list[type_], kind=PlannedField)


def _rows_json(field: Field) -> Json:
    window: Window = field.row
    return json_text.array(window.column(field.object(field.read())))


@planned()
class PageInfo:
    """Where a page stands in its connection."""

    @value(bool)
    def has_next_page(row: Window) -> sa.ColumnElement[bool]:
        """Whether the connection has an element after this page."""
        return row.continues(following=True)

    @value(bool)
    def has_previous_page(row: Window) -> sa.ColumnElement[bool]:
        """Whether the connection has an element before this page."""
        return row.continues(following=False)

    @value(str | None)
    def start_cursor(row: Window) -> sa.ColumnElement[str]:
        """The cursor of the first element; null on an empty page."""
        return row.end_cursor(near=not row.backward)

    @value(str | None)
    def end_cursor(row: Window) -> sa.ColumnElement[str]:
        """The cursor of the last element; null on an empty page."""
        return row.end_cursor(near=row.backward)


@planned()
class Edge(Generic[T]):
    """An element of a connection with its cursor."""

    @value(str)
    def cursor(row: Window) -> sa.ColumnElement[str]:
        """Where the element stands in this order; pass it as after or before."""
        return row.cursor()

    @one(T)  # type: ignore[misc]  # a value here: Strawberry puts the type in its place
    def node(row: Window) -> Part:
        """The element."""
        return Part(row.row)


@planned()
class Connection(Generic[T]):
    """A page of a list, by cursor."""

    @_rows(Edge[T])
    def edges(row: Window) -> Window:
        """The elements of the page with their cursors."""
        return row

    @_rows(T)  # type: ignore[misc]  # a value here: Strawberry puts the type in its place
    def nodes(row: Window) -> Row:
        """The elements of the page."""
        return row.row

    @one(PageInfo)
    def page_info(row: Window) -> Part:
        """Where the page stands in the list."""
        return Part(row)

    @value(int)
    def total_count(row: Window) -> sa.ColumnElement[int]:
        """How many elements the whole list has, whatever the page. Costs nothing unless selected."""
        return row.total()


def _check(field: Checked) -> None:
    """Have checked which page is asked for: the first 20 rows unless *field* says otherwise."""
    first, last = field.arguments["first"], field.arguments["last"]
    if first is None and last is None:
        first = field.arguments["first"] = field.constant(DEFAULT_PAGE)
    order = field.order(field.element_row())
    for name, convert in (("first", checked_count), ("last", checked_count)):
        field.replace(name, convert)
    for name in ("after", "before"):
        field.replace(name, order.checked)
    if first is not None and last is not None:
        field.check(bind(not_both, first, last))
    asked: Any = first if last is None else last
    field.check_rows(asked)


def _connection_json(field: Field) -> Json:
    window = _window(field)
    json = field.object(window)
    if not window.columns:
        return json
    return [sa.select(json_text.concat(json)).select_from(window.table()).scalar_subquery()]


def _window(field: Field) -> Window:
    entered, order = field.ordered_set()
    first, last, after, before = (field.arguments[name] for name in ("first", "last", "after", "before"))
    backward = last is not None
    count = last if backward else first
    if after is not None:
        entered = entered.where(order.beyond(after, after=True))
    if before is not None:
        entered = entered.where(order.beyond(before, after=False))
    one_more = bind(lambda number: number + 1, count)
    limited = entered.ordered(order.sorted(reverse=backward)).limited(one_more)
    row = replace(entered.row, alias=field.new_alias())
    return Window(
        of=field,
        row=row,
        source=limited.everything().subquery(row.alias),
        position=sa.func.row_number().over(order_by=field.order(row).sorted(reverse=backward)),
        count=count,
        after=after,
        before=before,
        backward=backward,
    )
