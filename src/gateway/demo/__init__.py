"""The home of the demo data: a shop for consumers and one for businesses, to try the gateway with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlmodel import select

from db.models import Channel
from db.postgres import take_turn
from gateway.demo import shops
from gateway.demo.northwind.companies import usernames
from gateway.demo.paloma.hans import USERNAME
from gateway.playground.examples import SignIn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database
    from resolvers.ports import Clock, Hasher

PASSWORD = "banana"  # noqa: S105 - the password of the REST original's examples, for every user of the demo
SIGN_INS = {
    shops.PALOMA: SignIn(USERNAME, PASSWORD),
    shops.NORTHWIND: SignIn("alfki@northwind.example", PASSWORD),
}
"""Whom to begin with, by channel."""
HASHED_AT_ONCE = 4
"""The hasher waits a bounded time only: 92 passwords at once would exhaust it."""


async def load_demo(
    database: Database, hasher: Hasher, clock: Clock, progress: Callable[[str], None] | None = None
) -> bool:
    """Load both channels in one unit of work, unless they are there; tell whether it was done.

    *progress* is told each step before it is taken.
    """
    tell = progress or _nobody
    async with database.unit_of_work() as session:
        if await _is_loaded(session):
            return False
    tell("Hashing the passwords of 92 users")
    password_hashes = await _hashes(hasher, [USERNAME, *usernames()])
    async with database.unit_of_work() as session:
        # Another process may load it just now, or have loaded it while we hashed.
        await take_turn(session, b"demo")
        if await _is_loaded(session):
            return False
        tell("Writing the channel paloma: 1 customer, 25 orders")
        await shops.load_paloma(session, password_hashes, clock.now())
        tell("Writing the channel northwind: 91 customers, 830 orders")
        await shops.load_northwind(session, password_hashes, clock.now())
    return True


def _nobody(_step: str) -> None:
    """Listen to no progress."""


async def _is_loaded(session: AsyncSession) -> bool:
    channel = await session.exec(select(Channel.id).where(Channel.code == shops.PALOMA))
    return channel.first() is not None


async def _hashes(hasher: Hasher, names: Iterable[str]) -> dict[str, str]:
    """Return a hash of its own for each user, as real ones have."""
    turn = asyncio.Semaphore(HASHED_AT_ONCE)

    async def hashed(name: str) -> tuple[str, str]:
        async with turn:
            return name, await hasher.hash(PASSWORD)

    return dict(await asyncio.gather(*map(hashed, names)))
