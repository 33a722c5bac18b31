"""The home of throttles: how often secrets may be tried and mails be asked for, exactly so under any concurrency.

A try is counted in a transaction of its own that has committed before the secret is looked at: a hundred tries at once
find the count that they themselves have made. A success gives its count back.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from db.columns import moment
from db.errors import DatabaseUnavailableError
from db.models import Throttle
from db.upsert import Upsert
from resolvers.counters import count_hourly, count_own
from resolvers.errors import RateLimited

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database
    from db.enums import MailKind
    from resolvers.context import Context

KNOWN_FOR = timedelta(days=90)
"""So long a network that an account has signed in from counts as its own."""
_IPV6_SITE = 64
"""Bits that a provider gives to one customer: the rest is the customer's own to choose."""

_TABLE: Any = sa.inspect(Throttle).local_table
_ITS = _TABLE.c.key == sa.bindparam("its", type_=sa.LargeBinary())
_FORGIVEN = sa.update(_TABLE).where(_ITS).values(tries=0, not_before=None, known_until=sa.bindparam("known_until"))
_FORGOTTEN = sa.update(_TABLE).where(_ITS, _TABLE.c.tries > 0).values(tries=0, not_before=None)
# The try was let through: the pause before it has passed, and the one after it has lost its reason.
_GIVEN_BACK = sa.update(_TABLE).where(_ITS, _TABLE.c.tries > 0).values(tries=_TABLE.c.tries - 1, not_before=None)
_KNOWN = Upsert(
    Throttle,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["key"],
        set_={name: insert.excluded[name] for name in ("tries", "not_before", "known_until")},
    ),
)


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
            await session.exec(_FORGIVEN, params={"its": self._own, "known_until": now + KNOWN_FOR})
        await _give_back(session, self._others)

    async def give_back(self, session: AsyncSession) -> None:
        """Take the count back: no secret was looked at, or it was right."""
        await _give_back(session, self._others if self._own is None else [self._own, *self._others])


async def count_try(context: Context, canonical: str) -> Attempt:
    """Count a try of the password of the account with the address *canonical*, whether there is one or not.

    Raises `RateLimited`, and then counts nothing.
    """
    now, limits = context.clock.now(), context.limits
    account, own, everybody = _account(context, canonical), _own(context, canonical), _network("tries", context)
    # In the same order everywhere, so that no two transactions wait for each other.
    async with context.database.unit_of_work() as session:
        known_until = await count_own(session, own, now, limits.free_tries, account)
        await count_hourly(session, everybody, now, limits.tries_per_network)
        if known_until is not None and known_until > now:
            return Attempt(own, [everybody])
        await count_hourly(session, account, now, limits.tries_per_account, account)
        return Attempt(own, [everybody, account])


async def count_token(context: Context) -> Attempt:
    """Count a try of a token, which nobody can guess: per network only. Raises `RateLimited`."""
    everybody = _network("tries", context)
    async with context.database.unit_of_work() as session:
        await count_hourly(session, everybody, context.clock.now(), context.limits.tries_per_network)
    return Attempt(None, [everybody])


async def count_registration(context: Context) -> None:
    """Count a registration, before anything slow: it costs a hash, and may tell that an address is taken.

    Never given back: who is let through as long as addresses are free would learn which are not. Raises `RateLimited`.
    """
    async with context.database.unit_of_work() as session:
        everybody = _network("registrations", context)
        await count_hourly(session, everybody, context.clock.now(), context.limits.tries_per_network)


async def count_mail(session: AsyncSession, context: Context) -> None:
    """Count a mail that somebody asks for. Raises `RateLimited` where the network has asked for too many."""
    everybody = _network("mails", context)
    await count_hourly(session, everybody, context.clock.now(), context.limits.mails_per_network)


async def may_mail(session: AsyncSession, context: Context, kind: MailKind, canonical: str) -> bool:
    """Count a mail of *kind* to *canonical*; tell whether there were few enough: nobody else may know how many.

    By kind: what others ask for shall not keep an owner from resetting the password.
    """
    key = _key("mails to", kind, context.channel_id, canonical)
    try:
        account, limit = _account(context, canonical), context.limits.mails_per_address
        await count_hourly(session, key, context.clock.now(), limit, account)
    except RateLimited:
        return False
    return True


async def know_only(session: AsyncSession, context: Context, canonical: str) -> None:
    """Have the account know the network of the request and no other: who sets a password is its owner from now on."""
    now, account = context.clock.now(), _account(context, canonical)
    its = col(Throttle.account) == account, col(Throttle.known_until).is_not(None)
    await session.exec(sa.update(Throttle).where(*its).values(known_until=None))
    known = {"tries": 0, "not_before": None, "known_until": now + KNOWN_FOR}
    await _KNOWN.execute(session, key=_own(context, canonical), account=account, ends_at=now, **known)


@asynccontextmanager
async def given_back(
    context: Context, attempt: Attempt, on: tuple[type[Exception], ...] = (RateLimited,)
) -> AsyncIterator[None]:
    """Give the count of *attempt* back *on* errors that say nothing of the secret, and on an outage.

    Else whoever tries the right secret while the database is away would have to wait once it is back.
    """
    says_nothing: tuple[type[Exception], ...] = (*on, DatabaseUnavailableError)
    try:
        yield
    except says_nothing:
        with suppress(DatabaseUnavailableError):
            async with context.database.unit_of_work() as session:
                await attempt.give_back(session)
        raise


async def unlock(database: Database, channel_id: str, canonical: str) -> int:
    """Forget all tries at the account with the address *canonical*; return how many throttles that were.

    The networks that it knows stay its own, or the next wave of guesses would lock the owner out again.
    """
    its = col(Throttle.account) == _key("account", channel_id, canonical), col(Throttle.tries) > 0
    async with database.unit_of_work() as session:
        keys = (await session.exec(select(Throttle.key).where(*its))).all()
    forgotten = 0
    for key in keys:
        # A unit of work each: whoever counts several at the same time does so in an order of its own.
        async with database.unit_of_work() as session:
            forgotten += (await session.exec(_FORGOTTEN, params={"its": key})).rowcount
    return forgotten


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
        await session.exec(_GIVEN_BACK, params={"its": key})


def _account(context: Context, canonical: str) -> bytes:
    return _key("account", context.channel_id, canonical)


def _own(context: Context, canonical: str) -> bytes:
    return _key("own", context.channel_id, canonical, network_of(context.ip_address))


def _network(what: str, context: Context) -> bytes:
    """Return the key of *what* a network does, in all shops together."""
    return _key(what, network_of(context.ip_address))


def _key(*parts: str) -> bytes:
    # No part holds NUL: they are ids, canonical addresses and networks.
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
