"""Who waits for the hasher: two of an account, half of the places for a network, and listed proxies as they like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from db.engine import open_database
from db.enums import ChannelKind
from gateway.adapters.hashing import Argon2Hasher
from gateway.app import create_app
from gateway.operator.settings import Settings
from resolvers.channels.service import create_channel
from resolvers.ports import Verdict
from tests.api.services import PASSWORD, StandingClock

pytestmark = pytest.mark.anyio

DOCUMENT = """mutation($input: AuthenticateInput!) {
  authenticate(input: $input) { __typename ... on RateLimitedError { retryAfterSeconds } }
}"""
ADDRESS = "192.0.2.7"
HALF = Argon2Hasher(at_once=1).places // 2


class HeldHasher:
    """Judges nothing before it is let go, and counts who waits."""

    def __init__(self) -> None:
        self.waiting = 0
        self.go_on = asyncio.Event()

    async def hash(self, password: str, beside: str | None = None) -> str:
        raise AssertionError(password, beside)

    async def verify(self, password_hash: str | None, password: str) -> Verdict:  # noqa: ARG002 - the port's
        self.waiting += 1
        await self.go_on.wait()
        return Verdict(matches=False)


@asynccontextmanager
async def served(url: str, hasher: HeldHasher, **settings: Any) -> AsyncIterator[Starlette]:
    database = await open_database(url)
    async with database.unit_of_work() as session:
        await create_channel(session, now=StandingClock().now(), code="shop", name="Shop", kind=ChannelKind.B2C)
    await database.close()
    limits = {"tries_per_network": 1000, "tries_per_account": 1000, "free_password_tries": 1000}
    given = {"database_url": url, "secret_key": (SecretStr("k" * 32),), **limits, **settings}
    app = create_app(Settings(**given), hasher=hasher)
    async with app.router.lifespan_context(app):
        yield app


async def signed_in(app: Starlette, username: str, address: str, forwarded: str | None = None) -> Any:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    transport = httpx2.ASGITransport(app=app, client=(address, 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop.example", headers=headers) as client:
        body = {"query": DOCUMENT, "variables": {"input": {"username": username, "password": PASSWORD}}}
        answer = await client.post("/shop/graphql", json=body)
    return answer.json()["data"]["authenticate"]


async def outcomes(hasher: HeldHasher, attempts: list[Any], waiting: int) -> tuple[int, int]:
    """Begin all; return how many are refused while the others wait, and how many are judged then."""
    tasks = [asyncio.create_task(attempt) for attempt in attempts]
    async with asyncio.timeout(120):
        while hasher.waiting < waiting or sum(task.done() for task in tasks) < len(tasks) - waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    refused = [task.result() for task in tasks if task.done()]
    assert refused == [{"__typename": "RateLimitedError", "retryAfterSeconds": 1}] * len(refused)
    hasher.go_on.set()
    answered = [found["__typename"] for found in await asyncio.gather(*tasks)]
    return len(refused), answered.count("BadCredentialsError")


@pytest.mark.parametrize("username", ["hans@corp.com", "Hans@CORP.com "])
async def test_of_one_account_two_wait_for_the_hasher_at_a_time(database_url: str, username: str) -> None:
    hasher = HeldHasher()
    async with served(database_url, hasher) as app:
        attempts = [signed_in(app, username, f"192.0.2.{number}") for number in range(6)]

        assert await outcomes(hasher, attempts, 2) == (4, 2)


async def test_who_is_refused_again_and_again_takes_no_place_of_the_owner(database_url: str) -> None:
    hasher = HeldHasher()
    async with served(database_url, hasher, tries_per_account=1) as app:
        # One is let through; what comes then is refused by the throttles.
        first = asyncio.create_task(signed_in(app, "hans@corp.com", "198.51.100.1"))
        async with asyncio.timeout(120):
            while not hasher.waiting:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        others = [signed_in(app, "hans@corp.com", f"198.51.100.{number}") for number in range(2, 22)]
        refused = await asyncio.gather(*others)
        taken = dict(app.state.graphql.waiting._taken)  # noqa: SLF001 - what must not be held
        hasher.go_on.set()
        await first

    assert {found["retryAfterSeconds"] > 1 for found in refused} == {True}, "not for want of a place"
    assert sum(count for (what, _), count in taken.items() if what == "account") == 2, "of the first, in both ways"


async def test_how_many_wait_of_one_account_is_a_setting(database_url: str) -> None:
    hasher = HeldHasher()
    async with served(database_url, hasher, sign_ins_at_once=5) as app:
        attempts = [signed_in(app, "hans@corp.com", ADDRESS) for _ in range(6)]

        assert await outcomes(hasher, attempts, 5) == (1, 5)


@pytest.mark.parametrize(
    "addresses", [[ADDRESS], ["2001:db8:0:1::1", "2001:db8:0:ff00::1"]], ids=["IPv4", "a /48 of IPv6"]
)
async def test_a_network_leaves_half_of_the_places_to_others(database_url: str, addresses: list[str]) -> None:
    hasher = HeldHasher()
    async with served(database_url, hasher) as app:
        half = app.state.graphql.waiting.of_network
        attempts = [
            signed_in(app, f"{number}@corp.com", addresses[number % len(addresses)]) for number in range(half + 3)
        ]
        attempts.append(signed_in(app, "hans@corp.com", "198.51.100.1"))

        assert await outcomes(hasher, attempts, half + 1) == (3, half + 1)
    assert half >= HALF


@pytest.mark.parametrize(("forwarded", "is_bounded"), [(None, False), ("198.51.100.9", True)])
async def test_a_listed_server_that_calls_for_many_has_all_places(
    database_url: str,
    forwarded: str | None,
    is_bounded: bool,  # noqa: FBT001 - of the cases above
) -> None:
    hasher = HeldHasher()
    async with served(database_url, hasher, trusted_proxies=(ADDRESS,)) as app:
        half = app.state.graphql.waiting.of_network
        attempts = [signed_in(app, f"{number}@corp.com", ADDRESS, forwarded) for number in range(half + 3)]

        refused = 3 if is_bounded else 0
        assert await outcomes(hasher, attempts, half + 3 - refused) == (refused, half + 3 - refused)
