"""A search over a shop's orders finds what it should, and asks an index of its own for it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import count
from typing import TYPE_CHECKING

import asyncpg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from sqlmodel import col

from bench.searching import Search
from db.bulk import insert_rows
from db.engine import Database, open_database
from db.models import Order
from db.word_search import MOST_FEW
from resolvers.rules.search_text import fold
from tests.db.rows import channel, customer, order
from tests.db.test_search_of_customers import expected, in_step, searches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tests.conftest import FreshDatabase

pytestmark = pytest.mark.anyio

PAGE = "query($search: String!) { orders(search: $search) { totalCount nodes { orderNumber } } }"
NUMBERS = count(1)


@pytest.fixture
async def kept(shared_database_url: str) -> AsyncIterator[Database]:
    database = await open_database(shared_database_url)
    yield database
    await database.close()


async def shop(database: Database, texts: Sequence[str]) -> str:
    """Make a shop with an order for each of *texts*; their numbers are its places, the newest is the last."""
    made = channel(code=f"orders-{next(NUMBERS)}")
    made_id, buyer = made.id, customer(made)
    async with database.unit_of_work() as session:
        session.add(made)
        await session.flush()
        rows = [order(buyer, order_number=str(at), search_text=fold(text)) for at, text in enumerate(texts)]
        session.add(buyer)
        await session.flush()
        ordered = sorted(row.id for row in rows)
        await insert_rows(
            session, Order, [row.model_dump() | {"id": key} for row, key in zip(rows, ordered, strict=True)]
        )
    return made_id


async def found(database: Database, channel_id: str, search: str) -> list[str]:
    answer = await Search.planned(database, PAGE).found(database, channel_id, search)
    return [node["orderNumber"] for node in answer["nodes"]]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=searches())
async def test_exactly_those_are_found_whose_text_holds_all_words(
    kept: Database, drawn: tuple[list[str], list[str]]
) -> None:
    texts, wanted = drawn
    channel_id = await shop(kept, texts)

    for search in wanted:
        assert await found(kept, channel_id, search) == expected(texts, search)


async def test_few_and_many_are_found_alike(database: Database) -> None:
    texts = [f"no. {at} holder" if at % 2 else f"no. {at}" for at in range(2 * MOST_FEW + 2)]
    channel_id = await shop(database, texts)

    for search in ("holder", "no. 7", "no. 1001", "ol", "", "nobody"):
        assert await found(database, channel_id, search) == expected(texts, search)[:20]


async def test_what_is_deleted_or_written_again_is_found_as_it_is(fresh_database: FreshDatabase) -> None:
    with fresh_database("sqlite") as url:
        database = await open_database(url)
        channel_id = await shop(database, ["first", "second", "third"])
        async with database.unit_of_work() as session:
            await session.exec(sa.update(Order).where(col(Order.order_number) == "0").values(search_text="changed"))
            await session.exec(sa.delete(Order).where(col(Order.order_number) == "1"))
        words = ("first", "second", "third", "changed")
        assert [await found(database, channel_id, word) for word in words] == [[], [], ["2"], ["0"]]
        await database.close()
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            assert in_step(connection, "orders", "order_id")


async def test_sqlite_walks_through_nothing_to_find_few(fresh_database: FreshDatabase) -> None:
    with fresh_database("sqlite") as url:
        database = await open_database(url)
        search = Search.planned(database, PAGE.replace("totalCount ", ""))
        await database.close()
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            rows = connection.execute(f"EXPLAIN QUERY PLAN {search.statement.sql}", search.bound("", "quartz"))
            steps = [step for *_numbers, step in rows]

    assert any(step.startswith("SEARCH found USING INDEX sqlite_autoindex_orders") for step in steps)
    assert any("USING INDEX ix_orders_channel_id_order_date_id (channel_id=?)" in step for step in steps), steps
    assert not any(step.startswith(("SCAN found", "SCAN orders ")) for step in steps), steps


async def test_postgresql_walks_through_nothing_to_find_few(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        database = await open_database(url)
        await shop(database, [f"number {at} of many" for at in range(5_000)])
        search = Search.planned(database, PAGE.replace("totalCount ", ""))
        await database.close()
        connection = await asyncpg.connect(url, server_settings={"plan_cache_mode": "force_generic_plan"})
        await connection.execute("VACUUM ANALYZE orders")
        await connection.execute(f"PREPARE searching AS {search.statement.sql}")
        nulls = ", ".join(["NULL"] * len(search.statement.parameters))
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE searching({nulls})"))
        await connection.close()

    assert "Bitmap Index Scan on ix_orders_search_text" in plan, plan
    assert "Index Scan Backward using ix_orders_channel_id_order_date_id" in plan, plan
    assert "Seq Scan on orders" not in plan, plan
