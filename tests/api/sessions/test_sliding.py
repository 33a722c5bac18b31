"""Sessions end two weeks after their last use and ninety days after signing in, and what has ended stays ended."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from resolvers.sessions.service import mark_use
from tests.api.services import a_user, rows
from tests.api.signing_in import HANS, Shop, a_shop

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio


@dataclass
class Device:
    """Reads as the gateway lets it, and has its session marked afterwards where that is asked for."""

    shop: Shop
    marked: list[str] = field(default_factory=list)

    async def reads(self) -> bool:
        """Tell whether the device is still signed in."""
        unmarked: list[str] = []
        answer = await self.shop.operations.answer(
            "{ viewer { user { id } } }",
            {},
            None,
            caller=self.shop.context.caller(),
            context=lambda: self.shop.context,
            on_session=unmarked.append,
        )
        for session_id in unmarked:
            self.marked.append(session_id)
            await mark_use(self.shop.database, session_id, self.shop.context.clock.now())
        return bool(json.loads(answer.body)["data"]["viewer"])


async def a_device(database: Database) -> Device:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    return Device(await shop.sign_in())


async def the_session(database: Database) -> models.Session:
    [session] = await rows(database, models.Session)
    return session


async def test_a_session_that_is_not_used_ends_after_two_weeks(database: Database) -> None:
    device = await a_device(database)

    device.shop.advance(days=14, microseconds=-1)
    assert await device.shop.is_signed_in()
    device.shop.advance(microseconds=1)
    assert not await device.reads()


async def test_each_use_gives_a_session_two_weeks_more_but_ninety_days_in_all(database: Database) -> None:
    device = await a_device(database)
    signed_in_at = device.shop.context.clock.now()

    days = 0
    while await device.reads():
        device.shop.advance(days=9)
        days += 9

    assert days == 90
    assert (await the_session(database)).expires_at == signed_in_at + timedelta(days=90)


async def test_a_use_is_marked_at_most_once_an_hour(database: Database) -> None:
    device = await a_device(database)

    for _ in range(24):
        device.shop.advance(minutes=10)
        assert await device.reads()

    assert len(device.marked) == 4


async def test_a_mark_says_when_and_moves_the_end(database: Database) -> None:
    device = await a_device(database)
    device.shop.advance(hours=1)
    now = device.shop.context.clock.now()

    await device.reads()

    session = await the_session(database)
    assert (session.last_used_at, session.expires_at) == (now, now + timedelta(days=14))


async def test_marks_at_once_agree(database: Database) -> None:
    device = await a_device(database)
    device.shop.advance(hours=1)
    session_id, now = (await the_session(database)).id, device.shop.context.clock.now()

    await asyncio.gather(*(mark_use(database, session_id, now) for _ in range(8)))

    session = await the_session(database)
    assert (session.last_used_at, session.expires_at) == (now, now + timedelta(days=14))


@pytest.mark.parametrize("after", [{"days": 14}, {"days": 15}, {"days": 365}])
async def test_a_late_mark_never_revives_what_has_ended(database: Database, after: dict[str, Any]) -> None:
    device = await a_device(database)
    before = await the_session(database)
    device.shop.advance(**after)

    await mark_use(database, before.id, device.shop.context.clock.now())

    assert await the_session(database) == before
    assert not await device.reads()


async def test_a_late_mark_never_revives_what_was_revoked(database: Database) -> None:
    device = await a_device(database)
    session_id = (await the_session(database)).id
    device.shop.advance(hours=2)
    await device.shop.do("signOut")

    await mark_use(database, session_id, device.shop.context.clock.now())

    assert await rows(database, models.Session) == []


async def test_an_early_mark_moves_no_end_back(database: Database) -> None:
    device = await a_device(database)
    device.shop.advance(hours=2)
    await device.reads()
    marked = await the_session(database)

    await mark_use(database, marked.id, marked.last_used_at - timedelta(hours=1))

    assert await the_session(database) == marked


async def test_whoever_has_no_session_is_not_marked(database: Database) -> None:
    shop = await a_shop(database)

    device = Device(shop)

    assert not await device.reads()
    assert device.marked == []
