"""The home of what is the matter with a database that can't be used: one table from the cause to a sentence.

A sentence names host, role or file as the driver does, never a password. Texts that may repeat one are not taken over.
"""

from __future__ import annotations

import errno
import socket
import sqlite3
import ssl
from typing import TYPE_CHECKING, Final

import asyncpg

from db.errors import CheckoutTimeoutError, DatabaseUnavailableError, errno_of, raised_by_driver

if TYPE_CHECKING:
    from collections.abc import Callable

_URL: Final = "Check GATEWAY_DATABASE_URL"
POOLER: Final = (
    "GATEWAY_DATABASE_URL leads to a pooler that drops what the gateway asks of its connections ({}). Poolers of "
    "transactions do not work: use the address of the server itself, or a pool of sessions that passes settings on."
)
_HOST_DIFFERS: Final = 62
"""X509_V_ERR_HOSTNAME_MISMATCH; 64 is that of an address."""

_BY_SQLSTATE: Final = {
    "28P01": f"{_URL} for the role and its password, percent-encoded, or ~/.pgpass and PGPASSWORD.",
    "28000": f"{_URL} for the role, and the server's pg_hba.conf for whether it may come from here and with or without "
    "TLS (sslmode).",
    "3D000": f"{_URL} for the name of the database, or make it: CREATE DATABASE ... OWNER ...",
    "42501": "As the owner of the database run: GRANT CREATE, USAGE ON SCHEMA public TO the role of "
    "GATEWAY_DATABASE_URL, or make the role the database's owner.",
    "3F000": f"No schema of the role's search_path is there. Make one, or set search_path in {_URL[6:]}.",
    "53300": "All connections of the server or of the role are in use: each process of the gateway opens up to 16. "
    "Raise max_connections or the role's limit (ALTER ROLE ... CONNECTION LIMIT), or run fewer processes.",
    "53100": "The disk of the server is full.",
    "25006": "The server only reads: it is a replica, or default_transaction_read_only is on. Name the one that "
    "writes, or several with target_session_attrs=read-write.",
    "57P03": "The server is starting or stopping.",
    "08003": f"{_URL}: host and port must be those of a PostgreSQL.",
    "42704": f"{_URL} for a parameter that neither libpq nor the server knows.",
    "0A000": f"{_URL}: the server is none of PostgreSQL's, or too old.",
}
_BY_SQLITE: Final = {
    sqlite3.SQLITE_CANTOPEN: "The directory must be there, and this user must be able to write in it.",
    sqlite3.SQLITE_NOTADB: f"It is no database of SQLite. {_URL}.",
    sqlite3.SQLITE_CORRUPT: "It is damaged: restore a backup.",
    sqlite3.SQLITE_READONLY: "This user must be able to write to the file and to its directory.",
    sqlite3.SQLITE_FULL: "The disk is full.",
    sqlite3.SQLITE_BUSY: "Another process has been writing to it for too long.",
    sqlite3.SQLITE_IOERR: "The disk failed, or is full.",
}
_POOLED: Final = {"08P01", "26000", "42P05"}
"""A parameter of the start that is refused; statements that were prepared, and are not there, or there already."""
_AWAY: Final = ("08", "53", "57")
_UNREACHED: Final = {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH}


def told(error: BaseException) -> str:
    """Return what is the matter, and what mends it."""
    cause = _cause(error)
    for kind, tell in _BY_CLASS:
        if isinstance(cause, kind):
            return tell(cause)
    return f"The database can't be opened: {_words(cause)}. {_URL}."


def is_away(error: BaseException) -> bool:
    """Tell whether time alone may mend it: the server is not reached or not ready, and nothing is known to be wrong."""
    cause = _cause(error)
    if isinstance(sqlstate := getattr(cause, "sqlstate", None), str):
        return sqlstate.startswith(_AWAY) and sqlstate not in _POOLED
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    if isinstance(cause, socket.gaierror):
        return cause.errno == socket.EAI_AGAIN
    if isinstance(cause, ConnectionError):
        return "SSL" not in str(cause)  # such a server answers
    if isinstance(cause, FileNotFoundError):
        return cause.filename is None  # the socket of a server that does not run
    lost = isinstance(cause, TimeoutError | asyncpg.TargetServerAttributeNotMatched)
    return lost or errno_of(cause) in _UNREACHED


