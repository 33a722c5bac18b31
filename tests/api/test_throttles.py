"""How often secrets may be tried and mails be asked for: exactly as often as the limits say, under any concurrency."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from db import models
from resolvers import throttles
from resolvers.errors import BadCredentials, RateLimited
from resolvers.ports import Verdict
from resolvers.sweeping import sweep
from resolvers.throttles import Limits, count_token, count_try, may_mail, network_of
from resolvers.users.service import authenticate
from tests.api.services import PASSWORD, CountingHasher, StandingClock, a_context, a_user, change, rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

    from db.engine import Database
    from resolvers.context import Context

pytestmark = pytest.mark.anyio

HANS = "hans.muster@corp.com"


def later(context: Context, **by: float) -> None:
    assert isinstance(context.clock, StandingClock)
    context.clock.advance(timedelta(**by))


def at(context: Context, ip_address: str | None) -> Context:
    return dataclasses.replace(context, ip_address=ip_address)


def networks() -> Iterable[str]:
    """Yield addresses of networks that nobody has come from yet."""
    return (f"198.51.{number // 256}.{number % 256}" for number in count())


async def wait_after(attempt: Awaitable[object]) -> int:
    """Return for how many seconds a try is refused, 0 if it is let through."""
    try:
        await attempt
    except RateLimited as limited:
        return limited.retry_after_seconds
    except BadCredentials:
        pass
    return 0


async def let_through(attempts: Iterable[Awaitable[object]]) -> int:
    """Return how many of those who try at once are let through."""
    return (await asyncio.gather(*map(wait_after, attempts))).count(0)


async def mailed(context: Context, canonical: str) -> bool:
    async with context.database.unit_of_work() as session:
        return await may_mail(session, context, canonical)


async def tries(database: Database) -> list[int]:
    return sorted(row.tries for row in await rows(database, models.Throttle))


async def test_after_five_wrong_passwords_each_further_one_has_to_wait_twice_as_long(database: Database) -> None:
    context = await a_context(database)

    free = [await wait_after(count_try(context, HANS)) for _ in range(5)]
    pauses = []
    for _ in range(8):
        pauses.append(pause := await wait_after(count_try(context, HANS)))
        later(context, seconds=pause - 1)
        assert await wait_after(count_try(context, HANS)) == 1
        later(context, seconds=1)
        assert await wait_after(count_try(context, HANS)) == 0

    assert free == [0, 0, 0, 0, 0]
    assert pauses == [30, 60, 120, 240, 480, 900, 900, 900]


async def test_who_is_let_through_before_the_pause_ends_does_not_exist(database: Database) -> None:
    context = await a_context(database)
    for _ in range(5):
        await count_try(context, HANS)

    later(context, seconds=29, microseconds=999_999)
    assert await wait_after(count_try(context, HANS)) == 1, "rounded up: who waits as long as told is let through"


async def test_the_pauses_of_one_network_are_nobody_elses(database: Database) -> None:
    context = await a_context(database)
    for _ in range(5):
        await count_try(context, HANS)

    assert await wait_after(count_try(context, HANS)) == 30
    assert await wait_after(count_try(context, "eva.keller@corp.com")) == 0
    assert await wait_after(count_try(at(context, "192.0.2.2"), HANS)) == 0
    assert await wait_after(count_try(await a_context(database, code="other"), HANS)) == 0


async def test_a_network_has_a_hundred_tries_in_an_hour_whatever_the_accounts(database: Database) -> None:
    context = await a_context(database)

    for number in range(100):
        await count_try(context, f"{number}@corp.com")

    assert await wait_after(count_try(context, HANS)) == 3600
    assert await wait_after(count_token(context)) == 3600
    assert await wait_after(count_try(at(context, "192.0.2.2"), HANS)) == 0
    later(context, seconds=3599)
    assert await wait_after(count_try(context, HANS)) == 1
    later(context, seconds=1)
    assert await wait_after(count_try(context, HANS)) == 0


async def test_an_account_has_fifty_tries_in_an_hour_whatever_the_networks(database: Database) -> None:
    context = await a_context(database)
    network = iter(networks())

    for _ in range(50):
        await count_try(at(context, next(network)), HANS)

    assert await wait_after(count_try(at(context, next(network)), HANS)) == 3600
    assert await wait_after(count_try(at(context, next(network)), "eva.keller@corp.com")) == 0
    later(context, hours=1)
    assert await wait_after(count_try(at(context, next(network)), HANS)) == 0


async def test_nobody_locks_out_an_owner_who_signed_in_from_there_within_ninety_days(database: Database) -> None:
    context = await a_context(database)
    await a_user(context, HANS)
    await authenticate(context, HANS, PASSWORD)
    later(context, days=90, seconds=-1)
    network = iter(networks())
    for _ in range(50):
        await count_try(at(context, next(network)), HANS)

    assert await wait_after(authenticate(at(context, next(network)), HANS, PASSWORD)) == 3600
    assert await wait_after(count_try(context, HANS)) == 0
    later(context, seconds=1)
    assert await wait_after(count_try(context, HANS)) == 3599, "it is ninety days now"


async def test_the_own_network_of_an_account_is_not_that_of_another_one(database: Database) -> None:
    context = await a_context(database)
    await a_user(context, HANS)
    await authenticate(context, HANS, PASSWORD)
    network = iter(networks())
    for _ in range(50):
        await count_try(at(context, next(network)), "eva.keller@corp.com")

    assert await wait_after(count_try(context, "eva.keller@corp.com")) == 3600


async def test_the_own_network_has_the_five_free_tries_of_any_other(database: Database) -> None:
    context = await a_context(database)
    await a_user(context, HANS)
    await authenticate(context, HANS, PASSWORD)

    assert [await wait_after(authenticate(context, HANS, "wrong")) for _ in range(6)] == [0, 0, 0, 0, 0, 30]


async def test_a_success_gives_its_count_back_and_forgives_what_was_wrong_before(database: Database) -> None:
    context = await a_context(database)
    await a_user(context, HANS)
    for _ in range(4):
        await wait_after(authenticate(context, HANS, "wrong"))

    await authenticate(context, HANS, PASSWORD)

    assert await tries(database) == [0, 4, 4], "of account and network: forgiven; of each alone: given back"
    assert [await wait_after(authenticate(context, HANS, "wrong")) for _ in range(6)] == [0, 0, 0, 0, 0, 30]


async def test_whoever_knows_the_password_signs_in_as_often_as_he_likes(database: Database) -> None:
    context = await a_context(database)
    context = dataclasses.replace(context, limits=Limits(free_tries=1, tries_per_network=1, tries_per_account=1))
    await a_user(context, HANS)

    for _ in range(3):
        await authenticate(context, HANS, PASSWORD)

    assert await tries(database) == [0, 0, 0]


class BusyHasher(CountingHasher):
    async def verify(self, password_hash: str | None, password: str) -> Verdict:  # noqa: ARG002 - the port's signature
        raise RateLimited(1)


async def test_a_password_that_nobody_had_the_time_to_look_at_counts_nothing(database: Database) -> None:
    context = await a_context(database)
    await a_user(context, HANS)
    busy = dataclasses.replace(context, hasher=BusyHasher())

    assert [await wait_after(authenticate(busy, HANS, PASSWORD)) for _ in range(20)] == [1] * 20
    assert await tries(database) == [0, 0, 0]
    assert [await wait_after(authenticate(context, HANS, "wrong")) for _ in range(6)] == [0, 0, 0, 0, 0, 30]


async def test_a_denied_try_counts_nothing(database: Database) -> None:
    context = await a_context(database)
    for _ in range(5):
        await count_try(context, HANS)
    before = await rows(database, models.Throttle)

    for _ in range(20):
        await wait_after(count_try(context, HANS))

    assert await rows(database, models.Throttle) == before
    later(context, seconds=30)
    assert await wait_after(count_try(context, HANS)) == 0


async def test_a_try_that_the_account_denies_is_not_counted_for_the_network_either(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=Limits(tries_per_account=1))
    await count_try(context, HANS)
    before = await rows(database, models.Throttle)

    assert await wait_after(count_try(at(context, "192.0.2.2"), HANS)) == 3600

    assert await rows(database, models.Throttle) == before


async def test_guesses_at_once_find_the_count_that_they_have_made(database: Database) -> None:
    context = await a_context(database)
    hasher = CountingHasher()
    context = dataclasses.replace(context, hasher=hasher)
    await a_user(context, HANS)

    assert await let_through(authenticate(context, HANS, "wrong") for _ in range(64)) == 5
    assert len(hasher.judged) == 5


async def test_guesses_at_once_from_one_network_at_many_accounts_are_as_many_as_its_limit(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=Limits(tries_per_network=20))

    assert await let_through(count_try(context, f"{number}@corp.com") for number in range(64)) == 20


async def test_guesses_at_once_from_many_networks_at_one_account_are_as_many_as_its_limit(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=Limits(tries_per_account=20))
    network = iter(networks())

    assert await let_through(count_try(at(context, next(network)), HANS) for _ in range(64)) == 20


async def test_tokens_at_once_are_as_many_as_the_limit_of_the_network(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=Limits(tries_per_network=20))

    assert await let_through(count_token(context) for _ in range(64)) == 20


async def test_who_signs_in_many_times_at_once_waits_for_no_one_for_ever(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=Limits(free_tries=1000))
    await a_user(context, HANS)

    await asyncio.gather(*(authenticate(context, HANS, PASSWORD) for _ in range(32)))

    assert await tries(database) == [0, 0, 0]


async def test_who_has_an_ipv6_address_has_all_of_its_64(database: Database) -> None:
    context = await a_context(database)
    for number in range(5):
        await count_try(at(context, f"2001:db8:0:1:{number}::1"), HANS)

    assert await wait_after(count_try(at(context, "2001:db8:0:1:ffff:ffff:ffff:ffff"), HANS)) == 30
    assert await wait_after(count_try(at(context, "2001:db8:0:2::1"), HANS)) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:DB8:0:0:1::", "2001:db8::/64"),
        ("::1", "::/64"),
        (None, "unknown"),
    ],
)
def test_a_network_is_an_ipv4_address_or_the_64_of_an_ipv6_address(address: str | None, network: str) -> None:
    assert network_of(address) == network


async def test_requests_from_nowhere_share_one_network(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=Limits(tries_per_network=1), ip_address=None)

    assert [await wait_after(count_token(context)) for _ in range(2)] == [0, 3600]


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


async def test_mails_at_once_are_as_many_as_the_limit(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=Limits(mails_per_network=64))

    assert (await asyncio.gather(*(mailed(context, HANS) for _ in range(64)))).count(True) == 3


async def test_asking_for_mails_uses_up_no_tries(database: Database) -> None:
    context = await a_context(database)
    for _ in range(20):
        await mailed(context, HANS)

    assert [await wait_after(count_try(context, HANS)) for _ in range(6)] == [0, 0, 0, 0, 0, 30]


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

    async with database.unit_of_work() as session:
        unlocked = await throttles.unlock(session, context.channel_id, HANS)

    assert unlocked == 4, "two networks, the account itself, and its mails"
    assert await wait_after(count_try(context, HANS)) == 0
    assert await wait_after(count_try(at(context, "192.0.2.2"), HANS)) == 0
    assert await mailed(context, HANS)
    assert await wait_after(count_try(context, "eva.keller@corp.com")) == 30


async def test_unlocking_who_was_never_locked_does_nothing(database: Database) -> None:
    context = await a_context(database)
    await count_try(context, HANS)

    async with database.unit_of_work() as session:
        assert await throttles.unlock(session, context.channel_id, "eva.keller@corp.com") == 0
        assert await throttles.unlock(session, "another channel", HANS) == 0

    assert await tries(database) == [1, 1, 1]


async def test_what_has_ended_is_swept_and_known_networks_are_kept_for_ninety_days(database: Database) -> None:
    context = await a_context(database)
    created = await a_user(context, HANS)
    await authenticate(context, HANS, PASSWORD)
    await change(database, models.User, created.user_id, enabled=False)
    await count_try(at(context, "192.0.2.2"), "eva.keller@corp.com")
    await mailed(context, HANS)

    async def swept(**after: float) -> int:
        async with database.unit_of_work() as session:
            await sweep(session, context.clock.now() + timedelta(**after))
        return len(await rows(database, models.Throttle))

    assert await swept(minutes=59, seconds=59) == 8
    assert await swept(hours=1) == 2, "of account and network"
    assert await swept(days=1) == 1, "the network that Hans has signed in from"
    assert await swept(days=89, hours=23) == 1
    assert await swept(days=90) == 0


async def test_the_database_holds_no_address_and_no_network(database: Database) -> None:
    context = await a_context(database)
    await count_try(context, HANS)
    await mailed(context, HANS)

    for row in await rows(database, models.Throttle):
        assert len(row.key) == 32
        assert row.account is None or len(row.account) == 32
