"""The home of the shop that figures are found in: one database, and replicas of the gateway that share nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import orjson
from sqlmodel import select

from db.engine import Database, open_database
from db.enums import ChannelKind, MailState, RegistrationPolicy
from resolvers.channels.service import create_channel
from resolvers.context import Context
from resolvers.mails import outbox
from resolvers.mails.composition import Keys, compose
from resolvers.mails.letter import Letter
from resolvers.operations.operation import Operations
from resolvers.ports import Verdict
from resolvers.schema import operations_on
from resolvers.throttling.counters import TryLimits
from tests import pages

T = TypeVar("T")

PASSWORD = "correct horse battery staple"
PAGE = "https://shop.example/confirm"
KEYS = Keys([b"k" * 32])
UNLIMITED = TryLimits(
    free_tries=10**6,
    tries_per_network=10**6,
    tries_per_account=10**6,
    mails_per_address=10**6,
    all_mails_per_address=10**6,
    mails_per_network=10**6,
)


@dataclass
class MovedClock:
    """Stands until it is moved."""

    time: datetime = datetime(2024, 2, 28, 23, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, by: timedelta) -> None:
        self.time += by


@dataclass
class CountingHasher:
    """Hashes in clear, gives way to others meanwhile, and counts how often it looked at a password."""

    looks: int = 0
    matches: int = 0
    hashes: int = 0

    async def hash(self, password: str, beside: str | None = None) -> str:  # noqa: ARG002 - the port's signature
        self.hashes += 1
        await asyncio.sleep(0.001)
        return f"clear:{password}"

    async def verify(self, password_hash: str | None, password: str) -> Verdict:
        self.looks += 1
        await asyncio.sleep(0.001)
        found = password_hash == f"clear:{password}"
        self.matches += found
        return Verdict(matches=found)


@dataclass
class Replica:
    """A gateway."""

    database: Database
    operations: Operations
    context: Context

    async def ask(self, document: str, *, bearer: str | None = None, **variables: Any) -> dict[str, Any]:
        """Return the whole answer."""
        return orjson.loads(await self.ask_raw(document, bearer=bearer, **variables))  # type: ignore[no-any-return]

    async def ask_raw(self, document: str, *, bearer: str | None = None, **variables: Any) -> bytes:
        """Return the answer as it is sent."""
        context = replace(self.context, token=bearer)
        answer = await self.operations.answer(
            document, variables, None, caller=context.caller(), context=lambda: context
        )
        return answer.body

    async def do(self, name: str, *, bearer: str | None = None, more: str = "", **input_: Any) -> dict[str, Any]:
        """Run the mutation *name*; return its outcome, with its type and what *more* selects."""
        kind = name[0].upper() + name[1:]
        document = f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ __typename {more} }} }}"
        answer = await self.ask(document, bearer=bearer, input=input_)
        assert "errors" not in answer, answer
        return answer["data"][name]  # type: ignore[no-any-return]


@dataclass
class World:
    """A shop, replicas that serve it, and what they are given."""

    replicas: Sequence[Replica]
    clock: MovedClock = field(default_factory=MovedClock)
    hasher: CountingHasher = field(default_factory=CountingHasher)

    @property
    def gateway(self) -> Replica:
        """The first of them."""
        return self.replicas[0]

    async def registered(self, *addresses: str) -> None:
        """Register users with `PASSWORD`."""
        for address in addresses:
            outcome = await self.gateway.do("registerCustomer", emailAddress=address, user={"password": PASSWORD})
            assert outcome["__typename"] == "RegisterCustomerSuccess", outcome

    async def letters(self) -> list[Letter]:
        """Compose all mails that wait, and take them for sent."""
        found = []
        async with self.gateway.database.unit_of_work() as session:
            for claim in await outbox.claim(session, self.clock.now(), 10_000):
                if (letter := await compose(session, claim.id, KEYS, self.clock.now())) is not None:
                    found.append(letter)
                    await outbox.end(session, claim.id, MailState.SENT, self.clock.now())
        return found

    async def rows(self, table: type[Any]) -> list[Any]:
        """Return all rows of *table*."""
        async with self.gateway.database.unit_of_work() as session:
            return list(await session.exec(select(table)))


@asynccontextmanager
async def a_world(
    url: str,
    *,
    replicas: int = 2,
    registration: RegistrationPolicy = RegistrationPolicy.OPEN,
    kind: ChannelKind = ChannelKind.B2C,
    limits: TryLimits = UNLIMITED,
) -> AsyncIterator[World]:
    """Make a shop in the database at *url*, and serve it."""
    async with AsyncExitStack() as stack:
        world = World([])
        databases = [await open_database(url) for _ in range(replicas)]
        for database in databases:
            stack.push_async_callback(database.close)
        async with databases[0].unit_of_work() as session:
            channel_id = await create_channel(
                session,
                now=world.clock.now(),
                code="shop",
                name="Shop",
                kind=kind,
                registration=registration,
                landing_pages=pages.for_all(pages.SHOP),
            )
        world.replicas = [
            Replica(
                database,
                operations_on(database),
                Context(
                    database=database,
                    clock=world.clock,
                    hasher=world.hasher,
                    channel_id=channel_id,
                    limits=limits,
                    ip_address="192.0.2.1",
                ),
            )
            for database in databases
        ]
        yield world


async def at_once(works: Sequence[Awaitable[T]]) -> list[T]:
    """Return what *works* return, begun together."""
    return list(await asyncio.gather(*works))


def token_in(letter: Letter) -> str:
    """Return the token of the link of *letter*."""
    assert letter.link is not None
    return letter.link.rpartition("token=")[2]
