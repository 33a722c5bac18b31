"""The home of paged SQL: what a connection and a page by number select, as far as they are asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from graphql import get_named_type

from db import json_text
from resolvers.planner.arguments import bind
from resolvers.planner.rows import Row
from resolvers.planner.paging import DEFAULT_PAGE, checked_count, checked_number, checked_offset, not_both

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLObjectType
    from graphql.execution.collect_fields import FieldDetails

    from db.json_text import Json
    from resolvers.planner.arguments import Argument, Path
    from resolvers.planner.compiler import Field
    from resolvers.planner.paging import Ordering
    from resolvers.planner.rows import Entered

    Details = list[FieldDetails]
    Cursors = tuple[Argument | None, Argument | None]
    Member = Callable[[Details, Path], Json]


@dataclass(frozen=True, slots=True)
class _Set:
    """The filtered, visible, ordered set that a paged field reads."""

    field: Field

    def enter(self) -> tuple[Entered, Ordering]:
        """Return a fresh statement over the set, and its order."""
        entered = self.field.enter(self.field.read())
        return entered, self.order(entered.row)

    def order(self, row: Any) -> Ordering:  # noqa: ANN401 - an alias
        """Return the order of the set over *row*."""
        return self.field.reading.order(row, self.field.arguments)

    def count(self) -> sa.ColumnElement[int]:
        """Return how many rows the set has."""
        entered, _order = self.enter()
        return entered.select(sa.func.count()).scalar_subquery()

    def holds(self, cursor: Argument | None, *, after: bool) -> sa.ColumnElement[bool]:
        """Tell whether a row stands on *cursor* or beyond it; false without a cursor."""
        if cursor is None:
            return sa.false()
        entered, order = self.enter()
        beyond = entered.where(order.beyond(cursor, after=after, inclusive=True))
        return sa.exists(beyond.select(sa.literal_column("1")))

    def argument(self, name: str, convert: Callable[[Any], Any] | None = None) -> Argument | None:
        """Return the argument *name* converted, or None; it is checked whether the statement uses it or not."""
        argument = self.field.arguments.get(name)
        if argument is None or convert is None:
            return argument
        return self.field.check(bind(convert, argument))

    def members(self, writers: dict[str, Member]) -> Json:
        """Return the JSON object of the field, whose members are written by *writers*."""
        return _members(self.field, get_named_type(self.field.type_), self.field.details, self.field.path, writers)


def _members(field: Field, type_: Any, details: Details, path: Path, writers: dict[str, Member]) -> Json:  # noqa: ANN401
    return field.selection.members(
        type_, details, lambda name, nodes, key: writers[name](nodes, (*path, key))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """A page by cursor. Its table has one row more than *count*, which tells whether the page is the last."""

    set: _Set
    source: sa.FromClause
    row: Row
    position: sa.ColumnElement[int]
    count: Argument
    columns: list[sa.ColumnElement[Any]] = field(default_factory=list)

    def column(self, json: Json, *, among: sa.ColumnElement[bool] | None = None) -> sa.ColumnElement[str]:
        """Add *json* of the rows *among*, or of those of the page, to the table; return the column."""
        name = f"c{len(self.columns)}"
        inside = self.position <= self.count if among is None else among
        self.columns.append(sa.case((inside, json_text.concat(json))).label(name))
        return sa.column(name, sa.Text())

    def nodes(self, details: Details, path: Path) -> Json:
        """Write the nodes."""
        return json_text.array(self.column(self.set.field.node(self.row, details, path)))

    def edges(self, details: Details, path: Path) -> Json:
        """Write the edges."""
        type_ = get_named_type(get_named_type(self.set.field.type_).fields["edges"].type)
        writers: dict[str, Member] = {
            "node": lambda nodes, below: self.set.field.node(self.row, nodes, below),
            "cursor": lambda _nodes, _below: [json_text.quoted(self.cursor())],
        }
        return json_text.array(self.column(_members(self.set.field, type_, details, path, writers)))

    def cursor(self) -> sa.ColumnElement[str]:
        """Return the cursor of a row, as text."""
        return self.set.order(self.row).cursor()

    def near_cursor(self) -> Json:
        """Write the cursor of the row that the page begins to count at."""
        return self._one_cursor(self.position == 1)

    def far_cursor(self) -> Json:
        """Write the cursor of the row at the other end of the page."""
        is_last = self.position == sa.func.count().over()
        return self._one_cursor((self.position == self.count) | ((self.position < self.count) & is_last))

    def _one_cursor(self, condition: sa.ColumnElement[bool]) -> Json:
        text = sa.func.max(self.column([self.cursor()], among=condition), type_=sa.Text())
        return json_text.or_null([sa.case((text.is_not(None), json_text.quoted(text)))])

    def overflows(self) -> sa.ColumnElement[bool]:
        """Tell whether rows between the cursors did not fit into the page."""
        self.column([sa.null()])
        return sa.func.count() > self.count

    def table(self, *, backward: bool) -> sa.Subquery:
        """Return the table that the columns live in, in the order of the set."""
        order = self.position.desc() if backward else self.position.asc()
        return sa.select(*self.columns).select_from(self.source).order_by(order).subquery()


def connection_json(field: Field) -> Json:
    """Return the JSON object of a connection."""
    rows = _Set(field)
    entered, order = rows.enter()
    first, last = rows.argument("first", checked_count), rows.argument("last", checked_count)
    after, before = rows.argument("after", order.checked), rows.argument("before", order.checked)
    if first is not None and last is not None:
        field.check(bind(not_both, first, last))
    backward = last is not None
    count = last if backward else first
    count = field.constant(DEFAULT_PAGE) if count is None else count
    window = _window(rows, entered, count, (after, before), backward=backward)
    writers: dict[str, Member] = {
        "nodes": window.nodes,
        "edges": window.edges,
        "totalCount": lambda _nodes, _path: [json_text.as_text(rows.count())],
        "pageInfo": lambda nodes, path: _page_info(window, nodes, path, (after, before), backward=backward),
    }
    json = rows.members(writers)
    if not window.columns:
        return json
    return [sa.select(json_text.concat(json)).select_from(window.table(backward=backward)).scalar_subquery()]


def _window(rows: _Set, entered: Entered, count: Argument, cursors: Cursors, *, backward: bool) -> _Window:
    order = rows.order(entered.row)
    for cursor, after in zip(cursors, (True, False), strict=True):
        if cursor is not None:
            entered = entered.where(order.beyond(cursor, after=after))
    one_more = bind(lambda number: number + 1, count)
    limited = entered.ordered(order.sorted(reverse=backward)).limited(one_more)
    row = replace(entered.row, alias=rows.field.selection.new_alias())
    source = limited.everything().subquery(row.alias)
    position = sa.func.row_number().over(order_by=rows.order(row).sorted(reverse=backward))
    return _Window(set=rows, source=source, row=row, position=position, count=count)


def _page_info(window: _Window, details: Details, path: Path, cursors: Cursors, *, backward: bool) -> Json:
    rows, (after, before) = window.set, cursors

    def exists(cursor: Argument | None, *, following: bool) -> Json:
        beyond = rows.holds(cursor, after=following)
        counted_from_there = backward is not following
        return [json_text.boolean(window.overflows() | beyond if counted_from_there else beyond)]

    writers: dict[str, Member] = {
        "hasNextPage": lambda _nodes, _path: exists(before, following=True),
        "hasPreviousPage": lambda _nodes, _path: exists(after, following=False),
        "startCursor": lambda _nodes, _path: window.far_cursor() if backward else window.near_cursor(),
        "endCursor": lambda _nodes, _path: window.near_cursor() if backward else window.far_cursor(),
    }
    type_ = get_named_type(get_named_type(rows.field.type_).fields["pageInfo"].type)
    return _members(rows.field, type_, details, path, writers)


def page_json(field: Field) -> Json:
    """Return the JSON object of a page by number."""
    rows = _Set(field)
    number, size = rows.argument("page", checked_number), rows.argument("size", checked_count)
    assert number is not None and size is not None  # noqa: S101, PT018 - both are non-null in the schema
    offset = field.check(bind(lambda page, count: checked_offset(page * count), number, size))
    total = sa.column("total", sa.BigInteger())
    writers: dict[str, Member] = {
        "content": lambda nodes, path: _content(rows, size, offset, nodes, path),
        "totalElements": lambda _nodes, _path: [json_text.as_text(total)],
        "totalPages": lambda _nodes, _path: [json_text.as_text((total + size - 1) // size)],
        "first": lambda _nodes, _path: [json_text.boolean(number == 0)],
        "last": lambda _nodes, _path: [json_text.boolean(offset + size >= total)],
        "size": lambda _nodes, _path: [json_text.as_text(size)],
        "number": lambda _nodes, _path: [json_text.as_text(number)],
    }
    counted = sa.select(rows.count().label("total")).subquery()
    return [sa.select(json_text.concat(rows.members(writers))).select_from(counted).scalar_subquery()]


def _content(rows: _Set, size: Argument, offset: Argument, details: Details, path: Path) -> Json:
    entered, order = rows.enter()
    page = entered.ordered(order.sorted()).limited(size, offset)
    return json_text.array_of(page.select(json_text.concat(rows.field.node(page.row, details, path))))