def _cause(error: BaseException) -> BaseException:
    if isinstance(error, DatabaseUnavailableError) and error.__cause__ is not None:
        error = error.__cause__
    return raised_by_driver(error)


def _words(error: BaseException) -> str:
    """Return the words of the driver, which name host, user or file, never the password."""
    lines = str(error).splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def _of_certificate(error: BaseException) -> str:
    code = getattr(error, "verify_code", 0)
    words = getattr(error, "verify_message", "").rstrip(".")
    if code in {_HOST_DIFFERS, _HOST_DIFFERS + 2}:
        return (
            f"The certificate of the database server is for another host: {words}. Name the host as the certificate "
            "does, or use sslmode=verify-ca."
        )
    return (
        f"The certificate of the database server does not verify: {words}. Name the file of the authority that signed "
        "it as sslrootcert, or sslrootcert=system."
    )


def _of_tls(error: BaseException) -> str:
    reason = getattr(error, "reason", None) or _words(error)
    return f"TLS with the database server failed: {reason}. {_URL} for sslmode, sslrootcert, sslcert and sslkey."


def _of_server(error: BaseException) -> str:
    sqlstate, words = getattr(error, "sqlstate", ""), _words(error)
    if sqlstate in _POOLED:
        return POOLER.format(words)
    mends = _BY_SQLSTATE.get(sqlstate, f"{_URL}, and the server's log.")
    return f"The database can't be opened: {words}. {mends}"


def _of_sqlite(error: BaseException) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return f"The file of GATEWAY_DATABASE_URL can't be used: {_words(error)}. {_BY_SQLITE.get(code, _URL + '.')}"


def _of_name(error: BaseException) -> str:
    return f"The name of the database's host leads to no address: {error.args[-1]}. {_URL} for the host."


def _of_connection(error: BaseException) -> str:
    words = _words(error)
    if "SSL" in words:
        return f"{words}. {_URL}: without TLS it needs sslmode=disable or prefer; else it may be no PostgreSQL."
    return (
        f"The database server ended the connection at once: {words}. {_URL}: host and port must be those of a "
        "PostgreSQL, and its pg_hba.conf or firewall may refuse this machine."
    )


def _of_system(error: BaseException) -> str:
    if errno_of(error) in _UNREACHED:
        return f"The database server can't be reached: {_words(error)}. {_NOT_REACHED}"
    if isinstance(error, ConnectionError):
        return _of_connection(error)
    return f"The database can't be opened: {_words(error)}. {_URL}, and the server or directory."


def _of_file(error: BaseException) -> str:
    if (file := getattr(error, "filename", None)) is not None:
        return f"{file}, which GATEWAY_DATABASE_URL or a variable of PostgreSQL names, is not there."
    return f"There is no socket where GATEWAY_DATABASE_URL leads: the server does not run, or has another. {_URL}."


_NOT_REACHED: Final = f"{_URL} for host and port, and whether the server runs and lets this machine in."
_BY_CLASS: Final[tuple[tuple[type[BaseException], Callable[[BaseException], str]], ...]] = (
    # From the particular to the general: a certificate's error is one of TLS, that one of the system, and a ValueError.
    (ssl.SSLCertVerificationError, _of_certificate),
    (ssl.SSLError, _of_tls),
    (asyncpg.PostgresError, _of_server),
    (sqlite3.Error, _of_sqlite),
    (socket.gaierror, _of_name),
    (CheckoutTimeoutError, lambda _error: "All connections to the database were in use."),
    (TimeoutError, lambda _error: f"The database server does not answer in time. {_NOT_REACHED}"),
    (
        asyncpg.TargetServerAttributeNotMatched,
        lambda _error: f"No host of GATEWAY_DATABASE_URL is what target_session_attrs asks for. {_NOT_REACHED}",
    ),
    # Its words are about a parameter or a file: the URL itself was read before.
    (asyncpg.ClientConfigurationError, lambda error: f"GATEWAY_DATABASE_URL can't be used: {_words(error)}."),
    (FileNotFoundError, _of_file),
    (OSError, _of_system),
    (asyncpg.InternalClientError, _of_connection),
)
