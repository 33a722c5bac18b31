"""The home of paging: Relay connections by keyset, in both directions, and pages by number.

U is the filtered, visible, totally ordered set; W its part strictly between the cursors; the page is the first or the
last *n* of W, always in the order of U.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, NoReturn, TypeVar

import sqlalchemy as sa
import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from db import json_text
from db.columns import Amount, UtcDateTime
from db.ids import is_well_formed
from resolvers.planner.arguments import bind, refuse
from resolvers.descriptions import api_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from resolvers.planner.arguments import Argument

T = TypeVar("T")

MAX_PAGE = 100
DEFAULT_PAGE = 20
MAX_OFFSET = 1_000_000


@api_type
class PageInfo:
    """Where a page stands in its connection."""

    has_next_page: bool
    """Whether the connection has an element after this page."""
    has_previous_page: bool
    """Whether the connection has an element before this page."""
    start_cursor: str | None
    """The cursor of the first element; null on an empty page."""
    end_cursor: str | None
    """The cursor of the last element; null on an empty page."""


@api_type
class Edge(Generic[T]):
    """An element of a connection with its cursor."""

    cursor: str
    """Where the element stands in this order; pass it as after or before."""
    node: T
    """The element."""


@api_type
class Connection(Generic[T]):
    """A page of a list, by cursor."""

    edges: list[Edge[T]]
    """The elements of the page with their cursors."""
    nodes: list[T]
    """The elements of the page."""
    page_info: PageInfo
    """Where the page stands in the list."""
    total_count: int
    """How many elements the whole list has, whatever the page. Costs nothing unless selected."""


@api_type
class Page(Generic[T]):
    """A page of a list, by number, as the REST original had it."""

    content: list[T]
    """The elements of the page; empty beyond the end."""
    total_pages: int
    """How many pages of this size there are."""
    total_elements: int
    """How many elements the whole list has."""
    first: bool
    """Whether this is the first page."""
    last: bool
    """Whether no page follows."""
    size: int
    """How many elements a page has at most."""
    number: int
    """The number of this page, from 0."""


def _argument(name: str, type_: Any, description: str, default: object = UNSET) -> StrawberryArgument:  # noqa: ANN401
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(Annotated[type_, strawberry.argument(description=description)]),
        default=default,
    )


PAGING_ARGUMENTS = {
    "connection": (
        _argument("first", int | None, "How many elements from the start, 1 to 100; 20 when last is left out as well."),
        _argument("after", str | None, "Only elements after this cursor."),
        _argument("last", int | None, "How many elements from the end, 1 to 100; not together with first."),
        _argument("before", str | None, "Only elements before this cursor."),
    ),
    "page": (
        _argument("page", int, "The number of the page, from 0.", 0),
        _argument("size", int, "How many elements a page has, 1 to 100.", 20),
    ),
}


@dataclass(frozen=True, slots=True)
class Ordering:
    """A total order: by *key*, then by id in the same direction. *name* and *direction* stand in its cursors."""

    name: str
    key: sa.ColumnElement[Any]
    id: sa.ColumnElement[str]
    direction: str = "ASC"

    @property
    def prefix(self) -> str:
        """What a cursor of this order begins with."""
        return f"{self.name}:{self.direction}:"

    @property
    def raw_key(self) -> sa.ColumnElement[Any]:
        """The key as it is stored."""
        return sa.type_coerce(self.key, sa.BigInteger()) if isinstance(self.key.type, Amount) else self.key

    def cursor(self) -> sa.ColumnElement[str]:
        """Return the cursor of the row as SQL text, not yet JSON."""
        is_time = isinstance(self.key.type, UtcDateTime)
        key = json_text.rfc3339(self.key) if is_time else json_text.as_text(self.raw_key)
        return json_text.concat([self.prefix, key, ":", self.id])

    def sorted(self, *, reverse: bool = False) -> list[sa.ColumnElement[Any]]:
        """Return the ORDER BY clauses."""
        descending = (self.direction == "DESC") is not reverse
        return [part.desc() if descending else part.asc() for part in (self.key, self.id)]

    def beyond(self, cursor: Argument, *, after: bool, inclusive: bool = False) -> sa.ColumnElement[bool]:
        """Return the condition that a row stands after (or before) *cursor*, or on it if *inclusive*."""
        row = sa.tuple_(self.raw_key, self.id)
        key = bind(lambda text: self.parse(text)[0], cursor, type_=self.raw_key.type)
        position = sa.tuple_(key, bind(lambda text: self.parse(text)[1], cursor))
        if (self.direction == "ASC") is after:
            return row >= position if inclusive else row > position
        return row <= position if inclusive else row < position

    def checked(self, cursor: str) -> str:
        """Return *cursor*; raise `BadArgument` unless it was made for this order."""
        self.parse(cursor)
        return cursor

    def parse(self, cursor: str) -> tuple[Any, str]:
        """Return key and id of *cursor*; raise `BadArgument` unless it was made for this order."""
        key, colon, row_id = cursor.removeprefix(self.prefix).rpartition(":")
        if not (cursor.startswith(self.prefix) and colon and is_well_formed(row_id)):
            refuse("This cursor was not made for this list and order. Use a cursor of the same query, or leave it out.")
        return self._parse_key(key), row_id

    def _parse_key(self, key: str) -> Any:  # noqa: ANN401 - as the key is
        try:
            if isinstance(self.key.type, UtcDateTime):
                return parsed_time(key)
            if isinstance(self.raw_key.type, sa.Integer):
                return _bigint(key)
        except ValueError:
            refuse("This cursor is not one that the gateway made. Use a cursor of an answer, or leave it out.")
        return key


def parsed_time(text: str) -> datetime:
    """Return the time that the gateway prints as *text*; raise `ValueError` for any other spelling."""
    time = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ" if "." in text else "%Y-%m-%dT%H:%M:%SZ")
    return time.replace(tzinfo=UTC)


def _bigint(text: str) -> int:
    number = int(text)
    if str(number) != text or not -(2**63) <= number < 2**63:
        raise ValueError(text)
    return number


def checked_count(count: int) -> int:
    """Return *count*, the size of a page; raise `BadArgument` outside of 1 to 100."""
    return count if 1 <= count <= MAX_PAGE else refuse(f"Ask for 1 to {MAX_PAGE} elements.")


def not_both(_first: int, _last: int) -> NoReturn:
    """Raise `BadArgument`: a page counts from one end."""
    refuse("Pass first or last, not both.")


def checked_number(number: int) -> int:
    """Return the page *number*; raise `BadArgument` below 0."""
    return number if number >= 0 else refuse("Pages are numbered from 0.")


def checked_offset(offset: int) -> int:
    """Return *offset*, page times size; raise `BadArgument` (QUERY_TOO_EXPENSIVE) where it is out of reach."""
    if offset > MAX_OFFSET:
        refuse("This page lies too far down the list. Filter it, or page by cursor.", code="QUERY_TOO_EXPENSIVE")
    return offset
