"""What was tried is forgotten: after a while, by an operator, and from the database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlmodel import col

from db import models
from db.engine import open_database
from resolvers.sessions.authentication import authenticate
from resolvers.sweeping import AT_ONCE, sweep
from resolvers.throttling import attempts
from resolvers.throttling.attempts import count_try
from tests.api.services import PASSWORD, StandingClock, a_context, change, rows
from tests.api.signing_in import HANS

if TYPE_CHECKING:
    from db.engine import Database
    from tests.conftest import FreshDatabase

from tests.api.throttling import an_account, at, later, mailed, tries, wait_after

pytestmark = pytest.mark.anyio


async def test_guesses_are_forgotten_a_day_after_the_last(database: Database) -> None:
    context = await a_context(database)
    for _ in range(5):
        await count_try(context, HANS)
    later(context, days=1, seconds=-1)
    await count_try(context, HANS)

    later(context, days=1, seconds=-1)
    assert await wait_after(count_try(context, HANS)) == 0
    assert await wait_after(count_try(context, HANS)) == 120, "the seventh try in a row"
    later(context, days=1)
    assert [await wait_after(count_try(context, HANS)) for _ in range(6)] == [0, 0, 0, 0, 0, 30]


async def test_an_operator_unlocks_an_account_and_nobody_else(database: Database) -> None:
    context = await a_context(database)
    for context_ in (context, at(context, "192.0.2.2")):
        for _ in range(5):
            await count_try(context_, HANS)
            await count_try(context_, "eva.keller@corp.com")
    for _ in range(3):
        await mailed(context, HANS)

    unlocked = await attempts.unlock(database, context.channel_id, HANS)

    assert unlocked == 5, "two networks, the account itself, and its mails of a kind and of all"
    assert await wait_after(count_try(context, HANS)) == 0
    assert await wait_after(count_try(at(context, "192.0.2.2"), HANS)) == 0
    assert await mailed(context, HANS)
    assert await wait_after(count_try(context, "eva.keller@corp.com")) == 30


async def test_unlocking_who_was_never_locked_does_nothing(database: Database) -> None:
    context = await a_context(database)
    await count_try(context, HANS)

    assert await attempts.unlock(database, context.channel_id, "eva.keller@corp.com") == 0
    assert await attempts.unlock(database, "another channel", HANS) == 0

    assert await tries(database) == [1, 1, 1]


async def test_what_has_ended_is_swept_and_known_networks_are_kept_for_ninety_days(database: Database) -> None:
    context = await a_context(database)
    user_id = await an_account(context)
    await authenticate(context, HANS, PASSWORD)
    await change(database, models.User, user_id, enabled=False)
    await count_try(at(context, "192.0.2.2"), "eva.keller@corp.com")
    await mailed(context, HANS)

    async def swept(**after: float) -> int:
        await sweep(database, context.clock.now() + timedelta(**after))
        return len(await rows(database, models.Throttle))

    assert await swept(minutes=59, seconds=59) == 9
    assert await swept(hours=1) == 2, "of account and network"
    assert await swept(days=1) == 1, "the network that Hans has signed in from"
    assert await swept(days=89, hours=23) == 1
    assert await swept(days=90) == 0


async def test_more_than_one_batch_is_swept(database: Database) -> None:
    context = await a_context(database)
    now = context.clock.now()
    keys = [number.to_bytes(32, "big") for number in range(2 * AT_ONCE + 1)]
    async with database.unit_of_work() as session:
        await session.exec(
            sa.insert(models.Throttle), params=[{"key": key, "tries": 1, "ends_at": now} for key in keys]
        )

    assert await sweep(database, now) == len(keys)
    assert await rows(database, models.Throttle) == []


async def test_who_sweeps_waits_for_nobody(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        database = await open_database(url)
        context = await a_context(database)
        await count_try(context, HANS)
        assert isinstance(context.clock, StandingClock)
        context.clock.advance(timedelta(days=2))

        async with database.unit_of_work() as session:
            # Some of the rows of a try, as it counts them: the others are swept.
            await session.exec(sa.update(models.Throttle).where(col(models.Throttle.account).is_(None)).values(tries=2))
            assert await asyncio.wait_for(sweep(database, context.clock.now()), 60) == 2

        assert await sweep(database, context.clock.now()) == 1
        await database.close()


async def test_the_database_holds_no_address_and_no_network(database: Database) -> None:
    context = await a_context(database)
    await count_try(context, HANS)
    await mailed(context, HANS)

    for row in await rows(database, models.Throttle):
        assert len(row.key) == 32
        assert row.account is None or len(row.account) == 32
