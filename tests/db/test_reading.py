from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text

from db.engine import Database, DatabaseUnavailableError, open_database
from db.postgres import READERS
from db.sqlite import READERS as SQLITE_READERS
from db.sqlite import SqliteReader, file_of
from tests.conftest import FreshDatabase, Statements
from tests.db.rows import channel

pytestmark = pytest.mark.anyio


async def test_a_read_is_one_statement_on_the_wire(database: Database, statements: Statements) -> None:
    await database.read("SELECT 1", ())
    await statements.taken()

    for _ in range(3):
        await database.read("SELECT count(*) FROM orders", ())

    assert await statements.taken() == ["SELECT count(*) FROM orders"] * 3


async def test_json_arrives_as_text(database: Database) -> None:
    json = "json('{\"a\":[1,2]}')" if database.dialect.name == "sqlite" else "CAST('{\"a\":[1,2]}' AS json)"

    assert await database.read(f"SELECT {json}", ()) == ('{"a":[1,2]}',)


async def test_parameters_arrive_in_order(database: Database) -> None:
    marks = ("?", "?") if database.dialect.name == "sqlite" else ("CAST($1 AS text)", "CAST($2 AS int)")

    assert await database.read(f"SELECT {marks[0]}, {marks[1]}", ("ä\U0001f600", 7)) == ("ä\U0001f600", 7)


async def test_reads_run_side_by_side(database: Database) -> None:
    rows = await asyncio.gather(*(database.read(f"SELECT {number}", ()) for number in range(100)))

    assert rows == [(number,) for number in range(100)]


