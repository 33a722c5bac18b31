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

    def __init__(self, own: bytes | None, others: list[bytes]) -> None:
        """Remember the throttle of account and network, if there is one, and the *others* that counted it."""
        self._own = own
        self._others = others

    async def succeed(self, session: AsyncSession, now: datetime) -> None:
        """Give the count back: the secret was right. From now on the network is one of the account's own."""
        # In the order of counting, so that no two transactions wait for each other.
        if self._own is not None:
            # Ever wrong before, never mind: whoever knows the password has nothing to guess.
            forgiven = {"tries": 0, "not_before": None, "known_until": now + KNOWN_FOR}
            await session.exec(sa.update(Throttle).where(col(Throttle.key) == self._own).values(forgiven))
        await _give_back(session, self._others)

    async def give_back(self, session: AsyncSession) -> None:
        """Take the count back: no secret was looked at, or it was right."""
        await _give_back(session, self._others if self._own is None else [self._own, *self._others])


async def count_try(context: Context, canonical: str) -> Attempt:
    """Count a try of the password of the account with the address *canonical*, whether there is one or not.

    Raises `RateLimited`, and then counts nothing.
    """
    now, limits, network = context.clock.now(), context.limits, network_of(context.ip_address)
    account = _key("account", context.channel_id, canonical)
    own, everybody = _key("own", context.channel_id, canonical, network), _key("network", network)
    # In the same order everywhere, so that no two transactions wait for each other.
    async with context.database.unit_of_work() as session:
        known_until = await _count_own(session, own, now, limits.free_tries, account)
        await _count_hourly(session, everybody, now, limits.tries_per_network)
        if known_until is not None and known_until > now:
            return Attempt(own, [own, everybody])
        await _count_hourly(session, account, now, limits.tries_per_account, account)
        return Attempt(own, [own, everybody, account])


async def count_guess(context: Context) -> Attempt:
    """Count a try of a token, or whether an address is taken: per network only. Raises `RateLimited`."""
    everybody = _key("network", network_of(context.ip_address))
    async with context.database.unit_of_work() as session:
        await _count_hourly(session, everybody, context.clock.now(), context.limits.tries_per_network)
    return Attempt(None, [everybody])


async def may_mail(session: AsyncSession, context: Context, canonical: str) -> bool:
    """Count a mail to *canonical*; tell whether there were few enough: nobody else may know how many there were.

    Raises `RateLimited` where the network has asked for too many.
    """
    now, limits = context.clock.now(), context.limits
    everybody = _key("mails of network", network_of(context.ip_address))
    await _count_hourly(session, everybody, now, limits.mails_per_network)
    account = _key("account", context.channel_id, canonical)
    try:
        key = _key("mails", context.channel_id, canonical)
        await _count_hourly(session, key, now, limits.mails_per_address, account)
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


async def _give_back(session: AsyncSession, keys: list[bytes]) -> None:
    for key in keys:
        counted = sa.update(Throttle).where(col(Throttle.key) == key, col(Throttle.tries) > 0)
        # The try was let through: the pause before it has passed, and the one after it has lost its reason.
        await session.exec(counted.values(tries=col(Throttle.tries) - 1, not_before=None))


def _key(*parts: str) -> bytes:
    # No part holds NUL: they are ids, canonical addresses and networks.
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()


async def _count_hourly(
    session: AsyncSession, key: bytes, now: datetime, limit: int, account: bytes | None = None
) -> None:
    """Count a try at *key*, of which there may be *limit* within the hour that the first one begins."""
    row: Any = Throttle
    is_over = _is_over(now, HOUR)
    ends_at = sa.case((is_over, moment(now + HOUR)), else_=row.ends_at)
    new = {"key": key, "account": account, "ends_at": now + HOUR}
    await _count(session, new, now, is_over, few_enough=row.tries < limit, changed={"ends_at": ends_at})


async def _count_own(session: AsyncSession, key: bytes, now: datetime, free: int, account: bytes) -> datetime | None:
    """Count a try of a password of an account from a network, of which *free* need no pause before the next.

    Return until when the account knows the network.
    """
    row: Any = Throttle
    is_over = _is_over(now, _FORGOTTEN_AFTER)
    # A pause that is longer than the longest was set by a clock that has been put back.
    has_paused = sa.or_(row.not_before.is_(None), row.not_before <= now, row.not_before > now + _PAUSES[-1])
    changed = {"ends_at": now + _FORGOTTEN_AFTER, "not_before": _pause(now, _tries(is_over), free)}
    new = {
        "key": key,
        "account": account,
        "ends_at": changed["ends_at"],
        "not_before": _pause(now, sa.literal(1), free),
    }
    return await _count(session, new, now, is_over, few_enough=has_paused, changed=changed)


async def _count(  # noqa: PLR0913 - the kinds of throttle
    session: AsyncSession,
    new: dict[str, Any],
    now: datetime,
    is_over: sa.ColumnElement[bool],
    *,
    few_enough: sa.ColumnElement[bool],
    changed: dict[str, Any],
) -> datetime | None:
    """Count in one statement: whoever comes at the same time waits for it, and sees what it has counted.

    Return until when the network is known. Raises `RateLimited`.
    """
    insert: Any = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}[session.get_bind().dialect.name]
    counted = (
        insert(Throttle)
        .values(**new, tries=1)
        .on_conflict_do_update(
            index_elements=["key"],
            set_=changed | {"tries": _tries(is_over)},
            where=sa.or_(is_over, few_enough),
        )
        .returning(col(Throttle.tries), col(Throttle.known_until))
    )
    if (found := (await session.exec(counted)).first()) is None:
        raise await _limited(session, new["key"], now)
    return found.known_until  # type: ignore[no-any-return]  # of the row


def _is_over(now: datetime, window: timedelta) -> sa.ColumnElement[bool]:
    """Tell whether the tries of a throttle are forgotten; also those of a clock that has been put back since."""
    return sa.or_(col(Throttle.ends_at) <= now, col(Throttle.ends_at) > now + window)


def _tries(is_over: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.case((is_over, 1), else_=col(Throttle.tries) + 1)


def _pause(now: datetime, tries: sa.ColumnElement[int], free: int) -> sa.ColumnElement[datetime | None]:
    """Return when the try after this one is let through: at once, and doubling once the *free* ones are used up."""
    *pauses, longest = _PAUSES
    return sa.case(
        (tries < free, sa.null()),
        *((tries == free + at, moment(now + pause)) for at, pause in enumerate(pauses)),
        else_=moment(now + longest),
    )


async def _limited(session: AsyncSession, key: bytes, now: datetime) -> RateLimited:
    blocked = select(Throttle.not_before, Throttle.ends_at).where(col(Throttle.key) == key)
    not_before, ends_at = (await session.exec(blocked)).one()
    waits = (not_before or ends_at) - now
    return RateLimited(max(1, math.ceil(waits.total_seconds())))
