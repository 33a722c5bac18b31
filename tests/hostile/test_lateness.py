"""No request keeps all others waiting for long. `python -m tests.hostile.lateness` tells the figures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from tests.conftest import FreshDatabase
from tests.gateway.hans import signed_in
from tests.gateway.processes import load_demo_into
from tests.hostile.costly import REQUESTS, Ask, lateness

pytestmark = pytest.mark.anyio

MOST_TIMES = 60
"""So many times as long as a small piece of work takes on the same machine, of some 10 ms."""


def a_piece_of_work() -> float:
    begun = time.thread_time()
    sum(number * number for number in range(200_000))
    return time.thread_time() - begun


@pytest.fixture(scope="module")
async def ask(fresh_database: FreshDatabase) -> AsyncIterator[Ask]:
    """On SQLite alone: what is measured happens before any database is asked."""
    with fresh_database("sqlite") as url:
        await asyncio.to_thread(load_demo_into, url)
        async with signed_in(url) as client:
            yield lambda body: client.post("/graphql", content=body)


@pytest.mark.parametrize("name", REQUESTS)
async def test_no_request_keeps_others_waiting(ask: Ask, name: str) -> None:
    assert await lateness(ask, name) < MOST_TIMES * max(a_piece_of_work() for _ in range(3))


@pytest.mark.parametrize("hold_up", [a_piece_of_work, lambda: time.sleep(0.1)], ids=["working", "waiting"])
async def test_who_holds_the_loop_up_is_found(hold_up: Callable[[], object]) -> None:
    async def ask(_body: bytes) -> None:
        hold_up()

    assert await lateness(ask, "63 duplicate objects") > a_piece_of_work() / 2