async def test_readers_survive_reads_that_fail_or_are_cancelled(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        database = await open_database(url)
        for _ in range(3):
            with pytest.raises(asyncpg.DivisionByZeroError):
                await database.read("SELECT 1 / $1::int", (0,))
        tasks = [asyncio.create_task(database.read("SELECT 1 FROM pg_sleep(60)", ())) for _ in range(20)]
        await asyncio.sleep(0.3)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

        rows = await asyncio.gather(*(database.read(f"SELECT {number}", ()) for number in range(50)))

        assert rows == [(number,) for number in range(50)]
        sleeping = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(60)'"
        assert await database.read(sleeping, ()) == (0,)
        await database.close()


async def test_a_read_sees_what_was_committed_before_and_nothing_else(database: Database) -> None:
    count = "SELECT count(*) FROM channels"

    async with database.unit_of_work() as session:
        session.add(channel())
        await session.flush()
        assert await database.read(count, ()) == (0,)

    assert await database.read(count, ()) == (1,)


async def test_a_reader_of_sqlite_cannot_write(fresh_database: FreshDatabase) -> None:
    with fresh_database("sqlite") as url:
        database = await open_database(url)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await database.read("DELETE FROM channels RETURNING id", ())
        await database.close()


async def test_connections_that_the_server_ended_are_replaced_without_an_error(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        database = await open_database(url)
        await _end_all_connections(url)

        assert await database.read("SELECT 1", ()) == (1,)
        async with database.unit_of_work() as session:
            assert await (await session.connection()).exec_driver_sql("SELECT 1")

        await database.close()


async def test_reads_survive_that_the_server_ends_connections_unnoticed(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        database = await open_database(url)
        await asyncio.gather(*(database.read("SELECT 1 FROM pg_sleep(0.2)", ()) for _ in range(READERS)))
        _meanwhile(_end_all_connections(url))

        rows = await asyncio.gather(*(database.read(f"SELECT {number}", ()) for number in range(READERS)))

        assert rows == [(number,) for number in range(READERS)]
        await database.close()


@pytest.mark.parametrize(
    ("failing", "times"),
    [
        ("pg_terminate_backend(pg_backend_pid())", 2),
        ("pg_cancel_backend(pg_backend_pid())", 1),  # as the statement time-out does
    ],
)
async def test_only_a_lost_read_is_tried_again_and_only_once(
    fresh_database: FreshDatabase, failing: str, times: int
) -> None:
    with fresh_database("postgresql") as url:
        await _execute(url, "CREATE SEQUENCE tried")
        database = await open_database(url)

        with pytest.raises(DatabaseUnavailableError):
            await database.read(f"SELECT nextval('tried'), {failing}", ())

        assert await database.read("SELECT last_value FROM tried", ()) == (times,)
        await database.close()


async def test_a_reader_goes_on_after_an_error_of_sql_only(fresh_database: FreshDatabase) -> None:
    own = "SELECT pg_backend_pid()"
    with fresh_database("postgresql") as url:
        database = await open_database(url)
        before = await database.read(own, ())

        with pytest.raises(asyncpg.DivisionByZeroError):
            await database.read("SELECT 1 / $1::int", (0,))
        assert await database.read(own, ()) == before

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(database.read("SELECT 1 FROM pg_sleep(60)", ()), 0.1)
        assert await database.read(own, ()) != before

        await database.close()


async def test_what_a_statement_means_does_not_depend_on_the_server(fresh_database: FreshDatabase) -> None:
    foreign = {
        "timezone": "Asia/Tokyo",
        "datestyle": "SQL, DMY",
        "standard_conforming_strings": "off",
        "default_transaction_isolation": "serializable",
    }
    with fresh_database("postgresql") as url:
        name = urlsplit(url).path[1:]
        for setting, value in foreign.items():
            _meanwhile(_execute(url, f"ALTER DATABASE {name} SET {setting} = '{value}'"))
        database = await open_database(url)

        times = "SELECT '2026-03-04T05:06:07Z'::timestamptz::text, '2026-03-04'::date::text"
        assert await database.read(times, ()) == ("2026-03-04 05:06:07+00", "2026-03-04")
        assert await database.read(r"SELECT '\', current_setting('transaction_isolation')", ()) == (
            "\\",
            "read committed",
        )
        await database.close()


async def test_a_read_of_sqlite_ends_in_time_and_the_next_one_works(fresh_database: FreshDatabase) -> None:
    endless = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT max(n) FROM n"
    with fresh_database("sqlite") as url:
        reader = SqliteReader(file_of(url), timeout=0.1)

        for _ in range(2):
            with pytest.raises(DatabaseUnavailableError):
                await asyncio.wait_for(reader.read(endless, ()), 60)
            assert await reader.read("SELECT 1", ()) == (1,)

        await reader.close()


def counting(rows: int) -> str:
    return f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {rows}) SELECT count(*) FROM n"


async def test_a_long_read_of_sqlite_keeps_no_short_one_waiting(fresh_database: FreshDatabase) -> None:
    with fresh_database("sqlite") as url:
        # It ends by its rows: the short ones have a thousandth of its work to do, on a busy machine as well.
        reader = SqliteReader(file_of(url), timeout=600)

        long = asyncio.ensure_future(reader.read(counting(12_000_000), ()))
        await asyncio.sleep(0)
        short = [await reader.read("SELECT 1", ()) for _ in range(3)]

        assert not long.done()
        assert short == [(1,)] * 3
        assert await long == (12_000_000,)
        await reader.close()


async def test_what_is_long_three_times_in_a_row_begins_in_a_thread(fresh_database: FreshDatabase) -> None:
    counted = counting(3_000_000)
    with fresh_database("sqlite") as url:
        sent: list[str] = []
        reader = SqliteReader(file_of(url), sent.append, timeout=600)

        for times in (2, 4, 6, 7, 8):
            assert await reader.read(counted, ()) == (3_000_000,)
            # Begun in the thread of the loop, and again in one of its own.
            assert sent.count(counted) == times
        await reader.close()


async def test_long_texts_of_sqlite_are_put_together_in_a_thread(fresh_database: FreshDatabase) -> None:
    texts = " || ".join(["printf('%065536d', n.i)"] * 30)
    long = f"WITH n(i) AS (VALUES (1), (2), (3)) SELECT length(group_concat({texts})) FROM n"
    with fresh_database("sqlite") as url:
        sent: list[str] = []
        reader = SqliteReader(file_of(url), sent.append)

        assert await reader.read(long, ()) == (3 * 30 * 65536 + 2,)
        assert sent.count(long) == 2
        await reader.close()


async def test_a_mistake_in_a_statement_of_sqlite_is_made_once(fresh_database: FreshDatabase) -> None:
    with fresh_database("sqlite") as url:
        reader = SqliteReader(file_of(url))

        with pytest.raises(sqlite3.OperationalError, match="no such table") as raised:
            await reader.read("SELECT 1 FROM nowhere", ())

        assert raised.value.__context__ is None
        await reader.close()


async def test_a_read_of_sqlite_waits_for_a_lock_in_a_thread(tmp_path: Path) -> None:
    file = tmp_path / "gateway.db"
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE t (x)")
        reader = SqliteReader(file)
        # In a journal that rolls back, who writes locks out who reads.
        other.execute("BEGIN EXCLUSIVE")

        waiting = asyncio.ensure_future(reader.read("SELECT count(*) FROM t", ()))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        other.execute("COMMIT")

        assert await waiting == (0,)
        await reader.close()


async def test_reads_of_sqlite_do_not_wait_for_ever_for_a_turn(tmp_path: Path) -> None:
    file = tmp_path / "gateway.db"
    sqlite3.connect(file).close()
    reader = SqliteReader(file, timeout=1.0, patience=0.1)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

    slow = [asyncio.ensure_future(reader.read(endless, ())) for _ in range(SQLITE_READERS)]
    await asyncio.sleep(0)
    with pytest.raises(DatabaseUnavailableError) as refused:
        await reader.read(endless, ())

    assert refused.value.during == "checkout"

    assert await reader.read("SELECT 1", ()) == (1,)
    await asyncio.gather(*slow, return_exceptions=True)
    assert await reader.read("SELECT 1", ()) == (1,)
    await reader.close()


async def test_files_of_sqlite_are_for_their_owner_alone(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/gateway.db")
    async with database.unit_of_work() as session:
        await (await session.connection()).execute(text("CREATE TABLE t (x)"))
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in Path(tmp_path).iterdir()}  # noqa: ASYNC240
    await database.close()

    assert modes == dict.fromkeys(("gateway.db", "gateway.db-wal", "gateway.db-shm"), 0o600)


async def test_a_closed_database_is_unavailable_and_may_be_closed_again(database: Database) -> None:
    await database.read("SELECT 1", ())
    for _ in range(2):
        await database.close()

    with pytest.raises(DatabaseUnavailableError):
        await database.read("SELECT 1", ())
    with pytest.raises(DatabaseUnavailableError):
        async with database.unit_of_work() as session:
            await session.connection()


async def test_an_unreachable_database_is_unavailable(tmp_path: object) -> None:
    for url in (f"postgresql://nobody@/none?host={tmp_path}", f"sqlite:///{tmp_path}/none/none.db"):
        with pytest.raises(DatabaseUnavailableError):
            await open_database(url)


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "sqlite:///"])
async def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        await open_database(url)


def _meanwhile(work: Coroutine[object, object, None]) -> None:
    """Do *work* while the test's loop stands still, and learns nothing."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _end_all_connections(url: str) -> None:
    await _execute(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    await asyncio.sleep(0.05)


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()
