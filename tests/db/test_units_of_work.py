from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlmodel import select

from db.engine import Database, DatabaseUnavailableError, open_database
from db.models import Channel
from tests.conftest import FreshDatabase, Statements
from tests.db.rows import channel

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

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


async def test_a_writer_that_waits_too_long_is_told_that_the_database_is_unavailable(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database._writer.pool, "_timeout", 0.05)  # noqa: SLF001 - three seconds is long for a test

    async def hold(session: AsyncSession, barrier: asyncio.Event) -> None:
        await session.connection()
        await barrier.wait()

    async def work(barrier: asyncio.Event) -> None:
        async with database.unit_of_work() as session:
            await hold(session, barrier)

    barrier = asyncio.Event()
    connections = 1 if database.dialect.name == "sqlite" else 8
    holding = [asyncio.create_task(work(barrier)) for _ in range(connections)]
    await asyncio.sleep(0.2)
    with pytest.raises(DatabaseUnavailableError):
        await work(barrier)
    barrier.set()
    await asyncio.gather(*holding)
