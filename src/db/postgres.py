"""The home of PostgreSQL: connections of asyncpg for reading, SQLAlchemy over asyncpg for writing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import event, exc, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.errors import DatabaseUnavailableError, is_connection_lost, is_outage
from db.postgres_url import PostgresAddress
from db.turns import CHECKOUT_TIMEOUT, Turns
from db.unit_of_work import writing_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from sqlalchemy.engine import AdaptedConnection, ExceptionContext
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    class Reading(Protocol):
        """What reads."""

        async def read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
            """Return the one row of the statement."""
            ...


READERS = 8
WRITERS = 8
_SETTINGS = {
    "application_name": "customers-gateway",
    # What a statement means must not depend on how the server, the database or the role is set up.
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "standard_conforming_strings": "on",
    "default_transaction_isolation": "read committed",
    # A plan is short: compiling it to machine code costs more than running it.
    "jit": "off",
    # Firewalls forget connections that are silent for some minutes. A client that is gone is noticed after two.
    "tcp_keepalives_idle": "60",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "6",
}
# PostgreSQL waits for ever unless told otherwise.
_PATIENCE = {
    "statement_timeout": "10s",
    "lock_timeout": f"{CHECKOUT_TIMEOUT:g}s",
    "idle_in_transaction_session_timeout": "10s",
}
_FREE = {"application_name", "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count"}
"""Settings that may differ: named by the URL, or none of a Unix socket."""
_CLOSE_TIMEOUT = 2
# A large table takes its time, and so does another process that migrates it already.
_MIGRATING: dict[str, Any] = {"server_settings": _SETTINGS | dict.fromkeys(_PATIENCE, "0")}
_READ_ONLY = "25006"
"""What a server that became a replica answers to a write."""


def _serving(patience: float) -> dict[str, Any]:
    """Return how asyncpg connects to serve, who waits *patience* seconds for a lock."""
    return {
        "server_settings": _SETTINGS | _PATIENCE | {"lock_timeout": f"{patience:g}s"},
        # Ends what the server's own time-out can't: a statement whose answer the network lost.
        "command_timeout": 12,
    }


async def unheeded(database: Reading) -> list[str]:
    """Return the settings that were asked for and are not in effect: a pooler has taken them, and dropped them."""
    asked = {name: value for name, value in (_SETTINGS | _PATIENCE).items() if name not in _FREE}
    columns = ", ".join(f"current_setting('{name}')" for name in asked)
    found = await database.read(f"SELECT {columns}", ())
    return [name for (name, value), has in zip(asked.items(), found, strict=True) if value != has]


def postgres_writer(
    url: str, trace: Callable[[str], None] | None = None, patience: float = CHECKOUT_TIMEOUT
) -> AsyncEngine:
    """Return the engine that writes to the database at *url*; connections and locks are waited for *patience* s."""
    address = PostgresAddress.of(url)
    serving = _serving(patience)
    engine = writing_engine(
        "postgresql+asyncpg", lambda: _connected(address, **serving), connections=WRITERS, timeout=patience
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    event.listen(engine.sync_engine, "handle_error", _leave_replica)
    if trace is not None:
        _trace_writer(engine, trace)
    return engine


def postgres_migrator(url: str) -> AsyncEngine:
    """Return the engine that migrates the database at *url*; it waits as long as it takes."""
    address = PostgresAddress.of(url)
    return writing_engine("postgresql+asyncpg", lambda: _connected(address, **_MIGRATING), connections=1)


_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, ValueError)
_OF_THIS_HOST = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.TargetServerAttributeNotMatched,
)


async def _connected(
    address: PostgresAddress,
    *,
    server_settings: dict[str, str],
    **options: Any,  # noqa: ANN401 - asyncpg's
) -> asyncpg.Connection:
    """Return a connection to the first host of *address* that gives one: each has the time that libpq gives it.

    Raises `DatabaseUnavailableError`, whatever went wrong: what a query means has nothing to do with it.
    """
    if address.application_name:
        server_settings = server_settings | {"application_name": address.application_name}
    *others, last = address.hosts
    for host in (*others, last):
        try:
            return await asyncpg.connect(
                address.dsn, timeout=address.seconds, server_settings=server_settings, **host, **options
            )
        except _FAILURES as error:
            # A wrong password or name is wrong at the next host, too.
            if host is last or not isinstance(error, _OF_THIS_HOST):
                raise DatabaseUnavailableError.of(error, "connect") from error
    raise AssertionError


async def take_turn(executor: AsyncSession | AsyncConnection, name: bytes) -> None:
    """Wait until no other transaction has the turn of this *name*, and have it until the transaction ends.

    It does nothing on SQLite, where at most one transaction writes.
    """
    connection = await executor.connection() if isinstance(executor, AsyncSession) else executor
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": int.from_bytes(name)})


def _refuse_closed(connection: AdaptedConnection, _record: object, _proxy: object) -> None:
    """Have the pool replace a connection that the server has ended.

    SQLAlchemy's pre-ping would find out by BEGIN, a statement and ROLLBACK before each unit of work; asyncpg knows.
    """
    if connection.driver_connection.is_closed():
        raise exc.DisconnectionError


def _leave_replica(failure: ExceptionContext) -> None:
    """Have the pool replace its connections after a failover: they would stay with a server that only reads."""
    if getattr(failure.original_exception, "sqlstate", None) == _READ_ONLY:
        failure.is_disconnect = True


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

    def __init__(
        self, url: str, trace: Callable[[str], None] | None = None, patience: float = CHECKOUT_TIMEOUT
    ) -> None:
        """Read the database at *url*, by connections made when needed; one is waited for *patience* seconds."""
        self._address = PostgresAddress.of(url)
        self._trace = trace
        self._turns = Turns(READERS, timeout=patience)
        self._serving = _serving(patience)
        self._idle: list[asyncpg.Connection] = []

    async def read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
        """Return the one row of the statement."""
        try:
            async with self._turns:
                return await self._read(sql, parameters)
        except DatabaseUnavailableError:
            raise
        except Exception as error:
            if is_outage(error):
                raise DatabaseUnavailableError.of(error, "read") from error
            raise

    async def obstacle(self) -> str | None:
        """Tell whether the server is a replica, or is set up to be only read."""
        [reads] = await self.read("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'", ())
        return "read only" if reads else None

    async def close(self) -> None:
        """Close the connections once the running statements have ended."""
        for _ in range(READERS):
            await self._turns.acquire()
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
            return await self._fetch(connection, sql, parameters)
        except Exception as error:
            if not is_connection_lost(error):
                raise
        # Nothing was changed by the read, so it may be done again. The other idle connections may be lost as well.
        return await self._fetch(await self._connect(), sql, parameters)

    async def _fetch(
        self, connection: asyncpg.Connection, sql: str, parameters: Sequence[object]
    ) -> tuple[object, ...]:
        usable = False
        try:
            rows = await connection.fetch(sql, *parameters)
            usable = True
        except asyncpg.PostgresError as error:
            usable = not is_connection_lost(error)
            raise
        finally:
            if usable:
                self._idle.append(connection)
            else:
                await asyncio.shield(_end(connection))
        [row] = rows
        return tuple(row)

    async def _connect(self) -> asyncpg.Connection:
        connection = await _connected(
            self._address,
            statement_cache_size=100,
            max_cacheable_statement_size=16 * 1024,  # the server keeps forty times the text of each
            **self._serving,
        )
        if trace := self._trace:
            connection.add_query_logger(lambda logged: trace(logged.query))
        return connection


async def _end(connection: asyncpg.Connection) -> None:
    """Have the server stop what it still does for *connection*, such as a read that was cancelled, and close it."""
    with suppress(Exception):  # what fails here has failed before, and is told already
        await connection.close(timeout=_CLOSE_TIMEOUT)
