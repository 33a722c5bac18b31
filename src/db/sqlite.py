"""The home of SQLite: one writer, and readers in the thread of the event loop and in others, on one file."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import monotonic, thread_time
from typing import TYPE_CHECKING

import aiosqlite
from sqlalchemy import JSON, event, make_url
from sqlalchemy.ext.compiler import compiles

from db.errors import DatabaseUnavailableError, TooLongError, cause_of, is_outage
from db.turns import CHECKOUT_TIMEOUT, Rounds, Turns
from db.unit_of_work import writing_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import AdaptedConnection, Connection
    from sqlalchemy.ext.asyncio import AsyncEngine

READERS = 3
CACHED_STATEMENTS = 64
BUSY_TIMEOUT = 5.0
READ_TIMEOUT = 10.0
"""Seconds, as PostgreSQL's statement time-out. One endless read would keep one of the few threads for ever."""
_STEPS = 100_000
"""Of SQLite's virtual machine: so often a thread asks whether it shall go on. It takes some 15,000 in a millisecond."""

ROUND = 0.004
"""Seconds, in which several short reads follow one another in the thread of the event loop."""
_AT_ONCE = 0.01
"""Seconds of the processor for a read there: one that takes more would keep other requests waiting."""
_AT_ONCE_WAITING = 0.05
"""Seconds for it in all, with waiting for a disk."""
_AT_ONCE_STEPS = 3_000
_AT_ONCE_SQL = 32 * 1024
"""Letters of a statement: longer ones take milliseconds to prepare, in which SQLite asks nothing."""
_AT_ONCE_LENGTH = 512 * 1024
"""Bytes of a text: to put long ones together takes few steps, and long."""
_MOST_LENGTH = 24 * 1024 * 1024
"""Bytes of a text that anybody reads: of five million characters, the most that an answer has, and some more."""
_NOT_AT_ONCE = {sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_TOOBIG}
_LONG_TIMES = 3
"""So often in a row a statement has to be long, until it begins in a thread; one time may be an outlier."""
_LONG_SECONDS = 10.0
"""For which it begins there."""
_MOST_LONG = 256
_LEAST_FREE = 64 * 1024
"""Bytes of the disk: a unit of work takes some pages of 4 KiB."""


@compiles(JSON, "sqlite")
def _(_type: JSON, _compiler: object, **_options: object) -> str:
    """Declare columns of JSON as text: SQLite takes ``JSON`` for a kind of number, and would store ``1.0`` as 1."""
    return "TEXT"


def file_of(url: str) -> Path:
    """Return the file that ``sqlite:///FILE`` names."""
    database = make_url(url).database
    if not database or database == ":memory:":
        msg = "SQLite needs a file: sqlite:///FILE"
        raise ValueError(msg)
    return Path(database)


def _traced(trace: Callable[[str], None]) -> Callable[[str], None]:
    """Leave out what SQLite does on its own, for cascades and triggers: comments, and writes that it reports again."""
    last = ""

    def report(statement: str) -> None:
        nonlocal last
        if not statement.startswith("--") and (statement != last or statement.startswith(("SELECT", "WITH"))):
            last = statement
            trace(statement)

    return report


def sqlite_writer(
    file: Path,
    trace: Callable[[str], None] | None = None,
    *,
    foreign_keys: bool = True,
    patience: float = CHECKOUT_TIMEOUT,
) -> AsyncEngine:
    """Return the engine that writes to *file*; it has one connection, as SQLite has one writer.

    It is waited for *patience* seconds.
    """

    async def connect() -> aiosqlite.Connection:
        # Where the file can't be opened, aiosqlite would leave a thread behind.
        await asyncio.to_thread(_make, file)
        # Without an isolation level sqlite3 begins nothing on its own: see `begin`.
        connection = await aiosqlite.connect(
            file, isolation_level=None, timeout=BUSY_TIMEOUT, cached_statements=CACHED_STATEMENTS, factory=_Writer
        )
        try:
            await connection.executescript(
                f"PRAGMA synchronous = FULL; PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'};"
            )
        except BaseException:
            # Nobody has it yet who could close it: its thread would stay.
            connection.stop()
            raise
        return connection

    engine = writing_engine("sqlite+aiosqlite", connect, connections=1, timeout=patience)
    event.listen(engine.sync_engine, "begin", _begin)
    if trace is not None:
        report = _traced(trace)

        @event.listens_for(engine.sync_engine, "connect")
        def _(connection: AdaptedConnection, _record: object) -> None:
            connection.run_async(lambda driver: driver.set_trace_callback(report))

    return engine


class _Writer(sqlite3.Connection):
    """The connection that writes: once it is closed, the lock is free."""

    def close(self) -> None:
        """Roll back what is open, and close."""
        # SQLite keeps a connection, and its lock, for a statement that is not through, such as one that a cancelled
        # caller has left behind, until Python collects it.
        self.rollback()
        super().close()


