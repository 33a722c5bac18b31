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
    with database_explained():
        lacking = await pending(url)
    if lacking:
        msg = f"The database lacks {len(lacking)} migration(s) of this version. Run: gateway migrate"
        raise OperatorError(msg)


async def migrate(url: str) -> list[str]:
    """Bring the database at *url* to the newest revision; return the revisions that it lacked."""
    from db.migrate import migrate as migrated  # noqa: PLC0415 - imports Alembic, which a start can do without

    with database_explained():
        return await migrated(url)


@contextmanager
def database_explained() -> Iterator[None]:
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
        cause = _cause(error)
        if isinstance(cause, ValueError):
            # It quotes what it can't read: where a password has a / ? or # in it, a part of the password.
            msg = (
                "GATEWAY_DATABASE_URL can't be read. Inside a user or password write / ? # @ % as %2F %3F %23 %40 %25."
            )
            raise OperatorError(msg) from None
        msg = f"The database can't be opened: {_words(cause)}. Check GATEWAY_DATABASE_URL, and the server or directory."
        raise OperatorError(msg) from error


def _cause(error: BaseException) -> BaseException:
    """Return what the driver raised."""
    if isinstance(error, DatabaseUnavailableError) and error.__cause__ is not None:
        error = error.__cause__
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def _words(error: BaseException) -> str:
    """Return the words of the driver, which name host, user or file, never the password."""
    lines = str(error).splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
