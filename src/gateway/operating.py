"""The home of what an operator is told about the database: what is wrong, and what mends it."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import asyncpg
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from db import migrate as migrations
from db.errors import DatabaseUnavailableError
from gateway.settings import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator


async def require_migrated(url: str) -> None:
    """Raise `OperatorError` unless the database at *url* has the tables that this version needs."""
    with explained():
        pending = await migrations.pending(url)
    if pending:
        msg = f"The database lacks {len(pending)} migration(s) of this version. Run: gateway migrate"
        raise OperatorError(msg)


async def migrate(url: str) -> list[str]:
    """Bring the database at *url* to the newest revision; return the revisions that it lacked."""
    with explained():
        pending = await migrations.pending(url)
        await migrations.migrate(url)
    return pending


@contextmanager
def explained() -> Iterator[None]:
    """Turn what a wrong or absent database raises into `OperatorError`."""
    try:
        yield
    except CommandError:
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
