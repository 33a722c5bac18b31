"""`gateway users unlock`: who has tried too often may try again, and nobody learns who has an account."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db.engine import Database
from resolvers.channels.service import create_channel
from resolvers.context import Context
from resolvers.ports import Verdict
from resolvers.rules.errors import RateLimited
from resolvers.throttling.attempts import count_try
from resolvers.throttling.counters import TryLimits
from tests.gateway.commands import complaints, run
from tests.importing.making import make_shop, within

NOW = datetime(2026, 3, 14, 10, 7, 26, tzinfo=UTC)


class NoHasher:
    async def hash(self, password: str, beside: str | None = None) -> str:
        raise NotImplementedError

    async def verify(self, password_hash: str | None, password: str) -> Verdict:
        raise NotImplementedError


class StandingClock:
    def now(self) -> datetime:
        return NOW


def make_channel(url: str) -> str:
    async def make(database: Database) -> str:
        async with database.unit_of_work() as session:
            return await create_channel(session, now=NOW, code="paloma", name="Paloma")

    return within(url, make)


def tries(url: str, channel_id: str, address: str) -> int:
    """Try passwords until no more are let through; return how many were."""

    async def count(database: Database) -> int:
        context = Context(
            database=database,
            clock=StandingClock(),
            hasher=NoHasher(),
            channel_id=channel_id,
            ip_address="192.0.2.1",
            limits=TryLimits(free_tries=3),
        )
        for number in range(10):
            try:
                await count_try(context, address)
            except RateLimited:
                return number
        return 10

    return within(url, count)


def test_who_has_tried_too_often_may_try_again(database_url: str) -> None:
    channel = make_channel(database_url)
    first, blocked = (tries(database_url, channel, "hans.muster@corp.example") for _ in range(2))
    assert blocked == 0

    result = run(database_url, "users", "unlock", "Hans.Muster@CORP.example", "--channel=paloma")

    assert (result.exit_code, result.stderr) == (0, "")
    assert (
        result.stdout == "Hans.Muster@corp.example may try again at once in paloma: 2 counter(s) of tries forgotten.\n"
    )
    assert tries(database_url, channel, "hans.muster@corp.example") == first > 0


def test_nobody_else_may(database_url: str) -> None:
    channel = make_channel(database_url)
    make_shop(database_url)
    tries(database_url, channel, "hans.muster@corp.example")

    for address, code in (("eva@corp.example", "paloma"), ("hans.muster@corp.example", "shop")):
        result = run(database_url, "users", "unlock", address, f"--channel={code}")
        assert result.stdout == f"{address} may try again at once in {code}: 0 counter(s) of tries forgotten.\n"

    assert tries(database_url, channel, "hans.muster@corp.example") == 0


@pytest.mark.either_database
@pytest.mark.parametrize("address", ["hans", "", "a@b@c", "hans@corp .example"])
def test_what_is_no_address_is_told(database_url: str, address: str) -> None:
    told = complaints(run(database_url, "users", "unlock", address, "--channel=paloma"))

    assert told == ["ADDRESS: not an e-mail address."]


def test_an_unknown_channel_is_told(database_url: str) -> None:
    told = complaints(run(database_url, "users", "unlock", "hans@corp.example", "--channel=paloma"))

    assert told == ["There is no channel 'paloma'. There are: none."]
