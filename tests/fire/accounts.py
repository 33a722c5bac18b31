"""The home of the figure of enumeration: no answer, no statement, no work and no time tells what accounts there are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from db.engine import open_database
from db.enums import RegistrationPolicy
from db.models import Account, Registration, User
from gateway.adapters.hashing import Argon2Hasher
from resolvers.schema import operations_on
from tests.fire.figures import Finding, Size, figure
from tests.fire.timing import EACH, LeakyHasher, judged, timed
from tests.fire.world import PAGE, PASSWORD, Replica, World, a_world

STATES = ("known", "unknown", "disabled", "unconfirmed", "no password", "registration")
DOCUMENTS: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    "authenticate": (
        "mutation($input: AuthenticateInput!) { authenticate(input: $input) { __typename } }",
        lambda address: {"username": address, "password": "wrong"},
    ),
    "startPasswordReset": (
        "mutation($input: StartPasswordResetInput!) { startPasswordReset(input: $input) { __typename } }",
        lambda address: {"emailAddress": address, "confirmationBaseUrl": PAGE},
    ),
    "resendConfirmation": (
        "mutation($input: ResendConfirmationInput!) { resendConfirmation(input: $input) { __typename } }",
        lambda address: {"emailAddress": address, "confirmationBaseUrl": PAGE},
    ),
    "registerCustomer": (
        """mutation($input: RegisterCustomerInput!) { registerCustomer(input: $input) { __typename
        ... on RegisterCustomerSuccess { confirmationRequired customer { id } user { id } } } }""",
        lambda address: {"emailAddress": address, "user": {"password": PASSWORD}, "confirmationBaseUrl": PAGE},
    ),
}


class _Seen(NamedTuple):
    """What an attacker or a database sees of a request."""

    body: bytes
    statements: tuple[str, ...]
    looks: int
    hashes: int


@figure(9, "an answer, its statements, its work and its time are the same for accounts of every state")
async def enumeration(url: str, size: Size) -> Finding:
    """Ask for accounts of six states; with time enough, also look at the clock."""
    told, wrong = [], []
    async with a_world(url, replicas=1, registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS) as world:
        await _populate(world)
        traced: list[str] = []
        database = await open_database(url, trace=traced.append)
        replica = replace(world.gateway, database=database, operations=operations_on(database))
        replica.context = replace(replica.context, database=database)
        for name in DOCUMENTS:
            seen = {state: await _seen(world, replica, traced, name, state) for state in STATES}
            differing = [state for state in STATES if seen[state] != seen["unknown"]]
            found = seen["unknown"]
            told.append(f"{name} {len(found.statements)} statements, {found.looks} looks, {len(found.body)} bytes")
            wrong += [f"{name} differs for {', '.join(differing)}"] * bool(differing)
        if size.whole:
            numbers, unlike = await _timed(replica)
            told.append(numbers)
            wrong += unlike
        await database.close()
    return Finding(f"{len(STATES)} states: " + "; ".join(told), tuple(wrong))


async def _populate(world: World) -> None:
    """Make an account of each state, as an import would."""
    for state in STATES:
        if state == "unknown":
            continue
        await world.gateway.do(
            "registerCustomer", emailAddress=_address(state), user={"password": PASSWORD}, confirmationBaseUrl=PAGE
        )
    for letter in await world.letters():
        if letter.receiver != _address("registration"):
            assert letter.link is not None
            await world.gateway.do("confirmEmailAddress", token=letter.link.rpartition("token=")[2])
    changes: dict[str, dict[str, Any]] = {
        "disabled": {"enabled": False},
        "unconfirmed": {"confirmed_at": None},
        "no password": {"password_hash": None},
    }
    async with world.gateway.database.unit_of_work() as session:
        for state, columns in changes.items():
            its = col(Account.email_address) == _address(state)
            row: Any = Account
            if "enabled" in columns:
                its, row = col(User.account_id).in_(sa.select(col(Account.id)).where(its)), User
            changed = await session.exec(sa.update(row).where(its).values(**columns))
            assert changed.rowcount == 1
        assert len((await session.exec(select(Registration))).all()) == 1


async def _seen(world: World, replica: Replica, traced: list[str], name: str, state: str) -> _Seen:
    document, input_ = DOCUMENTS[name]
    # What is prepared or counted for the first time is another state of ours, not of the account.
    await replica.ask_raw(document, input=input_(_address(state)))
    await asyncio.sleep(0)  # asyncpg tells its statements in the next turn of the loop
    traced.clear()
    looks, hashes = world.hasher.looks, world.hasher.hashes
    body = await replica.ask_raw(document, input=input_(_address(state)))
    await asyncio.sleep(0)
    return _Seen(body, tuple(map(_shape, traced)), world.hasher.looks - looks, world.hasher.hashes - hashes)


def _shape(statement: str) -> str:
    """Return *statement* without the values that SQLite's trace puts into it."""
    return statement.split("VALUES", maxsplit=1)[0].split("WHERE", maxsplit=1)[0].split("'", maxsplit=1)[0]


def _address(state: str) -> str:
    return f"{state.replace(' ', '.'):_<15}@corp.com"  # all as long as each other


async def _timed(replica: Replica) -> tuple[str, tuple[str, ...]]:
    """Look at the clock while known and unknown accounts log in, and while one is told at once that it is unknown."""
    hasher, leaky = Argon2Hasher(), LeakyHasher()
    async with replica.database.unit_of_work() as session:
        its = col(Account.email_address) == _address("known")
        await session.exec(sa.update(Account).where(its).values(password_hash=await hasher.hash(PASSWORD)))
    document, input_ = DOCUMENTS["authenticate"]

    def log_in(state: str, hasher: Argon2Hasher) -> Callable[[], Awaitable[object]]:
        asking = replace(replica, context=replace(replica.context, hasher=hasher))
        return lambda: asking.ask_raw(document, input=input_(_address(state)))

    ways = {
        "known": log_in("known", hasher),
        "unknown": log_in("unknown", hasher),
        "known again": log_in("known", hasher),
        "leaked": log_in("unknown", leaky),
    }
    found = judged(await timed(ways, EACH))
    hasher.close()
    leaky.close()
    return found
