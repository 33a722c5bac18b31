"""What the header X-Api-Key does: who calls, how much may be sent, for which visitor a shop's own server calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import httpx2
import pytest
from pydantic import SecretStr
from sqlmodel import col, select

from db import models
from db.engine import Database
from db.enums import AdminScope
from gateway.adapters.clock import SystemClock
from gateway.app import create_app
from gateway.http.requests import MAX_BODY, MAX_BODY_OF_WRITERS
from gateway.operator.settings import Settings
from resolvers.admins.service import create_api_key, revoke_api_key
from resolvers.channels.service import create_channel
from tests.gateway.asgi import assert_refused

pytestmark = [pytest.mark.anyio, pytest.mark.either_database]

PASSWORD = "seven purple elephants dance"
REGISTER = """mutation($username: String!, $password: String!) {
  registerCustomer(input: {emailAddress: $username, user: {password: $password}}) { __typename }
  authenticate(input: {username: $username, password: $password}) {
    ... on AuthenticateSuccess { authentication { token } }
  }
}"""
SIGN_IN = REGISTER.replace(
    "registerCustomer(input: {emailAddress: $username, user: {password: $password}}) { __typename }", ""
)
PROXY, SERVER, VISITOR = "10.0.0.1", "192.0.2.7", "198.51.100.9"
URL = "/shop/graphql"


class Gateway(NamedTuple):
    """A gateway with its database, and a key of each kind."""

    app: Any
    database: Database
    keys: dict[str, str]

    def by(self, peer: str) -> httpx2.AsyncClient:
        """Return a client at an address."""
        transport = httpx2.ASGITransport(app=self.app, client=(peer, 1234))
        return httpx2.AsyncClient(transport=transport, base_url="http://shop.example")


@pytest.fixture
async def gateway(database: Database, database_url: str) -> AsyncIterator[Gateway]:
    now = SystemClock().now()
    kinds: dict[str, list[AdminScope]] = {
        "forwarding": [AdminScope.CLIENT_FORWARDING], "reading": [AdminScope.ORDERS_READ],
        "writing": [AdminScope.ORDERS_WRITE], "revoked": [AdminScope.CLIENT_FORWARDING],
    }  # fmt: skip
    async with database.unit_of_work() as session:
        for code in ("shop", "other"):
            await create_channel(session, now=now, code=code, name=code)
        made = {
            kind: await create_api_key(session, kind, scopes=scopes, channels=["shop"], now=now)
            for kind, scopes in kinds.items()
        }
        await revoke_api_key(session, made["revoked"].id, now)
    settings = Settings(
        database_url=database_url,
        secret_key=(SecretStr("k" * 32),),
        trusted_proxies=(f"{PROXY}/32",),
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield Gateway(app, database, {kind: key.text for kind, key in made.items()})


async def signed_in(client: httpx2.AsyncClient, **headers: str) -> str:
    """Register somebody and sign in; return the token."""
    number = headers.pop("number", "1")
    variables = {"username": f"hans{number}@corp.com", "password": PASSWORD}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for document in (REGISTER.replace("  authenticate", "  #").split("  #")[0] + "}", SIGN_IN):
        response = await client.post(URL, json={"query": document, "variables": variables}, headers=named)
        assert response.status_code == 200, response.text
    token: str = response.json()["data"]["authenticate"]["authentication"]["token"]
    return token


async def addresses(database: Database) -> list[str | None]:
    """Return from where people have signed in, oldest first."""
    async with database.unit_of_work() as session:
        return list(await session.exec(select(models.Session.ip_address).order_by(col(models.Session.id))))


async def test_who_signs_in_through_a_shop_s_server_comes_from_the_visitor_s_address(gateway: Gateway) -> None:
    key = gateway.keys["forwarding"]
    async with gateway.by(SERVER) as server:
        await signed_in(server, x_api_key=key, x_forwarded_for=VISITOR, number="1")
        await signed_in(server, x_api_key=key, x_forwarded_for=f"203.0.113.1, {VISITOR}", number="2")
        await signed_in(server, x_forwarded_for=VISITOR, number="3")
    async with gateway.by(PROXY) as proxy:
        await signed_in(proxy, x_api_key=key, x_forwarded_for=f"{VISITOR}, {SERVER}", number="4")
        await signed_in(proxy, x_api_key=key, x_forwarded_for=f"{VISITOR}, {SERVER}, {PROXY}", number="5")

    assert await addresses(gateway.database) == [VISITOR, VISITOR, SERVER, SERVER, SERVER]


async def test_a_visitor_who_writes_an_address_in_front_is_not_believed(gateway: Gateway) -> None:
    key = gateway.keys["forwarding"]
    async with gateway.by(PROXY) as proxy:
        await signed_in(proxy, x_api_key=key, x_forwarded_for=f"203.0.113.1, {VISITOR}, {PROXY}", number="1")
        await signed_in(proxy, x_api_key=key, x_forwarded_for=f"203.0.113.1, {VISITOR}", number="2")

    assert await addresses(gateway.database) == [VISITOR, VISITOR]


async def test_a_key_beside_a_token_lends_no_right(gateway: Gateway) -> None:
    query = {"query": "{ viewer { user { username } } customers { totalCount } }"}
    async with gateway.by(SERVER) as server:
        bearer = {"authorization": f"Bearer {await signed_in(server)}"}
        forwarding = {"x-api-key": gateway.keys["forwarding"], "x-forwarded-for": VISITOR}
        beside = await server.post(URL, json=query, headers=bearer | forwarding)
        alone = await server.post(URL, json=query, headers=forwarding)
        refused = await server.post(URL, json=query, headers=bearer | {"x-api-key": gateway.keys["writing"]})

    assert beside.json()["data"] == {"viewer": {"user": {"username": "hans1@corp.com"}}, "customers": None}
    assert [error["extensions"]["code"] for error in beside.json()["errors"]] == ["FORBIDDEN"]
    assert alone.json()["data"] == {"viewer": None, "customers": None}
    assert [error["extensions"]["code"] for error in alone.json()["errors"]] == ["UNAUTHENTICATED"]
    assert_refused(refused, 400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    ("key", "path", "forwarded"),
    [
        ("forwarding", URL, None), ("forwarding", URL, ""), ("forwarding", URL, "unknown"),
        ("forwarding", URL, f"{VISITOR},"), ("revoked", URL, VISITOR), ("forwarding", "/other/graphql", VISITOR),
        ("fwd_unknown", URL, VISITOR),
    ],
)  # fmt: skip
async def test_who_names_no_visitor_or_has_no_key_is_refused(
    gateway: Gateway, key: str, path: str, forwarded: str | None
) -> None:
    headers = {"x-api-key": gateway.keys.get(key, key)} | ({} if forwarded is None else {"x-forwarded-for": forwarded})
    async with gateway.by(SERVER) as server:
        response = await server.post(path, json={"query": "{ channel { code } }"}, headers=headers)

    assert_refused(response, 400, "BAD_USER_INPUT")


async def test_a_proxy_s_own_entry_names_no_visitor(gateway: Gateway) -> None:
    headers = {"x-api-key": gateway.keys["forwarding"], "x-forwarded-for": PROXY}
    async with gateway.by(PROXY) as proxy:
        assert_refused(
            await proxy.post(URL, json={"query": "{ channel { code } }"}, headers=headers), 400, "BAD_USER_INPUT"
        )


async def test_two_keys_are_none(gateway: Gateway) -> None:
    headers = [("x-api-key", gateway.keys["reading"]), ("x-api-key", gateway.keys["writing"])]
    async with gateway.by(SERVER) as server:
        response = await server.post(URL, json={"query": "{ channel { code } }"}, headers=headers)

    assert_refused(response, 400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    ("key", "length", "status"),
    [
        ("writing", MAX_BODY_OF_WRITERS, 200), ("writing", MAX_BODY_OF_WRITERS + 1, 413), ("writing", MAX_BODY, 200),
        ("reading", MAX_BODY + 1, 413), ("forwarding", MAX_BODY + 1, 413), ("api_unknown", MAX_BODY + 1, 413),
    ],
)  # fmt: skip
async def test_a_key_that_writes_may_send_a_mebibyte(gateway: Gateway, key: str, length: int, status: int) -> None:
    body = b'{"query": "{ channel { code } }", "variables": {"x": "%s"}}'
    body = body.replace(b"%s", b"y" * (length - len(body) + 2))
    headers = {"content-type": "application/json", "x-api-key": gateway.keys.get(key, key)}

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 16_000):
            yield body[start : start + 16_000]

    async with gateway.by(SERVER) as server:
        whole = await server.post(URL, content=body, headers=headers | {"x-forwarded-for": VISITOR})
        in_pieces = await server.post(URL, content=pieces(), headers=headers | {"x-forwarded-for": VISITOR})

    assert [whole.status_code, in_pieces.status_code] == [status, status]
