"""The home of PostgreSQL: connections of asyncpg for reading, SQLAlchemy over asyncpg for writing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import event, exc

from db.errors import DatabaseUnavailableError, is_outage
from db.unit_of_work import CHECKOUT_TIMEOUT, writing_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import AdaptedConnection
    from sqlalchemy.ext.asyncio import AsyncEngine

READERS = 8
WRITERS = 8
_CONNECTION: dict[str, Any] = {
    "server_settings": {
        "application_name": "customers-gateway",
        "timezone": "UTC",
        # A plan is short: compiling it to machine code costs more than running it.
        "jit": "off",
        # PostgreSQL waits for ever unless told otherwise.
        "statement_timeout": "10s",
        "lock_timeout": "3s",
        "idle_in_transaction_session_timeout": "10s",
        # Firewalls forget connections that are silent for some minutes.
        "tcp_keepalives_idle": "60",
    },
    "timeout": 5,
    # Ends what the server's own time-out can't: a statement whose answer the network lost.
    "command_timeout": 12,
}


def postgres_writer(url: str, trace: Callable[[str], None] | None = None) -> AsyncEngine:
    """Return the engine that writes to the database at *url*."""

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(url, **_CONNECTION)

    engine = writing_engine("postgresql+asyncpg", connect, connections=WRITERS)
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    if trace is not None:
        _trace_writer(engine, trace)
    return engine


def _refuse_closed(connection: AdaptedConnection, _record: object, _proxy: object) -> None:
    """Have the pool replace a connection that the server has ended.

    SQLAlchemy's pre-ping would find out by BEGIN, a statement and ROLLBACK before each unit of work; asyncpg knows.
    """
    if connection.driver_connection.is_closed():
        raise exc.DisconnectionError


def _trace_writer(engine: AsyncEngine, trace: Callable[[str], None]) -> None:
    """Report what SQLAlchemy prepares and executes, and what asyncpg sends on its own: BEGIN, COMMIT, ROLLBACK."""

    @event.listens_for(engine.sync_engine, "connect")
    def _(connection: AdaptedConnection, _record: object) -> None:
        connection.driver_connection.add_query_logger(lambda logged: trace(logged.query))

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _(_connection: object, _cursor: object, statement: str, *rest: object) -> None:
        executemany = rest[-1]
        if not executemany:  # asyncpg reports that itself
            trace(statement)


class PostgresReader:
    """Reads in autocommit, by the driver itself: SQLAlchemy costs as much as the statement.

    It keeps its connections in a list. asyncpg's pool would wrap, guard and reset each of them around each read,
    which costs more than twice the read; as reads set nothing in a session, there is nothing to reset.
    """

    def __init__(self, url: str, trace: Callable[[str], None] | None = None) -> None:
        """Read the database at *url*, by connections made when needed."""
        self._url = url
        self._trace = trace
        self._free = asyncio.Semaphore(READERS)
        self._idle: list[asyncpg.Connection] = []

    async def read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
        """Return the one row of the statement."""
        try:
            if self._free.locked():
                async with asyncio.timeout(CHECKOUT_TIMEOUT):
                    await self._free.acquire()
            else:
                await self._free.acquire()
            try:
                return await self._read(sql, parameters)
            finally:
                self._free.release()
        except Exception as error:
            if is_outage(error):
                raise DatabaseUnavailableError from error
            raise

    async def close(self) -> None:
        """Close the connections once the running statements have ended."""
        for _ in range(READERS):
            await self._free.acquire()
        for connection in self._idle:
            await connection.close(timeout=5)

    async def _read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                break
        else:
            connection = await self._connect()
        try:
            [row] = await connection.fetch(sql, *parameters)
            return tuple(row)
        finally:
            # Also after a failure or a cancellation: asyncpg cancels the statement, and waits for that before the next.
            self._idle.append(connection)

    async def _connect(self) -> asyncpg.Connection:
        connection = await asyncpg.connect(
            self._url,
            statement_cache_size=256,
            max_cacheable_statement_size=128 * 1024,  # the statements of wide selections are long
            **_CONNECTION,
        )
        if trace := self._trace:
            connection.add_query_logger(lambda logged: trace(logged.query))
        return connection
