"""The home of outages: which failures of a driver mean that the database can't answer now, and another time may."""

from __future__ import annotations

import errno
import re
import sqlite3
from typing import Literal

import asyncpg
from sqlalchemy import exc

Phase = Literal["checkout", "connect", "read", "write"]
"""What was being done: waiting for a connection that is free, opening one, or using it."""

_SQLITE_OUTAGES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,  # the file, its directory or the disk
    sqlite3.SQLITE_INTERRUPT,  # the time limit of a read
}
# Classes of SQLSTATE: connection exception, resources, operator intervention (57014 is the statement time-out).
_POSTGRESQL_OUTAGES = ("08", "53", "57")
# Lock time-out, deadlock, serialization failure, idle-in-transaction time-out; a server that became a replica; prepared
# statements that a pooler has given to somebody else.
_POSTGRESQL_CONFLICTS = {"55P03", "40P01", "40001", "25P03", "25006", "26000", "42P05"}
_POSTGRESQL_LOST = ("08", "57P")


class CheckoutTimeoutError(TimeoutError):
    """All connections were in use for too long."""


class TooLongError(Exception):
    """What was asked for is so long that it would fill the memory; the database stopped putting it together."""


class DatabaseUnavailableError(Exception):
    """The database did not answer in time or at all. Nothing was written, unless it fell silent while committing.

    *cause* is a SQLSTATE, a name of SQLite's or a class, and no text: texts repeat values.
    """

    def __init__(self, cause: str = "closed", during: Phase = "connect") -> None:
        """Keep what the driver said, and *during* what."""
        super().__init__(f"{cause} during {during}")
        self.cause = cause
        self.during: Phase = during

    @classmethod
    def of(cls, error: BaseException, during: Phase) -> DatabaseUnavailableError:
        """Return what the *error* of a driver or of SQLAlchemy means."""
        is_full = isinstance(error, CheckoutTimeoutError | exc.TimeoutError)
        return cls(cause_of(error), "checkout" if is_full else during)


def cause_of(error: BaseException) -> str:
    """Return SQLSTATE, SQLite's name or class of what a driver raised."""
    error = raised_by_driver(error)
    if isinstance(sqlstate := getattr(error, "sqlstate", None), str):
        return sqlstate
    if isinstance(name := getattr(error, "sqlite_errorname", None), str):
        return name
    number = errno_of(error) if type(error) is OSError else None
    return errno.errorcode.get(number or 0, type(error).__name__)


def errno_of(error: BaseException) -> int | None:
    """Return the number of a failure of the operating system.

    Where each address of a host fails, asyncio and uvloop raise one failure that has only their words.
    """
    if not isinstance(error, OSError) or error.errno is not None:
        return getattr(error, "errno", None)
    numbers = set(re.findall(r"\[Errno (\d+)\]", str(error)))
    return int(numbers.pop()) if len(numbers) == 1 else None


def raised_by_driver(error: BaseException) -> BaseException:
    """Return the driver's own failure where SQLAlchemy has wrapped it."""
    if isinstance(error, exc.DBAPIError) and error.orig is not None:
        error = error.orig
    # SQLAlchemy's adapter of asyncpg has an exception of its own around asyncpg's.
    return error.__cause__ if type(error).__module__.startswith("sqlalchemy.") and error.__cause__ else error


def is_outage(error: BaseException) -> bool:
    """Tell whether *error*, raised by a driver or by SQLAlchemy, is an outage and no bug."""
    if isinstance(error, exc.DBAPIError):
        return error.connection_invalidated or (error.orig is not None and is_outage(error.orig))
    if isinstance(error, sqlite3.Error):
        # The low byte is the primary code; the others tell variants apart. Errors of Python's own have no code.
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE_OUTAGES
    if isinstance(sqlstate := getattr(error, "sqlstate", None), str):
        return sqlstate.startswith(_POSTGRESQL_OUTAGES) or sqlstate in _POSTGRESQL_CONFLICTS
    return is_connection_lost(error) or isinstance(error, TimeoutError | exc.TimeoutError)


def is_connection_lost(error: BaseException) -> bool:
    """Tell whether *error*, raised by asyncpg, means that a new connection may do what this one can't."""
    if isinstance(sqlstate := getattr(error, "sqlstate", None), str):
        return sqlstate.startswith(_POSTGRESQL_LOST)
    if isinstance(error, asyncpg.InterfaceError):
        return "clos" in str(error)  # "connection is closed", "pool is closing": asyncpg has no class for them
    # The first is raised where asyncpg has lost track of the protocol: "cannot switch to state".
    return isinstance(error, asyncpg.InternalClientError | OSError) and not isinstance(error, TimeoutError)
