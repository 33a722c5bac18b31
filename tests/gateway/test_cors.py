"""CORS: pages of the origins that the setting names may call, and see errors too; nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from pydantic import SecretStr

from gateway.app import create_app
from gateway.settings import Settings
from tests.conftest import FreshDatabase
from tests.gateway.asgi import DOCUMENT, assert_refused, over
from tests.gateway.test_endpoint import create

pytestmark = pytest.mark.anyio

SHOP = "https://shop.example"
OTHER = "https://shop.example.evil.example"


async def served(url: str, *origins: str) -> AsyncIterator[httpx2.AsyncClient]:
    await create(url, "first")
    settings = Settings(database_url=url, secret_key=(SecretStr("k" * 32),), cors_origins=origins)
    app = create_app(settings)
    async with app.router.lifespan_context(app), over(app) as client:
        yield client


@pytest.fixture
async def client(fresh_database: FreshDatabase) -> AsyncIterator[httpx2.AsyncClient]:
    with fresh_database("sqlite") as url:
        async for client in served(url, SHOP):
            yield client


@pytest.fixture
async def without(fresh_database: FreshDatabase) -> AsyncIterator[httpx2.AsyncClient]:
    with fresh_database("sqlite") as url:
        async for client in served(url):
            yield client


def preflight(origin: str, method: str = "POST", headers: str = "authorization, content-type") -> dict[str, str]:
    return {"origin": origin, "access-control-request-method": method, "access-control-request-headers": headers}


def allowed(response: httpx2.Response) -> str | None:
    assert "access-control-allow-credentials" not in response.headers
    found: str | None = response.headers.get("access-control-allow-origin")
    return found


async def test_a_named_origin_may_ask(client: httpx2.AsyncClient) -> None:
    headers = "authorization,content-type,accept-language,idempotency-key,x-request-id"
    asked = await client.options("/first/graphql", headers=preflight(SHOP, headers=headers))

    assert (asked.status_code, allowed(asked)) == (200, SHOP)
    assert asked.headers["access-control-allow-methods"] == "GET, POST"
    assert int(asked.headers["access-control-max-age"]) == 7200


async def test_a_named_origin_sees_the_answer_and_what_it_needs_of_the_headers(client: httpx2.AsyncClient) -> None:
    response = await client.post("/first/graphql", json={"query": DOCUMENT}, headers={"origin": SHOP})

    assert (response.status_code, allowed(response)) == (200, SHOP)
    assert response.headers["access-control-expose-headers"] == "X-Request-Id, Retry-After"
    assert response.headers["vary"] == "Origin"


async def test_a_named_origin_sees_errors(client: httpx2.AsyncClient) -> None:
    headers = {"origin": SHOP}
    refused = [
        (await client.post("/nobody/graphql", json={"query": DOCUMENT}, headers=headers), 404, "NOT_FOUND"),
        (await client.put("/first/graphql", headers=headers), 405, "METHOD_NOT_ALLOWED"),
        (await client.post("/first/graphql", content=b"", headers=headers), 400, "BAD_USER_INPUT"),
    ]
    for response, status, code in refused:
        assert_refused(response, status, code)
        assert allowed(response) == SHOP


@pytest.mark.parametrize("origin", [OTHER, "null", "http://shop.example", "https://shop.example:444"])
async def test_no_other_origin_may_ask_or_see(client: httpx2.AsyncClient, origin: str) -> None:
    asked = await client.options("/first/graphql", headers=preflight(origin))
    answered = await client.post("/first/graphql", json={"query": DOCUMENT}, headers={"origin": origin})

    assert (asked.status_code, allowed(asked)) == (400, None)
    assert allowed(answered) is None


@pytest.mark.parametrize(("method", "headers"), [("DELETE", "content-type"), ("POST", "x-other")])
async def test_no_other_method_or_header_may_be_sent(client: httpx2.AsyncClient, method: str, headers: str) -> None:
    assert (await client.options("/first/graphql", headers=preflight(SHOP, method, headers))).status_code == 400


async def test_without_the_setting_no_page_may_ask(without: httpx2.AsyncClient) -> None:
    asked = await without.options("/first/graphql", headers=preflight(SHOP))
    answered = await without.post("/first/graphql", json={"query": DOCUMENT}, headers={"origin": SHOP})

    assert_refused(asked, 405, "METHOD_NOT_ALLOWED")
    assert (allowed(asked), allowed(answered)) == (None, None)
