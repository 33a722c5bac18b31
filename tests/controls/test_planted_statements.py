"""The count of statements sees one that is sent in addition."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import pytest

from db.engine import Database, open_database
from resolvers.schema import operations_on
from tests.authorization.asking import Switched
from tests.conftest import FreshDatabase, Statements
from tests.statements.shop import a_shop

pytestmark = pytest.mark.anyio

READ = "{ customer { orders { nodes { id } } } }"


class Talkative(Switched):
    """Asks for something else before each read."""

    async def read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
        await self.now.read("SELECT 1", ())
        return await self.now.read(sql, parameters)


class Pooled(Switched):
    """Reads by asyncpg's own pool, which resets a connection that is given back."""

    def __init__(self, first: Database, pool: asyncpg.Pool) -> None:
        super().__init__(first)
        self.pool = pool

    async def read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
        async with self.pool.acquire() as connection:
            return tuple(await connection.fetchrow(sql, *parameters))


async def test_one_statement_more_is_counted(database: Database, statements: Statements) -> None:
    shop = await a_shop(database, statements)
    as_it_is, _answer = await shop.sent(READ)

    shop.operations = operations_on(Talkative(database))
    talkative, _answer = await shop.sent(READ)

    assert len(as_it_is) == 1
    assert talkative == ["SELECT 1", *as_it_is]


async def test_the_reset_of_a_pool_is_counted(fresh_database: FreshDatabase, statements: Statements) -> None:
    async def traced(connection: asyncpg.Connection) -> None:
        connection.add_query_logger(lambda logged: statements.append(logged.query))

    with fresh_database("postgresql") as url:
        database = await open_database(url, trace=statements.append)
        shop = await a_shop(database, statements)
        async with asyncpg.create_pool(url, min_size=1, max_size=1, init=traced) as pool:
            shop.operations = operations_on(Pooled(database, pool))
            sent, answer = await shop.sent(READ)
        await database.close()

    assert len(answer["data"]["customer"]["orders"]["nodes"]) == 1
    assert len(sent) == 2
    assert "RESET ALL" in sent[1]


async def test_a_unit_of_work_is_counted_with_its_begin_and_commit(database: Database, statements: Statements) -> None:
    async with database.unit_of_work() as session:
        await (await session.connection()).exec_driver_sql("SELECT 1")

    sent = await statements.taken()

    assert [sum(statement.startswith(word) for statement in sent) for word in ("BEGIN", "COMMIT")] == [1, 1]
    assert "SELECT 1" in sent
