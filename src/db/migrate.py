"""The home of migration: brings a database to the tables that this version of the gateway needs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from db.engine import backend_of
from db.errors import DatabaseUnavailableError, is_outage
from db.postgres import postgres_writer
from db.sqlite import file_of, sqlite_writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

_LOCK = int.from_bytes(b"gateway")


async def migrate(url: str) -> None:
    """Bring the database at *url* to the newest revision: wholly, or not at all."""
    async with _transaction(url) as connection:
        await connection.run_sync(_run, command.upgrade, "head")


async def unmigrate(url: str) -> None:
    """Drop every table of the gateway from the database at *url*."""
    async with _transaction(url) as connection:
        await connection.run_sync(_run, command.downgrade, "base")


async def pending(url: str) -> list[str]:
    """Return the revisions that the database at *url* lacks, oldest first; raise `CommandError` if it is newer."""
    async with _transaction(url) as connection:
        return await connection.run_sync(_pending)


async def write_revision(message: str) -> None:
    """Write the next migration: from the tables that the revisions so far make to those of `db.models`."""

    def write(connection: Connection) -> None:
        revision = f"{len(_revisions()) + 1:04}"
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
    engine = sqlite_writer(file_of(url), foreign_keys=False) if sqlite else postgres_writer(url)
    try:
        async with engine.begin() as connection:
            if not sqlite:
                # A large table takes its time, and so does another process that migrates it already.
                await connection.execute(text("SET LOCAL statement_timeout = 0"))
                await connection.execute(text("SET LOCAL lock_timeout = 0"))
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection
            if sqlite:
                await connection.run_sync(_check_foreign_keys)
    except Exception as error:
        if is_outage(error):
            raise DatabaseUnavailableError from error
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


def _revisions() -> list[str]:
    """Return all revisions, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


def _pending(connection: Connection) -> list[str]:
    current = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config())
    lacking = script.iterate_revisions("head", current or "base")
    return [revision.revision for revision in lacking if revision is not None][::-1]
