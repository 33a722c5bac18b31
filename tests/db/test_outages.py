"""Outages: which failures are some, what their cause is called, and what the log says of them, and how often."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import asyncpg
import pytest
from sqlalchemy import exc

from db.engine import Database, open_database
from db.errors import CheckoutTimeoutError, DatabaseUnavailableError, Phase, cause_of, errno_of
from db.outages import Outages
from db.postgres import PostgresReader
from db.postgres_url import PostgresAddress
from db.turns import Turns
from db.writes import writes_of
from tests.conftest import FreshDatabase

pytestmark = pytest.mark.anyio


def of_sqlite(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError("hunter2")
    error.sqlite_errorcode, error.sqlite_errorname = getattr(sqlite3, name), name
    return error


def wrapped(error: BaseException) -> exc.DBAPIError:
    return exc.OperationalError("SELECT 'hunter2'", {}, error)


# ── Causes ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (asyncpg.TooManyConnectionsError("hunter2"), "53300"),
        (asyncpg.DiskFullError("hunter2"), "53100"),
        (asyncpg.LockNotAvailableError("hunter2"), "55P03"),
        (asyncpg.ReadOnlySQLTransactionError("hunter2"), "25006"),
        (of_sqlite("SQLITE_FULL"), "SQLITE_FULL"),
        (wrapped(of_sqlite("SQLITE_BUSY")), "SQLITE_BUSY"),
        (ConnectionRefusedError(111, "hunter2"), "ConnectionRefusedError"),
        (OSError(113, "hunter2"), "EHOSTUNREACH"),
        (OSError("Multiple exceptions: [Errno 111] hunter2, [Errno 111] hunter2"), "ECONNREFUSED"),
        (OSError("Multiple exceptions: [Errno 111] hunter2, [Errno 113] hunter2"), "OSError"),
        (TimeoutError("hunter2"), "TimeoutError"),
        (KeyError("hunter2"), "KeyError"),
    ],
)
def test_a_cause_is_a_code_or_a_class(error: BaseException, cause: str) -> None:
    assert cause_of(error) == cause
    assert "hunter2" not in str(DatabaseUnavailableError.of(error, "read"))


def test_the_number_of_an_error_of_tls_is_none_of_the_system() -> None:
    assert errno_of(KeyError()) is None


@pytest.mark.parametrize("error", [CheckoutTimeoutError(), exc.TimeoutError()])
def test_who_waits_for_a_connection_in_vain_has_not_begun_to_read(error: Exception) -> None:
    assert DatabaseUnavailableError.of(error, "read").during == "checkout"


async def test_turns_say_that_they_were_waited_for() -> None:
    turns = Turns(1, timeout=0.01)
    async with turns:
        with pytest.raises(CheckoutTimeoutError):
            async with turns:
                pass


async def test_a_server_that_refuses_is_told_as_such() -> None:
    with pytest.raises(DatabaseUnavailableError) as refused:
        await open_database("postgresql://somebody:hunter2@127.0.0.1:1/shop")

    assert (refused.value.cause, refused.value.during) == ("ConnectionRefusedError", "connect")


async def test_what_the_first_of_several_hosts_says_is_an_outage(postgresql_server: str) -> None:
    parts = urlsplit(postgresql_server)
    who, _, where = parts.netloc.rpartition("@")
    doubled = [
        f"{name}={value},{value}" if name == "host" else f"{name}={value}" for name, value in parse_qsl(parts.query)
    ]
    netloc = f"{who}@{where},{where}" if where else parts.netloc
    url = parts._replace(netloc=netloc, path="/nosuch", query="&".join(doubled)).geturl()
    assert len(PostgresAddress.of(url).hosts) == 2

    with pytest.raises(DatabaseUnavailableError) as outage:
        await PostgresReader(url).read("SELECT 1", [])

    assert (outage.value.cause, outage.value.during) == ("3D000", "connect")


async def test_a_statement_that_takes_too_long_is_told_as_such(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        database = await open_database(url)
        with pytest.raises(DatabaseUnavailableError) as written:
            async with database.unit_of_work() as session:
                connection = await session.connection()
                await connection.exec_driver_sql("SET LOCAL statement_timeout = 1")
                await connection.exec_driver_sql("SELECT pg_sleep(60)")
        with pytest.raises(DatabaseUnavailableError) as read:
            await database.read("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(60)", ())
        await database.close()

    assert (written.value.cause, written.value.during) == ("57014", "write")
    assert (read.value.cause, read.value.during) == ("57014", "read")


# ── The log ───────────────────────────────────────────────────────────────────────────────────────


class Watch:
    """A clock that is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[int, dict[str, Any]]]:
    found = [(record.levelno, record.__dict__["database"]) for record in caplog.records if record.name == "db.outages"]
    caplog.clear()
    return found


