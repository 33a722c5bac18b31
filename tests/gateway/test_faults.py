"""Faults of a database are told by what they are: a sentence for each cause, and the URL only where it is the URL."""

from __future__ import annotations

import errno
import socket
import sqlite3
import ssl
from urllib.parse import urlsplit

import asyncpg
import pytest

from db.engine import open_database
from db.errors import CheckoutTimeoutError, DatabaseUnavailableError
from gateway.operator.database import DatabaseAwayError, database_explained, require_usable
from gateway.operator.faults import is_away, told
from gateway.operator.settings import OperatorError
from tests.conftest import FreshDatabase


def of_certificate(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


def of_sqlite(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError("it failed")
    error.sqlite_errorcode, error.sqlite_errorname = getattr(sqlite3, name), name
    return error


REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed")
TABLE: list[tuple[BaseException, str, bool]] = [
    (of_certificate(62, "Hostname mismatch, certificate is not valid for 'h'."), "is for another host", False),
    (
        of_certificate(64, "IP address mismatch, certificate is not valid for '127.0.0.1'."),
        "is for another host",
        False,
    ),
    (of_certificate(20, "unable to get local issuer certificate"), "sslrootcert", False),
    (of_certificate(18, "self-signed certificate"), "sslrootcert=system", False),
    (of_certificate(10, "certificate has expired"), "does not verify: certificate has expired", False),
    (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), "TLS with the database server failed", False),
    (ConnectionError('PostgreSQL server at "h:1" rejected SSL upgrade'), "sslmode=disable or prefer", False),
    (ConnectionError("unexpected connection_lost() call"), "ended the connection at once", True),
    (ConnectionResetError(errno.ECONNRESET, "reset"), "ended the connection at once", True),
    (REFUSED, "can't be reached", True),
    (OSError("Multiple exceptions: [Errno 111] a, [Errno 111] b"), "can't be reached", True),
    (OSError(errno.EHOSTUNREACH, "No route to host"), "can't be reached", True),
    (PermissionError(errno.EACCES, "Permission denied"), "Permission denied", False),
    (TimeoutError(), "does not answer in time", True),
    (CheckoutTimeoutError(), "connections to the database were in use", True),
    (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "leads to no address", False),
    (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "leads to no address", True),
    (FileNotFoundError(errno.ENOENT, "No such file"), "no socket", True),
    (FileNotFoundError(errno.ENOENT, "No such file", "ca.crt"), "ca.crt", False),
    (asyncpg.InvalidPasswordError("password authentication failed"), ".pgpass", False),
    (asyncpg.InvalidAuthorizationSpecificationError("no pg_hba.conf entry"), "pg_hba.conf", False),
    (asyncpg.InvalidCatalogNameError('database "x" does not exist'), "CREATE DATABASE", False),
    (asyncpg.InsufficientPrivilegeError("permission denied for schema public"), "GRANT CREATE, USAGE ON SCHEMA", False),
    (asyncpg.TooManyConnectionsError("too many connections for role"), "CONNECTION LIMIT", True),
    (asyncpg.CannotConnectNowError("the database system is starting up"), "starting or stopping", True),
    (asyncpg.DiskFullError("could not extend file"), "disk of the server is full", True),
    (asyncpg.ReadOnlySQLTransactionError("read-only transaction"), "target_session_attrs=read-write", False),
    (asyncpg.UndefinedObjectError('unrecognized configuration parameter "schema"'), '"schema"', False),
    (asyncpg.ProtocolViolationError("unsupported startup parameter: jit"), "pooler", False),
    (asyncpg.InvalidSQLStatementNameError('prepared statement "x" does not exist'), "pooler", False),
    (asyncpg.DuplicatePreparedStatementError('prepared statement "x" already exists'), "pooler", False),
    (asyncpg.ConnectionDoesNotExistError("connection was closed"), "must be those of a PostgreSQL", True),
    (asyncpg.TargetServerAttributeNotMatched("None of the hosts match"), "target_session_attrs", True),
    (asyncpg.ClientConfigurationError("`sslmode` parameter must be one of: x"), "`sslmode` parameter", False),
    (of_sqlite("SQLITE_CANTOPEN"), "The directory must be there", False),
    (of_sqlite("SQLITE_NOTADB"), "no database of SQLite", False),
    (of_sqlite("SQLITE_READONLY"), "able to write", False),
    (of_sqlite("SQLITE_FULL"), "The disk is full", False),
    (of_sqlite("SQLITE_BUSY"), "Another process", True),
    (of_sqlite("SQLITE_CORRUPT"), "restore a backup", False),
]


@pytest.mark.parametrize(("error", "words", "away"), TABLE, ids=lambda value: type(value).__name__)
def test_a_fault_has_its_sentence(error: BaseException, words: str, away: bool) -> None:  # noqa: FBT001 - a table
    outage = DatabaseUnavailableError.of(error, "connect")
    outage.__cause__ = error

    for raised in (error, outage):
        sentence = told(raised)
        assert words in sentence
        assert sentence.endswith(".")
        assert "percent" not in sentence or isinstance(error, asyncpg.InvalidPasswordError)
        assert is_away(raised) is away


def test_whoever_explains_knows_what_time_mends() -> None:
    for error, kind in ((REFUSED, DatabaseAwayError), (of_certificate(62, "mismatch"), OperatorError)):
        outage = DatabaseUnavailableError.of(error, "connect")
        outage.__cause__ = error
        with pytest.raises(OperatorError) as explained, database_explained():
            raise outage
        assert type(explained.value) is kind


# ── As PostgreSQL says it ─────────────────────────────────────────────────────────────────────────

pytestmark = pytest.mark.anyio


async def sentence(url: str) -> str:
    """Return what is told of the database at *url*."""
    with pytest.raises(OperatorError) as refused:
        with database_explained():
            database = await open_database(url)
        try:
            await require_usable(database)
        finally:
            await database.close()
    return str(refused.value)


async def test_the_server_names_what_it_does_not_have(postgresql_server: str) -> None:
    parts = urlsplit(postgresql_server)

    assert 'database "nosuch" does not exist' in await sentence(parts._replace(path="/nosuch").geturl())
    query = f"{parts.query}&" if parts.query else ""
    assert '"pool_timeout"' in await sentence(parts._replace(query=f"{query}pool_timeout=3").geturl())


async def test_a_role_without_rights_is_told_what_to_grant(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        administrator = await asyncpg.connect(url)
        await administrator.execute("CREATE ROLE stranger LOGIN PASSWORD 'hunter2'")
        try:
            parts = urlsplit(url)
            netloc = f"stranger:hunter2@{parts.netloc.rpartition('@')[2]}"
            said = await sentence(parts._replace(netloc=netloc).geturl())
        finally:
            await administrator.execute("DROP ROLE stranger")
            await administrator.close()

    assert "permission denied" in said
    assert "GRANT" in said
    assert "hunter2" not in said


async def test_a_pooler_that_drops_settings_is_refused(fresh_database: FreshDatabase) -> None:
    # What arrives by `options` comes after the settings of the start: as if these had been dropped.
    with fresh_database("postgresql") as url:
        database = await open_database(url)
        assert await database.unheeded() == []
        await database.read("SELECT set_config('statement_timeout', '0', false)", ())

        assert await database.unheeded() == ["statement_timeout"]
        with pytest.raises(OperatorError, match=r"pooler .*\(statement_timeout\)"):
            await require_usable(database)
        await database.close()
