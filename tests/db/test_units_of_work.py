from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

import aiosqlite
import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from db.engine import Database, DatabaseUnavailableError, open_database
from db.errors import is_outage
from db.models import Channel
from db.unit_of_work import unit_of_work, writing_engine
from tests.conftest import FreshDatabase, Statements
from tests.db.rows import channel

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

COUNT = "SELECT count(*) FROM channels"


class WrongError(Exception):
    pass


async def test_returning_commits(database: Database) -> None:
    async with database.unit_of_work() as session:
        session.add(channel())

    assert await database.read(COUNT, ()) == (1,)


async def test_raising_leaves_nothing(database: Database) -> None:
    with pytest.raises(WrongError):
        async with database.unit_of_work() as session:
            session.add(channel())
            await session.flush()
            raise WrongError

    assert await database.read(COUNT, ()) == (0,)
    async with database.unit_of_work() as session:
        session.add(channel())
    assert await database.read(COUNT, ()) == (1,)


async def test_being_cancelled_leaves_nothing_and_blocks_nobody(database: Database) -> None:
    flushed = asyncio.Event()

    async def wait_inside() -> None:
        async with database.unit_of_work() as session:
            session.add(channel())
            await session.flush()
            flushed.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait_inside())
    await flushed.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    async with database.unit_of_work() as session:
        session.add(channel())
    assert await database.read(COUNT, ()) == (1,)


async def test_no_cancellation_costs_a_connection_or_half_a_unit(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def write(code: str) -> None:
        async with database.unit_of_work() as session:
            session.add(channel(code=f"{code}a"))
            await session.flush()
            session.add(channel(code=f"{code}b"))

    for turns in range(300):
        task = asyncio.create_task(write(f"c{turns}"))
        await asyncio.wait([task], timeout=turns % 100 * 0.00005)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    [stored] = await database.read(COUNT, ())
    assert isinstance(stored, int)
    assert stored % 2 == 0
    assert [record.getMessage() for record in caplog.records] == []


async def test_what_was_written_stays_readable_after_the_commit(database: Database) -> None:
    async with database.unit_of_work() as session:
        session.add(made := channel(name="Kept"))

    assert made.name == "Kept"


async def test_begin_and_commit_are_all_that_is_added_to_the_statements(
    database: Database, statements: Statements
) -> None:
    async with database.unit_of_work() as session:
        await session.exec(select(Channel.id))

    sent = await statements.taken()
    assert len(sent) == 3
    assert sum("SELECT" in statement for statement in sent) == 1
    assert sum("BEGIN" in statement for statement in sent) == 1
    assert sum("COMMIT" in statement for statement in sent) == 1


async def test_no_acknowledged_write_is_lost_among_concurrent_writers(database_url: str) -> None:
    """Two processes of the gateway, as far as the database can tell. SQLite ignores FOR UPDATE."""
    databases = [await open_database(database_url) for _ in range(2)]
    async with databases[0].unit_of_work() as session:
        session.add(channel(last_customer_number=0))

    async def count_up(database: Database) -> None:
        async with database.unit_of_work() as session:
            row = (await session.exec(select(Channel).with_for_update())).one()
            row.last_customer_number += 1

    await asyncio.gather(*(count_up(database) for database in databases for _ in range(40)))

    assert await databases[0].read("SELECT last_customer_number FROM channels", ()) == (80,)
    for database in databases:
        await database.close()


async def test_sqlite_takes_its_lock_before_it_reads(fresh_database: FreshDatabase) -> None:
    statements = Statements()
    with fresh_database("sqlite") as url:
        database = await open_database(url, trace=statements.append)
        async with database.unit_of_work() as session:
            await session.exec(select(Channel))
        await database.close()

    assert statements[0] == "BEGIN IMMEDIATE"


async def test_a_writer_that_waits_too_long_is_told_that_the_database_is_unavailable(tmp_path: Path) -> None:
    engine = writing_engine(
        "sqlite+aiosqlite", lambda: aiosqlite.connect(tmp_path / "busy.db"), connections=1, timeout=0.01
    )

    async with unit_of_work(engine) as session:
        await session.connection()
        with pytest.raises(DatabaseUnavailableError):
            async with unit_of_work(engine) as late:
                await late.connection()

    await engine.dispose()


async def test_a_lock_that_another_process_holds_too_long_is_an_outage(tmp_path: Path) -> None:
    holder, waiter = (sqlite3.connect(tmp_path / "busy.db", timeout=0, isolation_level=None) for _ in range(2))
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(sqlite3.OperationalError) as caught:
        waiter.execute("BEGIN IMMEDIATE")

    assert is_outage(caught.value)
    holder.close()
    waiter.close()


async def test_a_statement_that_takes_too_long_is_an_outage(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        database = await open_database(url)
        with pytest.raises(DatabaseUnavailableError):
            async with database.unit_of_work() as session:
                connection = await session.connection()
                await connection.exec_driver_sql("SET LOCAL statement_timeout = 10")
                await connection.exec_driver_sql("SELECT pg_sleep(5)")
        await database.close()


async def test_a_server_that_became_a_replica_is_left(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        database = await open_database(url)
        async with database.unit_of_work() as session:
            await (await session.connection()).exec_driver_sql("SET default_transaction_read_only = on")
        with pytest.raises(DatabaseUnavailableError):
            async with database.unit_of_work() as session:
                session.add(channel())

        async with database.unit_of_work() as session:
            session.add(channel())
        await database.close()


def test_a_driver_that_has_lost_track_and_a_replica_are_outages() -> None:
    assert is_outage(asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"))
    assert is_outage(asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT in a read-only transaction"))


async def test_a_bug_is_no_outage(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.unit_of_work() as session:
            await (await session.connection()).exec_driver_sql("SELECT nothing FROM nowhere")
