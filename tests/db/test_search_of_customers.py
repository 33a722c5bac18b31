"""A search over a shop's customers finds what it should, however few or many, and asks the index for it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from itertools import count
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from bench.searching import Search
from db.bulk import insert_rows
from db.engine import Database, backend_of, open_database
from db.models import Channel, Customer
from db.word_search import MOST_FEW
from resolvers.rules.search_text import fold
from tests.db.rows import channel, customer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession

    from tests.conftest import FreshDatabase

pytestmark = pytest.mark.anyio

PAGE = "query($search: String!) { customers(search: $search) { totalCount nodes { customerNumber } } }"
NUMBERED = "query($search: String!) { customerPage(search: $search) { totalElements content { customerNumber } } }"
AFTER = (
    "query($search: String!, $after: String) { customers(search: $search, after: $after, first: 2) "
    "{ nodes { customerNumber } pageInfo { hasNextPage hasPreviousPage endCursor } } }"
)
# What FTS5 and LIKE have a meaning for, and letters that are none or many in other codings.
PIECES = st.sampled_from(
    ["and", "or", "not", "near", "search_text", "rowid", '"', '""', "'", "%", "_", "\\", "*", "^", ":", "(", ")", "+",
     "-", "{", ",", ".", "a", "ab", "abc", "bcd", "ä", "ß", "é", "😀", "👩‍👧", "你好", "ﷺ", " ", "\t"]
)  # fmt: skip
TEXTS = st.lists(
    PIECES | st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12
).map("".join)
NUMBERS = count(1)


@pytest.fixture
async def kept(shared_database_url: str) -> AsyncIterator[Database]:
    database = await open_database(shared_database_url)
    yield database
    await database.close()


async def shop(database: Database, texts: Sequence[str]) -> str:
    """Make a shop with a customer for each of *texts*; their numbers are its places, the newest is the last."""
    made = channel(code=f"shop-{next(NUMBERS)}")
    made_id = made.id
    async with database.unit_of_work() as session:
        session.add(made)
        await session.flush()
        rows = [customer(made, customer_number=str(at), search_text=fold(text)) for at, text in enumerate(texts)]
        ordered = sorted(row.id for row in rows)
        await insert_rows(
            session, Customer, [row.model_dump() | {"id": key} for row, key in zip(rows, ordered, strict=True)]
        )
    return made_id


def expected(texts: Sequence[str], search: str) -> list[str]:
    """Return whom *search* finds by definition, newest first."""
    words = fold(search).split()
    return [str(at) for at, text in enumerate(texts) if all(word in fold(text) for word in words)][::-1]


async def found(database: Database, channel_id: str, search: str) -> list[str]:
    answer = await Search.planned(database, PAGE).found(database, channel_id, search)
    numbers = [node["customerNumber"] for node in answer["nodes"]]
    assert answer["totalCount"] == len(numbers) or len(numbers) == 20
    return numbers


@st.composite
def searches(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Draw texts, and searches for parts of them."""
    texts = draw(st.lists(TEXTS, min_size=1, max_size=6))
    wanted = []
    for _ in range(5):
        folded = fold(draw(st.sampled_from(texts)))
        begin, end = sorted(draw(st.tuples(*[st.integers(0, len(folded))] * 2)))
        wanted.append(f"{folded[begin:end]} {draw(st.just('') | TEXTS)}"[:200])
    return texts, wanted


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=searches())
async def test_exactly_those_are_found_whose_text_holds_all_words(
    kept: Database, drawn: tuple[list[str], list[str]]
) -> None:
    texts, wanted = drawn
    channel_id = await shop(kept, texts)

    for search in wanted:
        assert await found(kept, channel_id, search) == expected(texts, search)


@pytest.mark.parametrize("holders", [MOST_FEW - 1, MOST_FEW, MOST_FEW + 1])
async def test_few_and_many_are_found_alike(database: Database, holders: int) -> None:
    texts = [f"no. {at} holder" if at < holders else f"no. {at}" for at in range(holders + 3)]
    channel_id = await shop(database, texts)

    for search in ("holder", "HOLD der", "no. ol", "o", "", "holder 1", "nobody"):
        whole = expected(texts, search)
        answer = await Search.planned(database, PAGE).found(database, channel_id, search)
        assert [node["customerNumber"] for node in answer["nodes"]] == whole[:20]
        assert answer["totalCount"] == len(whole)
        answer = await Search.planned(database, NUMBERED).found(database, channel_id, search)
        assert [node["customerNumber"] for node in answer["content"]] == whole[:20]
        assert answer["totalElements"] == len(whole)


@pytest.mark.parametrize("search", ["holder", "ho"])
async def test_pages_follow_one_another(database: Database, search: str) -> None:
    channel_id = await shop(database, ["holder", "other", "holder", "holder", "another", "holder", "holder"])
    cursor, numbers = None, []
    for page in range(3):
        answer = await Search.planned(database, AFTER, after=cursor).found(database, channel_id, search, after=cursor)
        numbers += [node["customerNumber"] for node in answer["nodes"]]
        assert answer["pageInfo"]["hasNextPage"] is (page < 2)
        cursor = answer["pageInfo"]["endCursor"]

    assert numbers == ["6", "5", "3", "2", "0"]


async def test_what_another_shop_has_is_not_found(database: Database) -> None:
    ours = await shop(database, ["quartz", "feldspar"])
    await shop(database, ["quartz"] * (MOST_FEW + 1))

    assert await found(database, ours, "quartz") == ["0"]
    assert await found(database, ours, "uart feld") == []


