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
}
# Classes of SQLSTATE: connection exception, resources, operator intervention (57014 is the statement time-out).
_POSTGRESQL_OUTAGES = ("08", "53", "57")
# Lock time-out, deadlock, serialization failure, idle-in-transaction time-out.
_POSTGRESQL_CONFLICTS = {"55P03", "40P01", "40001", "25P03"}


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
    if isinstance(error, asyncpg.InterfaceError):
        return "clos" in str(error)  # "connection is closed", "pool is closing": asyncpg has no class for them
    return isinstance(error, OSError | exc.TimeoutError)
