"""How often secrets may be tried and mails be asked for: exactly as often as the limits say, under any concurrency."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from db import models
from db.errors import DatabaseUnavailableError
from resolvers.ports import Verdict
from resolvers.rules.errors import RateLimited
from resolvers.sessions.authentication import authenticate
from resolvers.throttling.attempts import count_token, count_try
from resolvers.throttling.counters import TryLimits
from tests.api.services import PASSWORD, CountingHasher, a_context, rows
from tests.api.signing_in import HANS

if TYPE_CHECKING:
    from db.engine import Database

from tests.api.throttling import an_account, at, later, networks, tries, wait_after

pytestmark = pytest.mark.anyio


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
    await an_account(context)
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
    await an_account(context)
    await authenticate(context, HANS, PASSWORD)
    network = iter(networks())
    for _ in range(50):
        await count_try(at(context, next(network)), "eva.keller@corp.com")

    assert await wait_after(count_try(context, "eva.keller@corp.com")) == 3600


async def test_the_own_network_has_the_five_free_tries_of_any_other(database: Database) -> None:
    context = await a_context(database)
    await an_account(context)
    await authenticate(context, HANS, PASSWORD)

    assert [await wait_after(authenticate(context, HANS, "wrong")) for _ in range(6)] == [0, 0, 0, 0, 0, 30]


async def test_a_success_gives_its_count_back_and_forgives_what_was_wrong_before(database: Database) -> None:
    context = await a_context(database)
    await an_account(context)
    for _ in range(4):
        await wait_after(authenticate(context, HANS, "wrong"))

    await authenticate(context, HANS, PASSWORD)

    assert await tries(database) == [0, 4, 4], "of account and network: forgiven; of each alone: given back"
    assert [await wait_after(authenticate(context, HANS, "wrong")) for _ in range(6)] == [0, 0, 0, 0, 0, 30]


async def test_whoever_knows_the_password_signs_in_as_often_as_he_likes(database: Database) -> None:
    context = await a_context(database)
    context = dataclasses.replace(context, limits=TryLimits(free_tries=1, tries_per_network=1, tries_per_account=1))
    await an_account(context)

    for _ in range(3):
        await authenticate(context, HANS, PASSWORD)

    assert await tries(database) == [0, 0, 0]


class BusyHasher(CountingHasher):
    async def verify(self, password_hash: str | None, password: str) -> Verdict:  # noqa: ARG002 - the port's signature
        raise RateLimited(1)


async def test_a_password_that_nobody_had_the_time_to_look_at_counts_nothing(database: Database) -> None:
    context = await a_context(database)
    await an_account(context)
    busy = dataclasses.replace(context, hasher=BusyHasher())

    assert [await wait_after(authenticate(busy, HANS, PASSWORD)) for _ in range(20)] == [1] * 20
    assert await tries(database) == [0, 0, 0]
    wrong = [await wait_after(authenticate(context, HANS, "wrong")) for _ in range(4)]
    assert await wait_after(authenticate(busy, HANS, PASSWORD)) == 1
    wrong += [await wait_after(authenticate(context, HANS, "wrong")) for _ in range(2)]
    assert wrong == [0, 0, 0, 0, 0, 30]


class AwayHasher(CountingHasher):
    """Takes its time, in which the database goes away."""

    async def verify(self, password_hash: str | None, password: str) -> Verdict:  # noqa: ARG002 - the port's signature
        raise DatabaseUnavailableError


async def test_a_password_that_an_outage_kept_from_being_right_counts_nothing(database: Database) -> None:
    context = await a_context(database)
    await an_account(context)
    away = dataclasses.replace(context, hasher=AwayHasher())

    for _ in range(20):
        with pytest.raises(DatabaseUnavailableError):
            await authenticate(away, HANS, PASSWORD)

    assert await tries(database) == [0, 0, 0]


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
    context = dataclasses.replace(await a_context(database), limits=TryLimits(tries_per_account=1))
    await count_try(context, HANS)
    before = await rows(database, models.Throttle)

    assert await wait_after(count_try(at(context, "192.0.2.2"), HANS)) == 3600

    assert await rows(database, models.Throttle) == before


async def test_who_has_an_ipv6_address_has_all_of_its_64(database: Database) -> None:
    context = await a_context(database)
    for number in range(5):
        await count_try(at(context, f"2001:db8:0:1:{number}::1"), HANS)

    assert await wait_after(count_try(at(context, "2001:db8:0:1:ffff:ffff:ffff:ffff"), HANS)) == 30
    assert await wait_after(count_try(at(context, "2001:db8:0:2::1"), HANS)) == 0


@pytest.mark.parametrize(
    ("networks_of_56", "tries_of_each", "let_through", "neighbour"),
    [(1, 3, 2, "2001:db8:0:1::1"), (9, 1, 8, "2001:db8:0:100::1"), (1024, 1, 32, "2001:db8:1::1")],
    ids=["/64", "/56", "/48"],
)
async def test_who_has_many_networks_of_ipv6_has_a_limit_for_all_of_them(
    database: Database, networks_of_56: int, tries_of_each: int, let_through: int, neighbour: str
) -> None:
    limits = TryLimits(tries_per_network=2, tries_per_account=10**6)
    context = dataclasses.replace(await a_context(database), limits=limits)
    # Of the /48, each comes from a /56 of its own, so that the limit of those is never met.
    apart = 256 if networks_of_56 > 256 else 1
    hosts = [f"2001:db8:0:{at * apart:x}::1" for at in range(min(networks_of_56, 34)) for _ in range(tries_of_each)]

    waits = [await wait_after(count_try(at(context, host), f"{at_}@corp.com")) for at_, host in enumerate(hosts)]

    assert waits == [0] * let_through + [3600] * (len(hosts) - let_through)
    assert await wait_after(count_try(at(context, neighbour), HANS)) == 0


async def test_a_mapped_address_is_that_of_ipv4(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=TryLimits(tries_per_network=4))
    spelt = ("192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:201", "64:ff9b::192.0.2.1")

    assert [await wait_after(count_token(at(context, one))) for one in (*spelt, *spelt)] == [0] * 4 + [3600] * 4


async def test_an_account_passes_the_limit_of_a_network_that_it_has_signed_in_from(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=TryLimits(tries_per_network=10))
    await an_account(context)
    await authenticate(context, HANS, PASSWORD)
    for number in range(10):
        await count_try(context, f"{number}@corp.com")

    assert await wait_after(count_try(context, "eva.keller@corp.com")) == 3600
    assert await wait_after(authenticate(context, HANS, PASSWORD)) == 0
    assert await wait_after(authenticate(at(context, "192.0.2.2"), HANS, "wrong")) == 0
    assert [await wait_after(authenticate(context, HANS, "wrong")) for _ in range(6)] == [0, 0, 0, 0, 0, 30]


async def test_an_account_of_ones_own_in_a_network_gains_no_guesses_at_others(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=TryLimits(tries_per_network=10))
    await an_account(context)
    guesses = []
    for number in range(20):
        await authenticate(context, HANS, PASSWORD)
        guesses.append(await wait_after(count_try(context, f"{number}@corp.com")))

    assert guesses == [0] * 10 + [3600] * 10


@pytest.mark.either_database
@pytest.mark.parametrize("username", ["", "hans", "hans@corp.com,eva@corp.com", "\ud800", "x" * 60_000])
async def test_what_is_no_address_counts_against_its_network_alone(database: Database, username: str) -> None:
    context = dataclasses.replace(await a_context(database), limits=TryLimits(tries_per_network=9, tries_per_account=9))
    network = iter(networks())

    mistyped = [await wait_after(authenticate(context, username, "wrong")) for _ in range(10)]
    elsewhere = [await wait_after(authenticate(at(context, next(network)), username, "wrong")) for _ in range(20)]

    assert mistyped == [0] * 9 + [3600], "without a pause, which all who mistype theirs would share"
    assert elsewhere == [0] * 20


async def test_requests_from_nowhere_share_one_network(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=TryLimits(tries_per_network=1), ip_address=None)

    assert [await wait_after(count_token(context)) for _ in range(2)] == [0, 3600]
