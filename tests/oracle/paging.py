"""The home of the oracle's pages: orders, cursors, slices, and what is wrong with their arguments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from db.enums import OrderStatus
from db.ids import is_well_formed
from tests.oracle.formats import read_time, time_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.rows import Row

DEFAULT_SIZE = 20
LARGEST_SIZE = 100
FARTHEST_ROW = 1_000_000
_LARGEST_INTEGER = 2**63
_STATUSES = list(OrderStatus)


class BadInputError(Exception):
    """An argument that no answer can be given to."""

    def __init__(self, code: str = "BAD_USER_INPUT") -> None:
        """Take the code of the error."""
        super().__init__(code)
        self.code = code


def _integer(text: str) -> int:
    if re.fullmatch(r"-?[0-9]+", text) is None or not -_LARGEST_INTEGER <= int(text) < _LARGEST_INTEGER:
        raise BadInputError
    return int(text)


def _time(text: str) -> datetime:
    try:
        return read_time(text)
    except ValueError:
        raise BadInputError from None


@dataclass(frozen=True)
class Order:
    """A total order of rows: by a key, then by id."""

    name: str
    direction: str
    key: Callable[[Row], Any]
    read: Callable[[str], Any]
    write: Callable[[Any], str]

    def of(self, row: Row) -> tuple[Any, str]:
        """Return where *row* stands."""
        return self.key(row), row["id"]

    def sorted(self, rows: list[Row]) -> list[Row]:
        """Return *rows* in this order."""
        return sorted(rows, key=self.of, reverse=self.direction == "DESC")

    def before(self, one: tuple[Any, str], other: tuple[Any, str]) -> bool:
        """Tell whether *one* stands strictly before *other*."""
        return one > other if self.direction == "DESC" else one < other

    def cursor(self, row: Row) -> str:
        """Return the cursor of *row*."""
        return f"{self.name}:{self.direction}:{self.write(self.key(row))}:{row['id']}"

    def read_cursor(self, text: str) -> tuple[Any, str]:
        """Return where the row of a cursor stands, whether it is still there or not."""
        head = f"{self.name}:{self.direction}:"
        key, colon, row_id = text.removeprefix(head).rpartition(":")
        if not text.startswith(head) or not colon or not is_well_formed(row_id):
            raise BadInputError
        return self.read(key), row_id


BY_CREATION = Order("CREATED_AT", "ASC", lambda row: row["createdAt"], _time, time_text)
NEWEST_FIRST = Order("CREATED_AT", "DESC", lambda row: row["createdAt"], _time, time_text)


def order_of_orders(sort: dict[str, str] | None) -> Order:
    """Return the order that an argument orderBy asks for."""
    sort = sort or {}
    direction = sort.get("direction", "DESC")
    match sort.get("field", "ORDER_DATE"):
        case "ORDER_DATE":
            return Order("ORDER_DATE", direction, lambda row: row["orderDate"], _time, time_text)
        case "ORDER_NUMBER":
            return Order("ORDER_NUMBER", direction, lambda row: row["orderNumber"], str, str)
        case "TOTAL":
            # amounts have at most four decimals: whole numbers of 1/10,000
            return Order("TOTAL", direction, lambda row: int(row["total"] * Decimal(10_000)), _integer, str)
        case "STATUS":
            return Order("STATUS", direction, lambda row: _STATUSES.index(row["status"]), _integer, str)
    raise AssertionError(sort)


@dataclass(frozen=True)
class Window:
    """The arguments of a connection, read."""

    size: int
    backward: bool
    after: tuple[Any, str] | None
    before: tuple[Any, str] | None


def window(order: Order, arguments: dict[str, Any]) -> Window:
    """Read first, last, after and before; raise `BadInputError`."""
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None and last is not None:
        raise BadInputError
    size = DEFAULT_SIZE if first is None and last is None else first if last is None else last
    if size is None or not 1 <= size <= LARGEST_SIZE:
        raise BadInputError
    after, before = arguments.get("after"), arguments.get("before")
    return Window(
        size,
        last is not None,
        None if after is None else order.read_cursor(after),
        None if before is None else order.read_cursor(before),
    )


def connection(rows: list[Row], order: Order, arguments: dict[str, Any]) -> Row:
    """Return the connection over *rows*."""
    asked = window(order, arguments)
    everything = order.sorted(rows)
    within = [
        row
        for row in everything
        if (asked.after is None or order.before(asked.after, order.of(row)))
        and (asked.before is None or order.before(order.of(row), asked.before))
    ]
    page = within[-asked.size :] if asked.backward else within[: asked.size]
    cut = len(within) > asked.size
    return {
        "edges": [{"cursor": order.cursor(row), "node": row} for row in page],
        "nodes": page,
        "totalCount": len(everything),
        "pageInfo": {
            "hasNextPage": (not asked.backward and cut)
            or (asked.before is not None and any(not order.before(order.of(row), asked.before) for row in everything)),
            "hasPreviousPage": (asked.backward and cut)
            or (asked.after is not None and any(not order.before(asked.after, order.of(row)) for row in everything)),
            "startCursor": order.cursor(page[0]) if page else None,
            "endCursor": order.cursor(page[-1]) if page else None,
        },
    }


def check_page(arguments: dict[str, Any]) -> None:
    """Refuse a page by number that is out of range."""
    page, size = arguments["page"], arguments["size"]
    if page < 0 or not 1 <= size <= LARGEST_SIZE:
        raise BadInputError
    if page * size > FARTHEST_ROW:
        raise BadInputError(code="QUERY_TOO_EXPENSIVE")


def numbered_page(rows: list[Row], order: Order, arguments: dict[str, Any]) -> Row:
    """Return the page of *rows* with that number."""
    page, size = arguments["page"], arguments["size"]
    return {
        "content": order.sorted(rows)[page * size : (page + 1) * size],
        "totalElements": len(rows),
        "totalPages": -(-len(rows) // size),
        "number": page,
        "size": size,
        "first": page == 0,
        "last": (page + 1) * size >= len(rows),
    }
