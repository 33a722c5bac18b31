"""The home of the time of the database's server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.engine import Database


async def clock_of(database: Database) -> datetime | None:
    """Return the server's present moment, in UTC; None for SQLite, whose clock is ours.

    Raises `DatabaseUnavailableError`.
    """
    if database.dialect.name == "sqlite":
        return None
    [now] = await database.read("SELECT clock_timestamp()", ())
    return now.astimezone(UTC) if isinstance(now, datetime) else None
