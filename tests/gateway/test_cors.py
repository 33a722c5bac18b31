"""CORS: pages of the origins that the setting names may call, and see errors too; nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from pydantic import SecretStr

from gateway.app import create_app
from gateway.operator.settings import DemoSettings, Settings
from tests.conftest import FreshDatabase
from tests.gateway.asgi import DOCUMENT, assert_refused, over
from tests.gateway.test_endpoint import create

pytestmark = pytest.mark.anyio

SHOP = "https://shop.example"
OTHER = "https://shop.example.evil.example"


async def served(url: str, *origins: str, kind: type[Settings] = Settings) -> AsyncIterator[httpx2.AsyncClient]:
    await create(url, "first")
    settings = kind(database_url=url, secret_key=(SecretStr("k" * 32),), cors_origins=origins, playground=False)
    app = create_app(settings)
    async with app.router.lifespan_context(app), over(app) as client:
        yield client


@pytest.fixture
async def client(fresh_database: FreshDatabase) -> AsyncIterator[httpx2.AsyncClient]:
    with fresh_database("sqlite") as url:
        async for client in served(url, SHOP):
            yield client


@pytest.fixture
async def demo(fresh_database: FreshDatabase) -> AsyncIterator[httpx2.AsyncClient]:
    with fresh_database("sqlite") as url:
        async for client in served(url, SHOP, kind=DemoSettings):
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


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH"])
async def test_no_other_method_may_be_sent(client: httpx2.AsyncClient, method: str) -> None:
    assert (await client.options("/first/graphql", headers=preflight(SHOP, method))).status_code == 400


TRACING = (
    "traceparent,tracestate,baggage",
    "sentry-trace,baggage",
    "x-datadog-origin,x-datadog-parent-id,x-datadog-sampling-priority,x-datadog-trace-id",
    "newrelic,traceparent,tracestate",
    "elastic-apm-traceparent,request-id,request-context",
    "authorization,content-type,traceparent,apollographql-client-name,apollographql-client-version",
)


@pytest.mark.parametrize("headers", TRACING)
async def test_a_named_origin_may_send_what_its_tools_add(client: httpx2.AsyncClient, headers: str) -> None:
    asked = await client.options("/first/graphql", headers=preflight(SHOP, headers=headers))

    assert (asked.status_code, allowed(asked)) == (200, SHOP)
    assert asked.headers["access-control-allow-headers"] == headers


@pytest.mark.parametrize("origin", [OTHER, "null"])
async def test_no_other_origin_learns_what_may_be_sent(client: httpx2.AsyncClient, origin: str) -> None:
    asked = await client.options("/first/graphql", headers=preflight(origin, headers=TRACING[0]))

    assert (asked.status_code, allowed(asked)) == (400, None)
    assert "access-control-allow-headers" not in asked.headers


LOCAL = (
    *("http://localhost:3000", "http://localhost", "https://localhost:8443", "http://127.0.0.1:5173"),
    *("http://[::1]:4200", "http://localhost:65535"),
)


@pytest.mark.parametrize("origin", LOCAL)
async def test_pages_of_this_machine_may_call_the_demo_and_nothing_else(
    demo: httpx2.AsyncClient, client: httpx2.AsyncClient, origin: str
) -> None:
    for asked, expected in ((demo, origin), (client, None)):
        preflighted = await asked.options("/first/graphql", headers=preflight(origin, headers=TRACING[0]))
        answered = await asked.post("/first/graphql", json={"query": DOCUMENT}, headers={"origin": origin})
        assert (allowed(preflighted), allowed(answered)) == (expected, expected)


@pytest.mark.parametrize(
    "origin",
    [
        *("http://localhost.evil.example", "http://localhost:3000.evil.example", "http://evil.example:3000"),
        *("http://localhost:3000/", "http://localhost:", "http://localhost:x", "http://localhost:3000\n", "null"),
        *("ftp://localhost:3000", "http://127.0.0.1.evil.example", "http://127a0a0a1:3000", "http://notlocalhost"),
        *("file://localhost", "http://[::1].evil.example", "http://user@localhost:3000", "http://192.168.1.7:3000"),
    ],
)
async def test_no_other_page_may_call_the_demo(demo: httpx2.AsyncClient, origin: str) -> None:
    answered = await demo.post("/first/graphql", json={"query": DOCUMENT}, headers=[(b"origin", origin.encode())])

    assert allowed(answered) is None


async def test_the_demo_lets_in_what_is_named_too(demo: httpx2.AsyncClient) -> None:
    assert allowed(await demo.options("/first/graphql", headers=preflight(SHOP))) == SHOP


async def test_without_the_setting_no_page_may_ask(without: httpx2.AsyncClient) -> None:
    asked = await without.options("/first/graphql", headers=preflight(SHOP))
    answered = await without.post("/first/graphql", json={"query": DOCUMENT}, headers={"origin": SHOP})

    assert_refused(asked, 405, "METHOD_NOT_ALLOWED")
    assert (allowed(asked), allowed(answered)) == (None, None)
