"""How often mails may be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db import models
from db.enums import MailKind
from resolvers.sessions.authentication import authenticate
from resolvers.throttling.attempts import count_try, unlock
from tests.api.services import PASSWORD, a_context, change
from tests.api.signing_in import HANS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.engine import Database
    from resolvers.context import Context

from tests.api.throttling import an_account, at, later, mailed, networks, wait_after

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


BY_STRANGERS = (
    MailKind.REGISTRATION,
    MailKind.CONFIRMATION,
    MailKind.PASSWORD_RESET,
    MailKind.EMAIL_ADDRESS_CHANGE,
)


def everywhere(context: Context) -> Iterator[Context]:
    """Yield requests from networks that nobody knows."""
    return (at(context, network) for network in networks())


async def a_context_of_hans(database: Database) -> Context:
    """Return a request from the network that Hans, whose address is proved, has signed in from."""
    context = await a_context(database)
    user_id = await an_account(context)
    await change(database, models.User, user_id, confirmed_at=context.clock.now())
    await authenticate(context, HANS, PASSWORD)
    return context


async def test_six_mails_an_hour_go_to_an_address_by_strangers_whatever_they_ask_for(database: Database) -> None:
    context = await a_context_of_hans(database)
    asking = everywhere(context)

    mails = [await mailed(next(asking), HANS, kind) for _ in range(5) for kind in BY_STRANGERS]

    assert sum(mails) == 6
    later(context, hours=1)
    assert await mailed(next(asking), HANS)


async def test_what_is_not_mailed_uses_nothing_up(database: Database) -> None:
    context = await a_context(database)
    asking = everywhere(context)

    for _ in range(20):
        await mailed(next(asking), HANS, MailKind.PASSWORD_RESET)

    confirmations = [await mailed(next(asking), HANS, MailKind.CONFIRMATION) for _ in range(4)]
    assert confirmations == [True, True, True, False]


async def test_tags_are_folded_for_counting(database: Database) -> None:
    context = await a_context(database)
    asking = everywhere(context)
    spelt = ("a@corp.com", "a+1@corp.com", "a+2@corp.com", "a+3@corp.com", "a+1+2@corp.com")

    of_a_kind = [await mailed(next(asking), address) for address in spelt]
    of_all = [await mailed(next(asking), f"b+{at_}@corp.com", BY_STRANGERS[at_ % 4]) for at_ in range(20)]

    assert of_a_kind == [True, True, True, False, False]
    assert sum(of_all) == 6
    assert await mailed(next(asking), "a@elsewhere.com")


@pytest.mark.parametrize("kind", BY_STRANGERS)
async def test_strangers_use_up_nothing_of_who_asks_from_a_network_of_the_account(
    database: Database, kind: MailKind
) -> None:
    context = await a_context_of_hans(database)
    asking = everywhere(context)
    for _ in range(5):
        for each in BY_STRANGERS:
            await mailed(next(asking), HANS, each)

    assert [await mailed(context, HANS, kind) for _ in range(4)] == [True, True, True, False]


async def test_an_owner_uses_up_nothing_of_strangers_either(database: Database) -> None:
    context = await a_context_of_hans(database)
    for _ in range(5):
        await mailed(context, HANS)

    assert await mailed(at(context, "198.51.100.7"), HANS)


async def test_nobody_is_an_owner_who_has_proved_nothing(database: Database) -> None:
    """Else who makes accounts of an address and its tags, where people sign in at once, could fill the mailbox."""
    context = await a_context(database)
    addresses = [f"hans+{number}@corp.com" for number in range(4)]
    for address in addresses:
        await an_account(context, address)
    for address in addresses:
        await authenticate(context, address, PASSWORD)

    mails = [await mailed(context, address, kind) for address in addresses for kind in BY_STRANGERS]

    assert sum(mails) == 6


async def test_a_network_that_has_the_account_no_more_is_a_strangers(database: Database) -> None:
    context = await a_context_of_hans(database)
    asking = everywhere(context)
    for _ in range(5):
        for kind in BY_STRANGERS:
            await mailed(next(asking), HANS, kind)
    later(context, days=90)
    for _ in range(5):
        for kind in BY_STRANGERS:
            await mailed(next(asking), HANS, kind)

    assert not await mailed(context, HANS)


async def test_notices_of_what_the_owner_did_are_not_those_that_strangers_cause(database: Database) -> None:
    context = await a_context_of_hans(database)
    asking = everywhere(context)
    for _ in range(5):
        for kind in BY_STRANGERS:
            await mailed(next(asking), HANS, kind)

    for kind in (MailKind.PASSWORD_CHANGED, MailKind.EMAIL_ADDRESS_CHANGING):
        assert await mailed(next(asking), HANS, kind)


async def test_an_operator_unlocks_the_mails_of_a_mailbox(database: Database) -> None:
    context = await a_context(database)
    for _ in range(3):
        await mailed(context, "hans+shop@corp.com")
    assert not await mailed(context, "hans+shop@corp.com")

    await unlock(database, context.channel_id, "hans+shop@corp.com")

    assert await mailed(context, "hans+shop@corp.com")
