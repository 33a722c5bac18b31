"""The home of throttles: how often secrets may be tried and mails be asked for, exactly so under any concurrency.

A try is counted in a transaction of its own that has committed before the secret is looked at: a hundred tries at once
find the count that they themselves have made. A success gives its count back.
"""

from __future__ import annotations

import math
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from db.columns import moment
from db.models import Throttle
from resolvers.errors import DomainError, RateLimited

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.context import Context

HOUR = timedelta(hours=1)
KNOWN_FOR = timedelta(days=90)
"""So long a network that an account has signed in from counts as its own."""
_PAUSES = tuple(timedelta(seconds=min(30 * 2**doubled, 900)) for doubled in range(6))
_FORGOTTEN_AFTER = timedelta(days=1)
_IPV6_SITE = 64
"""Bits that a provider gives to one customer: the rest is the customer's own to choose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often something may be tried; all but the first within an hour."""

    free_tries: int = 5
    """Of a password of one account from one network, before each further try has to wait."""
    tries_per_network: int = 100
    tries_per_account: int = 50
    """From networks that the account has not signed in from: nobody locks out an owner."""
    mails_per_address: int = 3
    mails_per_network: int = 20


class Attempt:
    """A try that was counted."""

    def __init__(self, own: bytes | None, counted: list[bytes]) -> None:
        """Remember the throttle of account and network, if there is one, and all that *counted* it."""
        self._own = own
        self._counted = counted

    async def succeed(self, session: AsyncSession, now: datetime) -> None:
        """Give the count back: the secret was right. From now on the network is one of the account's own."""
        await self.give_back(session)
        if self._own is not None:
            # Ever wrong before, never mind: whoever knows the password has nothing to guess.
            forgiven = {"tries": 0, "not_before": now, "known_until": now + KNOWN_FOR}
            await session.exec(sa.update(Throttle).where(col(Throttle.key) == self._own).values(forgiven))

    async def give_back(self, session: AsyncSession) -> None:
        """Take the count back: no secret was looked at, or it was right."""
        for key in self._counted:
            counted = sa.update(Throttle).where(col(Throttle.key) == key, col(Throttle.tries) > 0)
            await session.exec(counted.values(tries=col(Throttle.tries) - 1))


async def count_try(context: Context, canonical: str) -> Attempt:
    """Count a try of the password of the account with the address *canonical*, whether there is one or not.

    Raises `RateLimited`, and then counts nothing.
    """
    now, limits, network = context.clock.now(), context.limits, network_of(context.ip_address)
    account = _key("account", context.channel_id, canonical)
    own, everybody = _key("own", context.channel_id, canonical, network), _key("network", context.channel_id, network)
    # In the same order everywhere, so that no two transactions wait for each other.
    async with context.database.unit_of_work() as session:
        known_until = await _count(session, own, now, free=limits.free_tries, window=_FORGOTTEN_AFTER, account=account)
        await _count(session, everybody, now, limit=limits.tries_per_network)
        if known_until is not None and known_until > now:
            return Attempt(own, [everybody])
        await _count(session, account, now, limit=limits.tries_per_account, account=account)
        return Attempt(own, [everybody, account])


async def count_token(context: Context) -> Attempt:
    """Count a try of a token, which nobody can guess: per network only. Raises `RateLimited`."""
    everybody = _key("network", context.channel_id, network_of(context.ip_address))
    async with context.database.unit_of_work() as session:
        await _count(session, everybody, context.clock.now(), limit=context.limits.tries_per_network)
    return Attempt(None, [everybody])


async def may_mail(session: AsyncSession, context: Context, canonical: str) -> bool:
    """Count a mail to *canonical*; tell whether there were few enough: nobody else may know how many there were.

    Raises `RateLimited` where the network has asked for too many.
    """
    now, limits = context.clock.now(), context.limits
    everybody = _key("mails of network", context.channel_id, network_of(context.ip_address))
    await _count(session, everybody, now, limit=limits.mails_per_network)
    account = _key("account", context.channel_id, canonical)
    try:
        key = _key("mails", context.channel_id, canonical)
        await _count(session, key, now, limit=limits.mails_per_address, account=account)
    except RateLimited:
        return False
    return True