@pytest.mark.parametrize("search", ["quartz", "qu"])
async def test_whom_nobody_may_see_nobody_finds(database: Database, search: str) -> None:
    channel_id = await shop(database, ["quartz", "quartz"])

    seen = Search.planned(database, PAGE, lambda _model, row: row.customer_number == "1")
    answer = await seen.found(database, channel_id, search)

    assert answer == {"totalCount": 1, "nodes": [{"customerNumber": "1"}]}


async def test_what_changes_is_found_as_it_is(database: Database) -> None:
    channel_id = await shop(database, ["first", "second", "third"])
    number, text = col(Customer.customer_number), col(Customer.search_text)
    async with database.unit_of_work() as session:
        await session.exec(sa.update(Customer).where(number == "0").values(search_text="changed"))
        await session.exec(sa.update(Customer).where(number == "1").values(search_text=text + " appended"))
        await session.exec(sa.delete(Customer).where(number == "2"))
    with pytest.raises(ZeroDivisionError):
        async with database.unit_of_work() as session:
            await session.exec(sa.update(Customer).values(search_text="undone"))
            await session.exec(sa.delete(Customer))
            raise ZeroDivisionError

    words = ("first", "second", "third", "changed", "appended", "undone")
    assert [await found(database, channel_id, word) for word in words] == [[], ["1"], [], ["0"], ["1"], []]


CHANGES = st.lists(
    st.tuples(st.sampled_from(["insert", "change", "touch", "delete", "roll back"]), st.integers(0, 9), TEXTS),
    max_size=15,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
async def test_sqlite_s_index_holds_what_the_customers_hold(fresh_database: FreshDatabase, changes: Any) -> None:
    with fresh_database("sqlite") as url:
        database = await open_database(url)
        async with database.unit_of_work() as session:
            session.add(of := channel())
        for change, place, text in changes:
            await _changed(database, of, change, place, fold(text))
        await database.close()
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            assert in_step(connection, "customers", "customer_id")


async def _changed(database: Database, of: Channel, change: str, place: int, text: str) -> None:
    if change == "roll back":
        with pytest.raises(ZeroDivisionError):
            async with database.unit_of_work() as session:
                for each in ("insert", "change", "delete"):
                    await _change(session, of, each, place, text)
                raise ZeroDivisionError
        return
    async with database.unit_of_work() as session:
        await _change(session, of, change, place, text)


async def _change(session: AsyncSession, of: Channel, change: str, place: int, text: str) -> None:
    if change == "insert":
        await insert_rows(session, Customer, [customer(of, search_text=text).model_dump() for _ in range(2)])
    keys = (await session.exec(select(Customer.id).order_by(col(Customer.id)))).all()
    chosen = col(Customer.id) == (keys[place % len(keys)] if keys else "")
    if change == "change":
        await session.exec(sa.update(Customer).where(chosen).values(search_text=text))
    if change == "touch":
        await session.exec(sa.update(Customer).where(chosen).values(first_name="other"))
    if change == "delete":
        await session.exec(sa.delete(Customer).where(chosen))


def in_step(connection: sqlite3.Connection, table: str, key: str) -> bool:
    """Tell whether the index of *table* holds exactly what the texts of its rows hold, by the *key* of each."""
    connection.execute(f"CREATE VIRTUAL TABLE temp.held USING fts5vocab(main, {table}_search, row)")
    held = dict(connection.execute("SELECT term, doc FROM held"))
    texts = dict(connection.execute(f"SELECT id, search_text FROM {table}"))
    parts = Counter(part for text in texts.values() for part in {text[at : at + 3] for at in range(len(text) - 2)})
    return held == parts and {found for (found,) in connection.execute(f"SELECT {key} FROM {table}_numbered")} == set(
        texts
    )


async def test_sqlite_walks_through_nobody_to_find_few(fresh_database: FreshDatabase) -> None:
    with fresh_database("sqlite") as url:
        database = await open_database(url)
        search = Search.planned(database, "query($search: String!) { customers(search: $search) { nodes { id } } }")
        await database.close()
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            rows = connection.execute(f"EXPLAIN QUERY PLAN {search.statement.sql}", search.bound("", "quartz"))
            steps = [step for *_numbers, step in rows]

    assert any(step.startswith("SEARCH found USING INDEX sqlite_autoindex_customers") for step in steps)
    assert any("USING INDEX ix_customers_channel_id_created_at_id (channel_id=?)" in step for step in steps)
    assert not any(step.startswith(("SCAN found", "SCAN customers ")) for step in steps), steps


async def test_postgresql_walks_through_nobody_to_find_few(fresh_database: FreshDatabase) -> None:
    """Also by a plan that is made once, when the words are not known yet."""
    with fresh_database("postgresql") as url:
        database = await open_database(url)
        await shop(database, [f"number {at} of many" for at in range(5_000)])
        search = Search.planned(database, "query($search: String!) { customers(search: $search) { nodes { id } } }")
        await database.close()
        connection = await asyncpg.connect(url, server_settings={"plan_cache_mode": "force_generic_plan"})
        await connection.execute("VACUUM ANALYZE customers")
        await connection.execute(f"PREPARE searching AS {search.statement.sql}")
        nulls = ", ".join(["NULL"] * len(search.statement.parameters))
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE searching({nulls})"))
        await connection.close()

    assert "Bitmap Index Scan on ix_customers_search_text" in plan, plan
    assert "Index Scan Backward using ix_customers_channel_id_created_at_id" in plan
    assert "Seq Scan on customers" not in plan, plan


async def test_it_is_searched_without_an_index_where_there_may_be_none(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        database = await open_database(url)
        assert backend_of(url) == "postgresql"
        async with database.unit_of_work() as session:
            await session.exec(sa.text("DROP INDEX ix_customers_search_text"))  # type: ignore[call-overload]
        texts = ["quartz", "feldspar", "mica quartz"]
        assert await found(database, await shop(database, texts), "quar") == expected(texts, "quar")
        await database.close()
