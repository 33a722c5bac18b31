"""The limits of throttles hold exactly, however many try at once."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import pytest

from resolvers.sessions.authentication import authenticate
from resolvers.throttling.attempts import count_token, count_try
from resolvers.throttling.counters import TryLimits
from tests.api.services import PASSWORD, CountingHasher, a_context
from tests.api.signing_in import HANS

if TYPE_CHECKING:
    from db.engine import Database

from tests.api.throttling import an_account, at, let_through, mailed, networks, tries

pytestmark = pytest.mark.anyio


async def test_guesses_at_once_find_the_count_that_they_have_made(database: Database) -> None:
    context = await a_context(database)
    hasher = CountingHasher()
    context = dataclasses.replace(context, hasher=hasher)
    await an_account(context)

    assert await let_through(authenticate(context, HANS, "wrong") for _ in range(64)) == 5
    assert len(hasher.judged) == 5


async def test_guesses_at_once_from_one_network_at_many_accounts_are_as_many_as_its_limit(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=TryLimits(tries_per_network=20))

    assert await let_through(count_try(context, f"{number}@corp.com") for number in range(64)) == 20


async def test_guesses_at_once_from_many_networks_at_one_account_are_as_many_as_its_limit(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=TryLimits(tries_per_account=20))
    network = iter(networks())

    assert await let_through(count_try(at(context, next(network)), HANS) for _ in range(64)) == 20


async def test_tokens_at_once_are_as_many_as_the_limit_of_the_network(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=TryLimits(tries_per_network=20))

    assert await let_through(count_token(context) for _ in range(64)) == 20


async def test_who_signs_in_many_times_at_once_waits_for_no_one_for_ever(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=TryLimits(free_tries=1000))
    await an_account(context)

    await asyncio.gather(*(authenticate(context, HANS, PASSWORD) for _ in range(32)))

    assert await tries(database) == [0, 0, 0]


async def test_mails_at_once_are_as_many_as_the_limit(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), limits=TryLimits(mails_per_network=64))

    assert (await asyncio.gather(*(mailed(context, HANS) for _ in range(32)))).count(True) == 3
