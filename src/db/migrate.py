"""The home of migration: brings a database to the tables that this version of the gateway needs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text

from db.engine import backend_of
from db.errors import DatabaseUnavailableError, is_outage
from db.postgres import postgres_migrator, take_turn
from db.revisions import after, known
from db.sqlite import file_of, sqlite_writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

_TURN = b"gateway"


async def migrate(url: str) -> list[str]:
    """Bring the database at *url* to the newest revision, wholly or not at all; return the revisions that it lacked."""
    async with _transaction(url) as connection:
        lacking = after(await connection.run_sync(_current))
        await connection.run_sync(_run, command.upgrade, "head")
    return lacking


async def unmigrate(url: str, to: str = "base") -> None:
    """Bring the database at *url* back to the revision *to*; at first, drop every table of the gateway."""
    async with _transaction(url) as connection:
        await connection.run_sync(_run, command.downgrade, to)


async def write_revision(message: str) -> None:
    """Write the next migration: from the tables that the revisions so far make to those of `db.models`."""

    def write(connection: Connection) -> None:
        revision = f"{int(max(known(), default='0')) + 1:04}"
        command.revision(_config(connection), message, autogenerate=True, rev_id=revision)

    with TemporaryDirectory() as directory:
        url = f"sqlite:///{directory}/empty.db"
        await migrate(url)
        async with _transaction(url) as connection:
            await connection.run_sync(write)


@asynccontextmanager
async def _transaction(url: str) -> AsyncIterator[AsyncConnection]:
    """Enter a transaction that only one process at a time is in."""
    # Altering a table of SQLite replaces it, which would cascade; the keys are checked at the end instead.
    sqlite = backend_of(url) == "sqlite"
    engine = sqlite_writer(file_of(url), foreign_keys=False) if sqlite else postgres_migrator(url)
    try:
        async with engine.begin() as connection:
            await take_turn(connection, _TURN)
            yield connection
            if sqlite:
                await connection.run_sync(_check_foreign_keys)
    except DatabaseUnavailableError:
        raise
    except Exception as error:
        if is_outage(error):
            raise DatabaseUnavailableError.of(error, "write") from error
        raise
    finally:
        await engine.dispose()


def _check_foreign_keys(connection: Connection) -> None:
    """Do what SQLite would have done all along had the keys been on."""
    if connection.execute(text("PRAGMA foreign_key_check")).first():
        msg = "a migration left rows that point nowhere"
        raise RuntimeError(msg)


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "db:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _run(connection: Connection, direction: Callable[[Config, str], None], revision: str) -> None:
    direction(_config(connection), revision)


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
