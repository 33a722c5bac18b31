"""How often mails may be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from resolvers.throttles import count_try
from tests.api.services import a_context
from tests.api.signing_in import HANS

if TYPE_CHECKING:
    from db.engine import Database

from tests.api.throttling import at, later, mailed, wait_after

pytestmark = pytest.mark.anyio


async def test_three_mails_an_hour_go_to_an_address_and_nobody_is_told_of_the_others(database: Database) -> None:
    context = await a_context(database)

    assert [await mailed(context, HANS) for _ in range(5)] == [True, True, True, False, False]
    assert await mailed(context, "eva.keller@corp.com")
    later(context, minutes=59)
    assert not await mailed(context, HANS)
    later(context, minutes=1)
    assert await mailed(context, HANS)


async def test_a_network_asks_for_twenty_mails_an_hour_whoever_they_go_to(database: Database) -> None:
    context = await a_context(database)
    for number in range(20):
        await mailed(context, f"{number % 5}@corp.com")

    assert await wait_after(mailed(context, HANS)) == 3600
    assert await mailed(at(context, "192.0.2.2"), HANS)
    later(context, hours=1)
    assert await mailed(context, HANS)


async def test_asking_for_mails_uses_up_no_tries(database: Database) -> None:
    context = await a_context(database)
    for _ in range(20):
        await mailed(context, HANS)

    assert [await wait_after(count_try(context, HANS)) for _ in range(6)] == [0, 0, 0, 0, 0, 30]
