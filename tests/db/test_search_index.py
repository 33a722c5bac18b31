"""The index of the search is made wherever it may be, of whoever is there, and outlives later revisions."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from db import search_index
from db.engine import open_database
from db.migrate import migrate
from db.sqlite import file_of, sqlite_writer
from tests.db.test_migrations import connected, schema
from tests.db.test_search_of_customers import found, shop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection

    from tests.conftest import FreshDatabase

pytestmark = pytest.mark.anyio


async def dropped(url: str) -> None:
    """Drop the indexes."""
    async with connected(url) as connection:
        for index in search_index.ALL.values():
            await connection.run_sync(index.drop)


async def made(url: str) -> None:
    """Make them, as the revision does that first has them."""
    async with connected(url) as connection:
        for index in search_index.ALL.values():
            await connection.run_sync(index.make)


async def indexes(url: str) -> list[str]:
    async with connected(url) as connection:
        rows = await connection.execute(
            text(f"SELECT indexdef FROM pg_indexes WHERE indexname = '{search_index.CUSTOMERS.name}'")
        )
        return list(rows.scalars())


async def finds_them_all(url: str, channel_id: str) -> bool:
    database = await open_database(url)
    try:
        return [await found(database, channel_id, word) for word in ("quartz", "uar", "mica")] == [["0"], ["0"], ["1"]]
    finally:
        await database.close()


async def a_shop(url: str) -> str:
    database = await open_database(url)
    try:
        return await shop(database, ["quartz", "mica"])
    finally:
        await database.close()


async def test_who_is_there_already_is_found(database_url: str) -> None:
    channel_id = await a_shop(database_url)
    await dropped(database_url)
    await made(database_url)

    assert await finds_them_all(database_url, channel_id)


async def test_a_revision_that_replaces_the_table_leaves_the_index_in_step(fresh_database: FreshDatabase) -> None:
    def replace(connection: Connection) -> None:
        operations = Operations(MigrationContext.configure(connection))
        for table in search_index.ALL:
            with operations.batch_alter_table(table, recreate="always"):
                pass
        assert not connection.execute(text("SELECT 1 FROM sqlite_master WHERE type = 'trigger'")).all()

    with fresh_database("sqlite") as url:
        channel_id, before = await a_shop(url), await schema(url)
        engine = sqlite_writer(file_of(url), foreign_keys=False)
        async with engine.begin() as connection:
            await connection.execute(text("DELETE FROM customers WHERE search_text = 'quartz'"))
            await connection.run_sync(replace)
        await engine.dispose()

        await migrate(url)

        assert await schema(url) == before
        database = await open_database(url)
        assert await found(database, channel_id, "mica") == ["1"]
        async with database.unit_of_work() as session:
            await (await session.connection()).execute(text("UPDATE customers SET search_text = 'feldspar'"))
        assert [await found(database, channel_id, word) for word in ("mica", "feldspar")] == [[], ["1"]]
        await database.close()


async def test_who_copies_the_file_copies_the_index(fresh_database: FreshDatabase) -> None:
    """VACUUM may give other numbers to rows of a table without a key of numbers."""
    with fresh_database("sqlite") as url:
        database = await open_database(url)
        channel_id = await shop(database, ["nobody", "quartz", "mica"])
        async with database.unit_of_work() as session:
            await (await session.connection()).execute(text("DELETE FROM customers WHERE search_text = 'nobody'"))
        await database.close()
        engine = sqlite_writer(file_of(url))
        async with engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.execute("VACUUM")
        await engine.dispose()

        database = await open_database(url)
        assert [await found(database, channel_id, word) for word in ("quartz", "mica")] == [["1"], ["2"]]
        await database.close()


async def test_an_extension_in_a_schema_that_is_not_searched_serves(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        channel_id = await a_shop(url)
        async with connected(url) as connection:
            await connection.execute(text('CREATE SCHEMA "Of Extensions"'))
            await connection.execute(text('ALTER EXTENSION pg_trgm SET SCHEMA "Of Extensions"'))
        await dropped(url)
        await made(url)

        assert '"Of Extensions".gin_trgm_ops' in (await indexes(url))[0]
        assert await finds_them_all(url, channel_id)


@asynccontextmanager
async def plain_role(url: str) -> AsyncIterator[str]:
    """Make a role that owns the tables and may not make extensions; yield the URL that it connects by."""
    parts, name = urlsplit(url), f"plain_{urlsplit(url).path[1:]}"
    administrator = await asyncpg.connect(url)
    await administrator.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'plain'; GRANT ALL ON SCHEMA public TO {name}")
    for table in await administrator.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        await administrator.execute(f"ALTER TABLE {table[0]} OWNER TO {name}")
    try:
        yield parts._replace(netloc=f"{name}:plain@{parts.netloc.rpartition('@')[2]}").geturl()
    finally:
        await administrator.execute(f"REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}")
        await administrator.execute(f"DROP ROLE {name}")
        await administrator.close()


@pytest.mark.parametrize("there", [True, False])
async def test_who_may_not_make_the_extension_uses_one_that_is_there(
    fresh_database: FreshDatabase, *, there: bool
) -> None:
    with fresh_database("postgresql") as url:
        channel_id = await a_shop(url)
        await dropped(url)
        if not there:
            async with connected(url) as connection:
                await connection.execute(text("DROP EXTENSION pg_trgm"))
        async with plain_role(url) as plain:
            await made(plain)

        assert len(await indexes(url)) == there
        assert await finds_them_all(url, channel_id)


async def test_whatever_else_is_wrong_is_not_overlooked(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        await dropped(url)
        async with connected(url) as connection:
            await connection.execute(text(f"CREATE TABLE {search_index.CUSTOMERS.name} (id TEXT)"))

        with pytest.raises(ProgrammingError, match="already exists"):
            await made(url)
