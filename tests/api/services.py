"""The home of what service tests share: a clock that stands, a hasher that counts, a channel."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import SQLModel, select
from strawberry.utils.str_converters import to_camel_case

from db.engine import Database
from db.enums import ChannelKind, RegistrationPolicy
from db.models import Account, User
from resolvers.channels.service import create_channel
from resolvers.context import Context
from resolvers.customers.creation import Created
from resolvers.customers.service import register_customer
from resolvers.ports import Verdict

R = TypeVar("R", bound=SQLModel)

PASSWORD = "correct horse battery staple"


@dataclass
class StandingClock:
    """Tells the same time until it is moved."""

    time: datetime = datetime(2024, 2, 29, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, by: timedelta) -> None:
        self.time += by


@dataclass
class CountingHasher:
    """Hashes in clear and counts the work; hashes of another *generation* want to be renewed."""

    generation: int = 1
    hashed: int = 0
    judged: list[bool] = field(default_factory=list)
    """Whether each call came with a hash."""

    async def hash(self, password: str, beside: str | None = None) -> str:  # noqa: ARG002 - the port's signature
        self.hashed += 1
        await asyncio.sleep(0)  # as the true one, lets others run meanwhile
        return f"{self.generation}:{password}"

    async def verify(self, password_hash: str | None, password: str) -> Verdict:
        self.judged.append(password_hash is not None)
        await asyncio.sleep(0)
        if password_hash is None:
            return Verdict(matches=False)
        generation, _, right = password_hash.partition(":")
        return Verdict(matches=right == password, needs_rehash=int(generation) != self.generation)


async def a_context(database: Database, **settings: Any) -> Context:
    """Return a request to a new channel."""
    clock = StandingClock()
    channel = {
        "code": "shop",
        "name": "Shop",
        "kind": ChannelKind.B2C,
        "locales": ["de_CH", "fr_CH", "en_GB"],
        "registration": RegistrationPolicy.OPEN,
    }
    async with database.unit_of_work() as session:
        channel_id = await create_channel(session, now=clock.now(), **(channel | settings))
    return Context(
        database=database,
        clock=clock,
        hasher=CountingHasher(),
        channel_id=channel_id,
        user_agent="Mozilla/5.0",
        ip_address="192.0.2.1",
    )


def filled_in(**fields: object) -> dict[str, object]:
    """Return what `registerCustomer` is sent; the names are those of Python, the password is the user's."""
    sent = {to_camel_case(name): value for name, value in fields.items()}
    return sent | ({"user": {"password": sent.pop("password")}} if "password" in sent else {})


async def registered(context: Context, form: dict[str, object]) -> Created:
    """Register where nothing has to be confirmed first."""
    created = await register_customer(context, form)
    assert created is not None
    return created


async def a_user(context: Context, email_address: str = "hans.muster@corp.com") -> Created:
    """Register a customer and its user with `PASSWORD`."""
    return await registered(context, filled_in(email_address=email_address, password=PASSWORD))


async def rows(database: Database, table: type[R]) -> list[R]:
    """Return all rows of *table*."""
    async with database.unit_of_work() as session:
        return list(await session.exec(select(table)))


async def change(database: Database, table: type[SQLModel], id_: str, **columns: object) -> None:
    """Change a row behind the services' back; of a user also what its account has."""
    async with database.unit_of_work() as session:
        row = await session.get_one(table, id_)
        its = {name: value for name, value in columns.items() if name in type(row).model_fields}
        row.sqlmodel_update(its)
        session.add(row)
        if isinstance(row, User) and its != columns:
            account = await session.get_one(Account, row.account_id)
            account.sqlmodel_update({name: value for name, value in columns.items() if name not in its})
            session.add(account)


async def account_of(database: Database, user_id: str) -> Account:
    """Return the account of a user."""
    async with database.unit_of_work() as session:
        user = await session.get_one(User, user_id)
        return await session.get_one(Account, user.account_id)


def verbs(sent: list[str]) -> Counter[str]:
    """Return how many statements of each kind were *sent*; asyncpg does not tell of them in their order."""
    return Counter(statement.split()[0].rstrip(";") for statement in sent)
