"""What the header Idempotency-Key does: the same request under the same key is done once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from sqlmodel import select

from db.engine import Database
from db.enums import AdminScope
from db.models import Customer
from gateway.adapters.clock import SystemClock
from gateway.app import create_app
from gateway.operator.settings import Settings
from resolvers.admins.service import create_api_key
from resolvers.channels.service import create_channel
from resolvers.repetitions import LONGEST, SHORTEST
from tests.gateway.asgi import assert_refused

pytestmark = [pytest.mark.anyio, pytest.mark.either_database]

KEY = "5f0c1f0e-8d0f-4c55-9e3b-3a5a5a6f7a10"
CREATE = """mutation Create($input: CreateCustomerInput!) {
  createCustomer(input: $input) { ... on CreateCustomerSuccess { customer { id customerNumber company } } }
}"""


@pytest.fixture
async def client(database: Database, database_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    now = SystemClock().now()
    async with database.unit_of_work() as session:
        await create_channel(session, now=now, code="shop", name="Shop")
        key = await create_api_key(session, "ERP", scopes=[AdminScope.CUSTOMERS_WRITE], channels=["shop"], now=now)
    app = create_app(Settings(database_url=database_url, secret_key=(SecretStr("k" * 32),)))
    transport = httpx2.ASGITransport(app=app)
    headers = {"x-api-key": key.text}
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://shop.example", headers=headers) as client,
    ):
        yield client


async def create(
    client: httpx2.AsyncClient, variables: dict[str, Any], key: str = KEY, document: str = CREATE
) -> httpx2.Response:
    body = {"query": document, "variables": variables}
    return await client.post("/shop/graphql", json=body, headers={"idempotency-key": key})


async def companies(database: Database) -> list[str | None]:
    async with database.unit_of_work() as session:
        return list(await session.exec(select(Customer.company)))


async def test_the_same_request_is_done_once_whatever_the_order_of_its_variables(
    client: httpx2.AsyncClient, database: Database
) -> None:
    first = await create(client, {"input": {"company": "A", "customerNumber": "K-1"}})
    again = await create(client, {"input": {"customerNumber": "K-1", "company": "A"}})
    other = await create(client, {"input": {"customerNumber": "K-1", "company": "B"}})

    assert first.json()["data"]["createCustomer"]["customer"]["company"] == "A"
    assert again.content == first.content
    assert [error["extensions"]["code"] for error in other.json()["errors"]] == ["IDEMPOTENCY_CONFLICT"]
    assert await companies(database) == ["A"]


@pytest.mark.parametrize("key", ["", "x" * (SHORTEST - 1), "x" * (LONGEST + 1), "x" * 20 + "\t" + "x"])
async def test_a_key_that_protects_nothing_is_refused(client: httpx2.AsyncClient, database: Database, key: str) -> None:
    response = await create(client, {"input": {}}, key)

    assert_refused(response, 400, "BAD_USER_INPUT")
    assert await companies(database) == []


@pytest.mark.parametrize("length", [SHORTEST, LONGEST])
async def test_a_key_of_any_length_between_is_taken(client: httpx2.AsyncClient, length: int) -> None:
    assert (await create(client, {"input": {}}, "x" * length)).json()["data"]["createCustomer"]


@pytest.mark.parametrize(
    "document",
    [
        CREATE.replace("{\n  createCustomer", "{\n  a: createCustomer(input: $input) { __typename }\n  createCustomer"),
        "{ channel { id } }",
    ],
    ids=["two mutations", "a query"],
)
async def test_a_key_goes_with_one_mutation(client: httpx2.AsyncClient, database: Database, document: str) -> None:
    response = await create(client, {"input": {}}, document=document)

    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["BAD_USER_INPUT"]
    assert "data" not in response.json()
    assert await companies(database) == []
