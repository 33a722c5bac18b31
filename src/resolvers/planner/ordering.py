"""The home of orders: a total order of rows, the cursors of its positions, and what stands beyond one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from db import json_text
from db.columns import MoneyColumn, UtcDateTime, printed
from db.ids import is_well_formed
from resolvers.planner.arguments import bind, refuse

if TYPE_CHECKING:
    from resolvers.planner.arguments import Argument


@dataclass(frozen=True, slots=True)
class Ordering:
    """A total order: by *key*, then by id in the same direction. *name* and *direction* stand in its cursors."""

    name: str
    key: Any
    id: Any
    direction: str = "ASC"

    @property
    def prefix(self) -> str:
        """What a cursor of this order begins with."""
        return f"{self.name}:{self.direction}:"

    @property
    def raw_key(self) -> sa.ColumnElement[Any]:
        """The key as it is stored."""
        return sa.type_coerce(self.key, sa.BigInteger()) if isinstance(self.key.type, MoneyColumn) else self.key

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
        # A bound integer is as wide as what a cursor may hold.
        type_ = sa.BigInteger() if isinstance(self.raw_key.type, sa.Integer) else self.raw_key.type
        key = bind(lambda text: self.parse(text)[0], cursor, type_=type_)
        position = sa.tuple_(key, bind(lambda text: self.parse(text)[1], cursor))
        if (self.direction == "ASC") is after:
            return row >= position if inclusive else row > position
        return row <= position if inclusive else row < position

    def checked(self, cursor: str) -> str:
        """Return *cursor*; raise `BadArgumentError` unless it was made for this order."""
        self.parse(cursor)
        return cursor

    def parse(self, cursor: str) -> tuple[Any, str]:
        """Return key and id of *cursor*; raise `BadArgumentError` unless it was made for this order."""
        key, colon, row_id = cursor.removeprefix(self.prefix).rpartition(":")
        if not (cursor.startswith(self.prefix) and colon and is_well_formed(row_id)):
            refuse("This cursor was not made for this list and order. Use a cursor of the same query, or leave it out.")
        return self._parse_key(key), row_id

    def _parse_key(self, key: str) -> Any:
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
    try:
        time = datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:  # an offset that leads out of the years 1 to 9999
        raise ValueError(text) from None
    if printed(time) != text:
        raise ValueError(text)
    return time


def _bigint(text: str) -> int:
    number = int(text)
    if str(number) != text or not -(2**63) <= number < 2**63:
        raise ValueError(text)
    return number