@asynccontextmanager
async def given_back(context: Context, attempt: Attempt, on: tuple[type[DomainError], ...]) -> AsyncIterator[None]:
    """Give the count of *attempt* back *on* errors that say nothing of the secret, such as a lack of time for it."""
    try:
        yield
    except on:
        async with context.database.unit_of_work() as session:
            await attempt.give_back(session)
        raise


async def unlock(session: AsyncSession, channel_id: str, canonical: str) -> int:
    """Forget all tries at the account with the address *canonical*; return how many throttles that were."""
    account = _key("account", channel_id, canonical)
    return (await session.exec(sa.delete(Throttle).where(col(Throttle.account) == account))).rowcount


def ended(now: datetime) -> sa.ColumnElement[bool]:
    """Tell which throttles mean nothing any more."""
    return sa.and_(col(Throttle.ends_at) <= now, sa.func.coalesce(col(Throttle.known_until), moment(now)) <= now)


def network_of(address: str | None) -> str:
    """Return the network of an IP *address*: who has an IPv6 address has at least 2^64 of them."""
    if address is None:
        return "unknown"
    found = ip_address(address)
    return str(ip_network((found, _IPV6_SITE), strict=False) if isinstance(found, IPv6Address) else found)


def _key(*parts: str) -> bytes:
    # No part holds NUL: they are ids, canonical addresses and networks.
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()


async def _count(  # noqa: PLR0913 - the kinds of throttle
    session: AsyncSession,
    key: bytes,
    now: datetime,
    *,
    limit: int | None = None,
    free: int | None = None,
    window: timedelta = HOUR,
    account: bytes | None = None,
) -> datetime | None:
    """Count a try at *key*, of which there may be *limit* in a *window*, or *free* ones before they have to wait.

    Return until when the network is known. Raises `RateLimited`. One statement: whoever comes at the same time waits
    for it, and sees what it has counted.
    """
    row: Any = Throttle
    is_over = row.ends_at <= now
    tries = sa.case((is_over, 1), else_=row.tries + 1)
    insert: Any = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}[session.get_bind().dialect.name]
    few_enough = sa.true() if limit is None else row.tries < limit
    counted: Any = (
        insert(Throttle)
        .values(key=key, account=account, tries=1, ends_at=now + window, not_before=_pause(now, sa.literal(1), free))
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "tries": tries,
                # A guess may wait between any two; what is counted by the hour begins with the first.
                "ends_at": now + window
                if free is not None
                else sa.case((is_over, moment(now + window)), else_=row.ends_at),
                "not_before": _pause(now, tries, free),
            },
            where=sa.or_(is_over, sa.and_(few_enough, row.not_before <= now)),
        )
        .returning(row.tries, row.known_until)
    )
    if (found := (await session.exec(counted)).first()) is None:
        raise await _limited(session, key, now)
    return found.known_until  # type: ignore[no-any-return]  # of the row


def _pause(now: datetime, tries: sa.ColumnElement[int], free: int | None) -> Any:  # noqa: ANN401 - a time or its SQL
    """Return when the try after this one is let through: doubling, once the *free* ones are used up."""
    if free is None:
        return now
    *pauses, longest = _PAUSES
    return sa.case(
        (tries < free, moment(now)),
        *((tries == free + at, moment(now + pause)) for at, pause in enumerate(pauses)),
        else_=moment(now + longest),
    )


async def _limited(session: AsyncSession, key: bytes, now: datetime) -> RateLimited:
    blocked = select(Throttle.not_before, Throttle.ends_at).where(col(Throttle.key) == key)
    not_before, ends_at = (await session.exec(blocked)).one()
    waits = (not_before if not_before > now else ends_at) - now
    return RateLimited(max(1, math.ceil(waits.total_seconds())))
