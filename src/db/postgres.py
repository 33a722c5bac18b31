"""The home of PostgreSQL: a pool of asyncpg for reading, SQLAlchemy's over asyncpg for writing."""

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
    """Reads in autocommit, by the driver itself: SQLAlchemy costs as much as the statement."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Read through *pool*."""
        self._pool = pool

    async def read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
        """Return the one row of the statement."""
        try:
            async with asyncio.timeout(CHECKOUT_TIMEOUT):
                connection = await self._pool.acquire()
            try:
                return tuple(await connection.fetchrow(sql, *parameters))
            finally:
                await self._pool.release(connection)
        except Exception as error:
            if is_outage(error):
                raise DatabaseUnavailableError from error
            raise

    async def close(self) -> None:
        """Close the connections once the running statements have ended."""
        await self._pool.close()


async def postgres_reader(url: str, trace: Callable[[str], None] | None = None) -> PostgresReader:
    """Return a reader of the database at *url* that is connected."""

    async def report(connection: asyncpg.Connection) -> None:
        connection.add_query_logger(lambda logged: trace and trace(logged.query))

    pool = await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=READERS,
        init=report if trace else None,
        reset=_keep,
        statement_cache_size=256,
        max_cacheable_statement_size=128 * 1024,  # plans of wide selections are long
        **_CONNECTION,
    )
    return PostgresReader(pool)


async def _keep(_connection: asyncpg.Connection) -> None:
    """Leave a returned connection as it is: reads set nothing, and asyncpg's reset is one more round trip."""
