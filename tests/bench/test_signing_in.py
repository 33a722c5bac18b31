"""The bench may sign in as often as it likes, from one address and with few names."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2

from bench import shop
from bench.questions import SIGN_IN
from bench.servers import running
from db.engine import open_database
from gateway.adapters.hashing import Argon2Hasher

AT_ONCE = 12  # more than an account has free tries


async def fill(url: str) -> None:
    hasher = Argon2Hasher()
    database = await open_database(url)
    await shop.fill(database, 1, await hasher.hash(shop.PASSWORD), lambda _done: None)
    await database.close()
    hasher.close()


async def signed_in(url: str) -> set[str]:
    body = SIGN_IN.body(0)
    async with httpx2.AsyncClient(timeout=30, headers={"content-type": "application/json"}) as client:
        answers = await asyncio.gather(*(client.post(url, content=body) for _ in range(AT_ONCE)))
    return {answer.json()["data"]["authenticate"]["__typename"] for answer in answers}


def test_who_signs_in_many_times_at_once_is_never_told_to_wait(database_url: str, tmp_path: Path) -> None:
    asyncio.run(fill(database_url))

    with running("gateway", database_url, tmp_path / "gateway.log") as server:
        assert asyncio.run(signed_in(server.url)) == {"AuthenticateSuccess"}
