"""The home of the open database: reads by the driver itself, writes in units of work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from db.errors import DatabaseUnavailableError, is_outage
from db.outages import Outages
from db.postgres import PostgresReader, postgres_writer, unheeded
from db.postgres_url import SCHEMES
from db.sqlite import SqliteReader, file_of, sqlite_writer
from db.turns import CHECKOUT_TIMEOUT
from db.unit_of_work import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy.engine import Dialect
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlmodel.ext.asyncio.session import AsyncSession

__all__ = ["Database", "DatabaseUnavailableError", "open_database"]


class Reader(Protocol):
    """Executes a statement outside any transaction."""

    async def read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
        """Return the one row of the statement."""
        ...

    async def obstacle(self) -> str | None:
        """Return what is known to keep everybody from writing, None if nothing is."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class Database:
    """An open database. `open_database` makes it."""

    dialect: Dialect
    """Compiles the statements for `read`, and converts their parameters."""

    def __init__(self, reader: Reader, writer: AsyncEngine) -> None:
        """Read by *reader*, write by *writer*."""
        self._reader = reader
        self._writer = writer
        self._closed = False
        self._reading, self._writing = Outages("read"), Outages("written to")
        self.dialect = writer.dialect

    async def read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
        """Return the one row of a statement that always has one; JSON arrives as text.

        *parameters* are in the order of the compiled statement, as the driver takes them. Nothing is begun or
        committed. Raises `DatabaseUnavailableError` in an outage.
        """
        self._refuse_closed()
        try:
            row = await self._reader.read(sql, parameters)
        except DatabaseUnavailableError as outage:
            self._reading.failed(outage)
            raise
        if self._reading.last is not None:
            self._reading.answered()
        return row

    def unit_of_work(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Enter a session of its own: returning commits, raising rolls back. Never share it among tasks."""
        self._refuse_closed()
        return unit_of_work(self._writer, self._writing)

    async def obstacle(self) -> str | None:
        """Return what is known to keep everybody from writing, None if nothing is."""
        self._refuse_closed()
        return await self._reader.obstacle()

    @property
    def unwritten(self) -> DatabaseUnavailableError | None:
        """Why the last unit of work was not written; None if it was."""
        return self._writing.last

    async def unheeded(self) -> list[str]:
        """Return which settings a connection has not, although it asked for them; raise `DatabaseUnavailableError`."""
        return await unheeded(self) if self.dialect.name == "postgresql" else []

    async def close(self) -> None:
        """Close every connection, once the running statements have ended."""
        if self._closed:
            return
        self._closed = True
        await self._reader.close()
        await self._writer.dispose()

    def _refuse_closed(self) -> None:
        """Keep what still runs while the process ends from opening connections again."""
        if self._closed:
            raise DatabaseUnavailableError


def backend_of(url: str) -> Literal["sqlite", "postgresql"]:
    """Return the database system that *url* names; raise `ValueError` if it is neither of the two."""
    if url.startswith("sqlite:///"):
        return "sqlite"
    if url.startswith(SCHEMES):
        return "postgresql"
    # The URL itself may hold a password.
    msg = "a database URL begins with sqlite:/// or postgresql://"
    raise ValueError(msg)


async def open_database(
    url: str, trace: Callable[[str], None] | None = None, *, patience: float = CHECKOUT_TIMEOUT
) -> Database:
    """Open the database at *url*: ``sqlite:///FILE`` or ``postgresql://...``.

    Whoever finds all connections in use, or a row locked, waits *patience* seconds at most, and is then refused.
    *trace* is told every statement that a driver sends once its connection is set up, BEGIN and COMMIT included.
    asyncpg tells it in the next turn of the event loop, SQLite at once, also from other threads.
    """
    sqlite = backend_of(url) == "sqlite"
    writer = sqlite_writer(file_of(url), trace, patience=patience) if sqlite else postgres_writer(url, trace, patience)
    try:
        # Connect now: an unreachable database is told at the start, and SQLite's readers need the file.
        async with writer.connect():
            pass
        reader = (
            SqliteReader(file_of(url), trace, patience=patience) if sqlite else PostgresReader(url, trace, patience)
        )
    except Exception as error:
        await writer.dispose()
        if not isinstance(error, DatabaseUnavailableError) and is_outage(error):
            raise DatabaseUnavailableError.of(error, "connect") from error
        raise
    return Database(reader, writer)
