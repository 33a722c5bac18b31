"""The home of whether a database takes writes: who signs in writes, so one that is only read is of little use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from db.errors import DatabaseUnavailableError

if TYPE_CHECKING:
    from db.engine import Database

READ_ONLY, DISK_FULL = "read only", "disk full"
_WORDS = {"25006": READ_ONLY, "SQLITE_READONLY": READ_ONLY, "53100": DISK_FULL, "SQLITE_FULL": DISK_FULL}
_LASTING = (*_WORDS, "SQLITE_IOERR", "SQLITE_CANTOPEN")
"""What no later unit of work mends by itself, unlike a lock or too many connections."""
# It changes no row's content, and so is the same on every version and for everybody.
_TRIED = text("UPDATE alembic_version SET version_num = version_num")


async def writes_of(database: Database) -> str:
    """Return ok, or what keeps *database* from being written to.

    Cheap as long as writes succeed; once one has failed for a reason that lasts, another one is tried.
    """
    if (obstacle := await database.obstacle()) is not None:
        return obstacle
    if (outage := database.unwritten) is None or not outage.cause.startswith(_LASTING):
        return "ok"
    try:
        async with database.unit_of_work() as session:
            await (await session.connection()).execute(_TRIED)
    except DatabaseUnavailableError as again:
        return next((word for cause, word in _WORDS.items() if again.cause.startswith(cause)), "failing")
    return "ok"
