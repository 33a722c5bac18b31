from __future__ import annotations

import asyncio
import sqlite3

import asyncpg
import pytest

from db.engine import Database, DatabaseUnavailableError, open_database
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


async def test_an_unreachable_database_is_unavailable(tmp_path: object) -> None:
    for url in (f"postgresql://nobody@/none?host={tmp_path}", f"sqlite:///{tmp_path}/none/none.db"):
        with pytest.raises(DatabaseUnavailableError):
            await open_database(url)


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "sqlite:///"])
async def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        await open_database(url)


async def _end_all_connections(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
    await asyncio.sleep(0.05)