def _make(file: Path) -> None:
    """Make *file* unless it exists, and have it remember that readers and the writer don't wait for each other.

    It is for its owner alone: it holds people's addresses and hashes of their passwords.
    """
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    with closing(sqlite3.connect(file, timeout=BUSY_TIMEOUT)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: Connection) -> None:
    """Take the lock at once: a transaction that reads first and upgrades later fails, whatever the busy time-out."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


class SqliteReader:
    """Reads in autocommit, by the driver itself: SQLAlchemy and aiosqlite cost ten times the statement.

    A read begins in the thread of the event loop: to hand it to another thread and back costs more than most reads do.
    One that turns out to be long, or has to wait for a lock, is begun again in a thread of its own.
    """

    def __init__(
        self,
        file: Path,
        trace: Callable[[str], None] | None = None,
        *,
        timeout: float = READ_TIMEOUT,
        patience: float = CHECKOUT_TIMEOUT,
    ) -> None:
        """Read *file*, *timeout* seconds at most, after waiting *patience* seconds; the writer has opened it before."""
        self._turns = Turns(READERS, timeout=patience)
        self._rounds = Rounds(ROUND, timeout=patience)
        self._file = file
        self._uri = f"{file.absolute().as_uri()}?mode=ro"
        self._trace = trace
        self._timeout = timeout
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._own = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._at_once = self._connect(busy_timeout=0)
        self._at_once.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _AT_ONCE_LENGTH)
        self._at_once.set_progress_handler(self._is_long, _AT_ONCE_STEPS)
        self._until = self._waiting_until = 0.0
        self._long: OrderedDict[str, tuple[int, float]] = OrderedDict()
        """Statements that were long the last time: how often in a row, and when to see whether they still are."""
        self._closed = False

    async def read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
        """Return the one row of the statement."""
        try:
            if not self._is_known_as_long(sql):
                await self._rounds.turn()
                self._refuse_closed()
                if (row := self._read_at_once(sql, parameters)) is not None:
                    return row
            async with self._turns:
                self._refuse_closed()
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, sql, parameters)
        except (sqlite3.Error, TimeoutError) as error:
            if cause_of(error) == "SQLITE_TOOBIG":
                raise TooLongError from error
            # A read that writes is a bug.
            if is_outage(error) and cause_of(error) != "SQLITE_READONLY":
                raise DatabaseUnavailableError.of(error, "read") from error
            raise

    async def obstacle(self) -> str | None:
        """Return what the file system says against writing; it may be one that hangs."""
        return await asyncio.to_thread(_obstacle, self._file)

    async def close(self) -> None:
        """Close the connections once the running statements have ended."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._connections:
            connection.close()

    def _refuse_closed(self) -> None:
        """Refuse who has waited while the connections were closed."""
        if self._closed:
            raise DatabaseUnavailableError

    def _read_at_once(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...] | None:
        """Return the row; None where that takes too long here, or has to wait."""
        self._until, self._waiting_until = thread_time() + _AT_ONCE, monotonic() + _AT_ONCE_WAITING
        try:
            row = _row(self._at_once, sql, parameters)
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code not in _NOT_AT_ONCE:
                raise
        else:
            self._long.pop(sql, None)
            return row
        if code in {sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_TOOBIG}:
            times, _again = self._long.pop(sql, (0, 0.0))
            self._long[sql] = times + 1, monotonic() + _LONG_SECONDS
            if len(self._long) > _MOST_LONG:
                self._long.popitem(last=False)
        return None

    def _is_long(self) -> bool:
        # Not by the clock alone: a busy machine would have everything begun twice.
        return thread_time() > self._until or monotonic() > self._waiting_until

    def _is_known_as_long(self, sql: str) -> bool:
        times, again = self._long.get(sql, (0, 0.0))
        return len(sql) > _AT_ONCE_SQL or (times >= _LONG_TIMES and monotonic() < again)

    def _read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
        self._own.deadline = monotonic() + self._timeout
        return _row(self._connection(), sql, parameters)

    def _connection(self) -> sqlite3.Connection:
        """Return the calling thread's own connection."""
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._connect(BUSY_TIMEOUT)
            connection.set_progress_handler(lambda: monotonic() > self._own.deadline, _STEPS)
        return connection

    def _connect(self, busy_timeout: float) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._uri,
            uri=True,
            isolation_level=None,
            timeout=busy_timeout,
            cached_statements=CACHED_STATEMENTS,
            check_same_thread=False,  # `close` runs elsewhere, after the threads have ended
        )
        connection.execute("PRAGMA query_only = ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_LENGTH)
        if self._trace is not None:
            connection.set_trace_callback(_traced(self._trace))
        self._connections.append(connection)
        return connection


def _obstacle(file: Path) -> str | None:
    """Return what keeps everybody from writing to *file*, without waiting for who writes."""
    disk = os.statvfs(file.parent)
    if disk.f_flag & os.ST_RDONLY or not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        return "read only"
    free = disk.f_bavail if os.geteuid() else disk.f_bfree
    return "disk full" if free * disk.f_frsize < _LEAST_FREE else None


def _row(connection: sqlite3.Connection, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
    rows: list[tuple[object, ...]] = connection.execute(sql, parameters).fetchall()
    [row] = rows
    return row