def test_an_outage_is_told_once_a_second_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    watch = Watch()
    outages = Outages("read", watch)

    for number in range(25):
        watch.now = number / 10
        outages.failed(DatabaseUnavailableError("53300", "connect"))
    told = lines(caplog)
    assert [level for level, _ in told] == [logging.ERROR] * 3
    assert [each["failures"] for _, each in told] == [1, 11, 21]
    assert {(each["cause"], each["during"]) for _, each in told} == {("53300", "connect")}

    outages.answered()
    assert lines(caplog) == [(logging.INFO, {"failures": 25, "seconds": 2.4})]
    assert outages.last is None


@pytest.mark.parametrize("during", ["checkout", "connect", "read", "write"])
def test_the_words_say_what_was_done(caplog: pytest.LogCaptureFixture, during: Phase) -> None:
    Outages("written to").failed(DatabaseUnavailableError("XX", during))

    assert caplog.messages == [f"the database can't be written to: XX during {during}"]


def test_an_outage_that_comes_and_goes_is_told_once_a_second(caplog: pytest.LogCaptureFixture) -> None:
    now = [100.0]
    outages = Outages("read", lambda: now[0])
    outage = DatabaseUnavailableError.of(asyncpg.TooManyConnectionsError("hunter2"), "connect")
    with caplog.at_level(logging.INFO):
        for at in range(200):
            now[0] = 100.0 + at / 100
            outages.failed(outage)
            outages.answered()

    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"] * 2


async def test_who_reads_and_who_writes_have_outages_of_their_own(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(DatabaseUnavailableError):
        async with database.unit_of_work():
            raise DatabaseUnavailableError(cause="SQLITE_FULL", during="write")
    assert database.unwritten is not None
    assert await database.read("SELECT 1", ()) == (1,)
    assert [level for level, _ in lines(caplog)] == [logging.ERROR]

    await write(database)
    assert [level for level, _ in lines(caplog)] == [logging.INFO]
    assert database.unwritten is None


async def test_a_bug_is_no_outage(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        async with database.unit_of_work():
            raise KeyError

    await asyncio.gather(fail(), return_exceptions=True)

    assert lines(caplog) == []
    assert database.unwritten is None


# ── Whether it takes writes ───────────────────────────────────────────────────────────────────────


async def test_a_database_takes_writes(database: Database) -> None:
    assert await writes_of(database) == "ok"


@pytest.mark.parametrize("cause", ["57014", "SQLITE_BUSY", "53300"])
async def test_what_passes_by_itself_keeps_nobody_from_writing(database: Database, cause: str) -> None:
    with pytest.raises(DatabaseUnavailableError):
        async with database.unit_of_work():
            raise DatabaseUnavailableError(cause, "write")

    assert await writes_of(database) == "ok"
    assert database.unwritten is not None


async def test_a_file_that_is_only_read_is_told_until_it_can_be_written_to_again(fresh_database: FreshDatabase) -> None:
    with fresh_database("sqlite") as url:
        database = await open_database(url)
        await set_writer(database, "query_only = ON")
        with pytest.raises(DatabaseUnavailableError) as refused:
            await write(database)
        assert refused.value.cause == "SQLITE_READONLY"
        assert [await writes_of(database) for _ in range(2)] == ["read only"] * 2

        await set_writer(database, "query_only = OFF")
        assert await writes_of(database) == "ok"
        await write(database)
        await database.close()


async def test_a_server_that_only_reads_is_told_at_once(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        database = await open_database(f"{url}{'&' if '?' in url else '?'}default_transaction_read_only=on")
        assert await writes_of(database) == "read only"
        with pytest.raises(DatabaseUnavailableError) as refused:
            await write(database)

        assert (refused.value.cause, refused.value.during) == ("25006", "write")
        await database.close()


async def set_writer(database: Database, pragma: str) -> None:
    # A transaction can't be begun where nothing may be written.
    async with database._writer.connect() as connection:  # noqa: SLF001 - no other way leads to it
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute(f"PRAGMA {pragma}")


async def write(database: Database) -> None:
    async with database.unit_of_work() as session:
        await (await session.connection()).exec_driver_sql("UPDATE alembic_version SET version_num = version_num")
