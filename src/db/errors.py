"""The home of outages: which failures of a driver mean that the database can't answer now, and another time may."""

from __future__ import annotations

import sqlite3

import asyncpg
from sqlalchemy import exc

_SQLITE_OUTAGES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_INTERRUPT,  # the time limit of a read
}
# Classes of SQLSTATE: connection exception, resources, operator intervention (57014 is the statement time-out).
_POSTGRESQL_OUTAGES = ("08", "53", "57")
# Lock time-out, deadlock, serialization failure, idle-in-transaction time-out; a server that became a replica.
_POSTGRESQL_CONFLICTS = {"55P03", "40P01", "40001", "25P03", "25006"}
_POSTGRESQL_LOST = ("08", "57P")


class DatabaseUnavailableError(Exception):
    """The database did not answer in time or at all. Nothing was written, unless it fell silent while committing."""


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
