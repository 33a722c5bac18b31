"""The home of what an operator is told about the database: what is wrong, and what mends it."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy.exc import DBAPIError

from db.errors import DatabaseUnavailableError
from db.revisions import NewerDatabaseError, pending
from gateway.settings import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator


async def require_migrated(url: str) -> None:
    """Raise `OperatorError` unless the database at *url* has the tables that this version needs."""
    with explained():
        lacking = await pending(url)
    if lacking:
        msg = f"The database lacks {len(lacking)} migration(s) of this version. Run: gateway migrate"
        raise OperatorError(msg)


async def migrate(url: str) -> list[str]:
    """Bring the database at *url* to the newest revision; return the revisions that it lacked."""
    from db.migrate import migrate as migrated  # noqa: PLC0415 - imports Alembic, which a start can do without

    with explained():
        return await migrated(url)


@contextmanager
def explained() -> Iterator[None]:
    """Turn what a wrong or absent database raises into `OperatorError`."""
    try:
        yield
    except NewerDatabaseError:
        msg = "The database was migrated by a newer version of the gateway. Run that version, or restore a backup."
        raise OperatorError(msg) from None
    except (
        DatabaseUnavailableError,
        DBAPIError,
        sqlite3.Error,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        ValueError,
    ) as error:
        msg = f"The database can't be opened: {_cause(error)}. Check GATEWAY_DATABASE_URL, and that its server runs."
        raise OperatorError(msg) from error


def _cause(error: Exception) -> str:
    """Return the words of the driver, which name host, user or file, never the password."""
    if isinstance(error, DatabaseUnavailableError) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    if isinstance(error, DBAPIError) and isinstance(error.orig, Exception):
        error = error.orig
    lines = str(error).splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
