"""The home of the figures of passwords: reset tokens are used once, guesses are counted exactly."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle

from resolvers.throttling.counters import TryLimits
from tests.fire.figures import Finding, Size, figure, unless
from tests.fire.world import PAGE, PASSWORD, World, a_world, at_once, token_in

TOGETHER = 16
GUESSES = 64


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The machine's clock, so many *seconds* ahead."""

    seconds: float

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)


@figure(5, "a reset token has one winner, whose password works and no other's")
async def reset_tokens(url: str, size: Size) -> Finding:
    """Use each token by 16 at once, with a password each, at two replicas."""
    tokens = size.of(50, 3)
    winners: Counter[int] = Counter()
    working: Counter[int] = Counter()
    async with a_world(url) as world:
        for number in range(tokens):
            address = f"user{number}@corp.com"
            await world.registered(address)
            await world.gateway.do("startPasswordReset", emailAddress=address, confirmationBaseUrl=PAGE)
            [letter] = [found for found in await world.letters() if found.link]
            passwords = [f"{PASSWORD} {at}" for at in range(TOGETHER)]
            outcomes = await at_once(
                [
                    replica.do("finishPasswordReset", token=token_in(letter), password=password)
                    for replica, password in zip(cycle(world.replicas), passwords, strict=False)
                ]
            )
            winners[sum(outcome["__typename"] == "FinishPasswordResetSuccess" for outcome in outcomes)] += 1
            working[await _working(world, address, [PASSWORD, *passwords])] += 1
    told = (
        f"{tokens} tokens x {TOGETHER} at once: winners a token {_counts(winners)}, "
        f"passwords that work {_counts(working)}"
    )
    return Finding(
        told,
        unless(winners == {1: tokens}, "a token had several winners, or none")
        + unless(working == {1: tokens}, "several passwords work"),
    )


@figure(6, "wrong passwords that are looked at past the limit: none")
async def guesses(url: str, size: Size) -> Finding:
    """Guess 64 times in each way that there is, at an account of its own, and count the looks at a hash."""
    del size
    limits = TryLimits(tries_per_network=10**6)
    looks: dict[str, int] = {}
    async with a_world(url, limits=limits) as world:
        for name, way in WAYS.items():
            address = f"{name.replace(' ', '')}@corp.com"
            await world.registered(address)
            before = world.hasher.looks
            await way(world, address)
            looks[name] = world.hasher.looks - before
    allowed = {name: limits.free_tries + (name == "password change") for name in WAYS}  # and one to sign in
    told = f"{GUESSES} guesses each, looked at: " + ", ".join(f"{name} {count}" for name, count in looks.items())
    past = {name: count - allowed[name] for name, count in looks.items() if count > allowed[name]}
    return Finding(told, unless(not past, f"looked at past the limit: {past}"))


async def _one_after_another(world: World, address: str) -> None:
    for number in range(GUESSES):
        await world.gateway.do("authenticate", username=address, password=f"wrong {number}")


async def _at_once(world: World, address: str) -> None:
    await at_once(
        [world.gateway.do("authenticate", username=address, password=f"wrong {number}") for number in range(GUESSES)]
    )


async def _two_replicas(world: World, address: str) -> None:
    await at_once(
        [
            replica.do("authenticate", username=address, password=f"wrong {number}")
            for replica, number in zip(cycle(world.replicas), range(GUESSES), strict=False)
        ]
    )


async def _clocks_apart(world: World, address: str) -> None:
    """Guess while time runs, at replicas of which one is ahead: no clock that differs may forget a count."""
    replicas = [
        replace(replica, context=replace(replica.context, clock=_Ahead(seconds)))
        for replica, seconds in zip(world.replicas, (0, 5), strict=True)
    ]
    for together in (1, GUESSES // 2):
        for begin in range(0, GUESSES // 2, together):
            await at_once(
                [
                    replica.do("authenticate", username=address, password=f"wrong {number}")
                    for replica, number in zip(cycle(replicas), range(begin, begin + together), strict=False)
                ]
            )
            replicas.reverse()


async def _aliases(world: World, address: str) -> None:
    fields = "".join(f"a{number}: authenticate(input: $input) {{ __typename }} " for number in range(30))
    document = f"mutation($input: AuthenticateInput!) {{ {fields} }}"
    for _ in range(3):
        await world.gateway.ask(document, input={"username": address, "password": "wrong"})


async def _spellings(world: World, address: str) -> None:
    for number in range(GUESSES):
        local, _, domain = address.partition("@")
        spelt = f"{local.upper() if number % 2 else local.title()}@{domain.upper() if number % 3 else domain}"
        await world.gateway.do("authenticate", username=spelt, password=f"wrong {number}")


async def _password_change(world: World, address: str) -> None:
    more = "... on AuthenticateSuccess { authentication { token } }"
    signed_in = await world.gateway.do("authenticate", more=more, username=address, password=PASSWORD)
    token = signed_in["authentication"]["token"]
    await at_once(
        [
            replica.do(
                "updatePassword", bearer=token, currentPassword=f"wrong {number}", newPassword=f"{PASSWORD} again"
            )
            for replica, number in zip(cycle(world.replicas), range(GUESSES), strict=False)
        ]
    )


WAYS = {
    "one after another": _one_after_another,
    "at once": _at_once,
    "two replicas": _two_replicas,
    "clocks apart": _clocks_apart,
    "aliases": _aliases,
    "spellings": _spellings,
    "password change": _password_change,
}


async def _working(world: World, address: str, passwords: list[str]) -> int:
    """Return how many of *passwords* sign in, without a limit."""
    count = 0
    for password in passwords:
        outcome = await world.gateway.do("authenticate", username=address, password=password)
        count += outcome["__typename"] == "AuthenticateSuccess"
    return count


def _counts(counted: Counter[int]) -> str:
    return ", ".join(f"{value} ({times} times)" for value, times in sorted(counted.items()))
