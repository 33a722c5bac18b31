"""What the bench compares is comparable: limit and plain answer what the gateway answers, also to small queries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx2
import orjson
import pytest
from pydantic import SecretStr

from bench import limit, plain, shop
from bench.questions import DISTINCT, SIGN_IN, TINY_QUERY, Question, overview
from db.engine import open_database
from gateway.app import create_app
from gateway.operator.settings import Settings

pytestmark = pytest.mark.anyio

CUSTOMERS = 2
"""The first has many orders, the second has not."""


@pytest.fixture
async def subjects(database_url: str) -> AsyncIterator[dict[str, httpx2.AsyncClient]]:
    told: list[int] = []
    database = await open_database(database_url)
    await shop.fill(database, CUSTOMERS, "no hash", told.append)
    await database.close()
    assert told == [CUSTOMERS]
    settings = Settings(database_url=database_url, secret_key=(SecretStr("x" * 32),), default_channel=shop.CHANNEL)
    gateway = create_app(settings)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(gateway.router.lifespan_context(gateway))
        apps = {
            "gateway": gateway,
            "limit": await stack.enter_async_context(limit.opened(database_url)),
            "plain": await stack.enter_async_context(plain.opened(database_url)),
        }
        transports = {name: httpx2.ASGITransport(app=app) for name, app in apps.items()}  # type: ignore[arg-type]
        yield {
            name: await stack.enter_async_context(httpx2.AsyncClient(transport=found, base_url="http://shop.example"))
            for name, found in transports.items()
        }


async def answer(subject: httpx2.AsyncClient, question: Question, number: int) -> bytes:
    headers = {"content-type": "application/json", "authorization": f"Bearer {shop.token(number)}"}
    return (await subject.post("/graphql", content=question.body(), headers=headers)).content


@pytest.mark.parametrize("orders", [1, 19, 20, 21, 100])
async def test_all_answer_the_main_query_alike(subjects: dict[str, httpx2.AsyncClient], orders: int) -> None:
    for number in range(CUSTOMERS):
        expected = await answer(subjects["gateway"], overview(orders), number)
        nodes = orjson.loads(expected)["data"]["customer"]["orders"]["nodes"]
        assert len(nodes) == min(orders, shop.ORDERS_OF_GREAT if shop.is_great(number) else shop.ORDERS)
        assert await answer(subjects["limit"], overview(orders), number) == expected
        assert orjson.loads(await answer(subjects["plain"], overview(orders), number)) == orjson.loads(expected)


async def test_all_answer_the_tiny_query_alike(subjects: dict[str, httpx2.AsyncClient]) -> None:
    expected = await answer(subjects["gateway"], TINY_QUERY, 1)

    assert orjson.loads(expected) == {"data": {"customer": {"customerNumber": "10001"}}}
    assert await answer(subjects["limit"], TINY_QUERY, 1) == expected
    assert orjson.loads(await answer(subjects["plain"], TINY_QUERY, 1)) == orjson.loads(expected)


@pytest.mark.parametrize("question", [DISTINCT, SIGN_IN])
def test_what_is_to_differ_has_a_place_for_a_number(question: Question) -> None:
    assert question.body().count(b"~") == 1
