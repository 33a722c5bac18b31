"""The home of what an operator is told about the database: whether it is the right one, and what mends it if not."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, NamedTuple

import asyncpg
from sqlalchemy.exc import DBAPIError

from db.engine import open_database
from db.errors import DatabaseUnavailableError
from db.postgres_url import BadUrlError
from db.revisions import FormerDatabaseError, NewerDatabaseError, after, current, known
from gateway.operator import faults
from gateway.operator.settings import OperatorError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from db.engine import Database

NEWER = (
    "The database was migrated by a newer version of the gateway. This version goes on, as a migration leaves to the "
    "version before it what that one needs; it is time to replace it."
)


class DatabaseAwayError(OperatorError):
    """The database may be the right one, and is not there: time may mend it."""


class Standing(NamedTuple):
    """How far the tables of a database are from this version's."""

    lacking: int = 0
    is_newer: bool = False


@asynccontextmanager
async def usable_database(url: str) -> AsyncIterator[Database]:
    """Open the database at *url*; raise `OperatorError` unless it can be used."""
    with database_explained():
        database = await open_database(url)
    try:
        await require_usable(database)
        yield database
    finally:
        await database.close()


async def require_usable(database: Database) -> bool:
    """Raise `OperatorError` unless *database* has the tables that this version needs, and heeds what it asks for.

    Return whether it has those of a newer version.
    """
    with database_explained():
        if dropped := await database.unheeded():
            raise OperatorError(faults.POOLER.format(", ".join(dropped)))
        standing = await standing_of(database)
    if standing.lacking:
        msg = (
            f"The database lacks {standing.lacking} migration(s) of this version, unless GATEWAY_DATABASE_URL names "
            "another one than you mean. Run: gateway migrate"
        )
        raise OperatorError(msg)
    return standing.is_newer


async def standing_of(database: Database) -> Standing:
    """Return how far the tables of *database* are."""
    try:
        return Standing(lacking=len(after(await current(database))))
    except NewerDatabaseError:
        return Standing(is_newer=True)
    except FormerDatabaseError:
        return Standing(lacking=len(known()))


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
        msg = "The database was migrated by a newer version of the gateway: this one has nothing to migrate it to."
        raise OperatorError(msg) from None
    except FormerDatabaseError:
        msg = "The database is of a version from which no migration leads to this one. Name an empty one, or remove it."
        raise OperatorError(msg) from None
    except BadUrlError as error:
        msg = f"GATEWAY_DATABASE_URL can't be read: {error}."
        raise OperatorError(msg) from None
    except (
        DatabaseUnavailableError,
        DBAPIError,
        sqlite3.Error,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
    ) as error:
        kind = DatabaseAwayError if faults.is_away(error) else OperatorError
        raise kind(faults.told(error)) from error
