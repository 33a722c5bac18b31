"""The home of throttles: how often secrets may be tried and mails be asked for, exactly so under any concurrency.

A try is counted in a transaction of its own that has committed before the secret is looked at: a hundred tries at once
find the count that they themselves have made. A success gives its count back.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from db.columns import moment
from db.enums import MailKind
from db.errors import DatabaseUnavailableError
from db.models import Throttle
from db.upsert import Upsert
from resolvers.rules.email_address import folded
from resolvers.rules.errors import Limit, RateLimited
from resolvers.rules.networks import WIDTHS, network_of, networks_of
from resolvers.throttling.counters import Counter, count_hourly, count_own, counted_hourly, give_back

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database
    from resolvers.context import Context

KNOWN_FOR = timedelta(days=90)
"""So long a network that an account has signed in from counts as its own."""
_ENDLESS = 10**9
_BY_WHO_IS_IN = frozenset({MailKind.PASSWORD_CHANGED, MailKind.EMAIL_ADDRESS_CHANGING})
"""Kinds of mails that nobody causes without a password or a mailed token."""

_TABLE: Any = sa.inspect(Throttle).local_table
_ITS = _TABLE.c.key == sa.bindparam("its", type_=sa.LargeBinary())
_FORGIVEN = (
    sa.update(_TABLE)
    .where(_ITS)
    .values(tries=0, not_before=None, known_until=sa.bindparam("known_until"), proved=sa.bindparam("is_proved"))
)
_FORGOTTEN = sa.update(_TABLE).where(_ITS, _TABLE.c.tries > 0).values(tries=0, not_before=None)
_KNOWN = Upsert(
    Throttle,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["key"],
        set_={name: insert.excluded[name] for name in ("tries", "not_before", "known_until", "proved")},
    ),
)


class Attempt:
    """A try that was counted."""

    def __init__(self, own: bytes | None, others: list[bytes]) -> None:
        """Remember the throttle of account and network, if there is one, and the *others* that counted it."""
        self._own = own
        self._others = others

    async def succeed(self, session: AsyncSession, now: datetime, *, proved: bool) -> None:
        """Give the count back: the secret was right. From now on the network is one of the account's own.

        *proved* tells whether the address of the account is: nobody else is mailed to as its owner.
        """
        # In the order of counting, so that no two transactions wait for each other.
        if self._own is not None:
            # Ever wrong before, never mind: whoever knows the password has nothing to guess.
            known = {"known_until": now + KNOWN_FOR, "is_proved": proved}
            await session.exec(_FORGIVEN, params={"its": self._own, **known})
        await give_back(session, self._others)

    async def give_back(self, session: AsyncSession) -> None:
        """Take the count back: no secret was looked at, or it was right."""
        await give_back(session, self._others if self._own is None else [self._own, *self._others])


async def count_try(context: Context, canonical: str) -> Attempt:
    """Count a try of the password of the account with the address *canonical*, whether there is one or not.

    What is no address ("") is nobody's, and counts against its network alone: all who mistype theirs would wait for
    each other. Raises `RateLimited`, and then counts nothing.
    """
    now, limits = context.clock.now(), context.limits
    account = _account(context, canonical) if canonical else None
    # The statements are the same where there is no pause to keep.
    own, free = _own(context, canonical), limits.free_tries if canonical else _ENDLESS
    others = _networks("tries", context, limits.tries_per_network, Limit.NETWORK)
    if account is not None:
        others.append(Counter(account, limits.tries_per_account, Limit.ACCOUNT, account))
    # In the same order everywhere, so that no two transactions wait for each other.
    async with context.database.unit_of_work() as session:
        known_until = await count_own(session, own, now, free, account)
        if known_until is not None and known_until > now:
            # A pass for this account alone: who has another one in the network gains no guess by it.
            return Attempt(own, [])
        await count_hourly(session, others, now)
        return Attempt(own, [counter.key for counter in others])


async def count_token(context: Context) -> Attempt:
    """Count a try of a token, which nobody can guess: per network only. Raises `RateLimited`."""
    networks = _networks("tries", context, context.limits.tries_per_network, Limit.NETWORK)
    async with context.database.unit_of_work() as session:
        await count_hourly(session, networks, context.clock.now())
    return Attempt(None, [counter.key for counter in networks])


async def count_registration(context: Context) -> None:
    """Count a registration, before anything slow: it costs a hash, and may tell that an address is taken.

    Never given back: who is let through as long as addresses are free would learn which are not. Raises `RateLimited`.
    """
    networks = _networks("registrations", context, context.limits.tries_per_network, Limit.REGISTRATIONS)
    async with context.database.unit_of_work() as session:
        await count_hourly(session, networks, context.clock.now())


async def count_mail(session: AsyncSession, context: Context) -> None:
    """Count a mail that somebody asks for. Raises `RateLimited` where the network has asked for too many."""
    networks = _networks("mails", context, context.limits.mails_per_network, Limit.MAILS_OF_NETWORK)
    await count_hourly(session, networks, context.clock.now())


async def may_mail(session: AsyncSession, context: Context, kind: MailKind, canonical: str) -> bool:
    """Count a mail of *kind* to *canonical*; tell whether there were few enough: nobody else may know how many.

    By kind, and what strangers ask for apart from what the owner does: they shall not keep an owner from resetting the
    password. And no mailbox gets more from strangers than the limit of all kinds, whatever they put behind a `+`.
    """
    now = context.clock.now()
    if kind in _BY_WHO_IS_IN:
        counters = _of_mails(context, "notices to", canonical, (kind,))
    elif await _is_owners(session, context, canonical):
        counters = _of_mails(context, "owner's mails to", canonical, (kind, ""))
    else:
        counters = _of_mails(context, "mails to", folded(canonical), (kind, ""))
    counted = await counted_hourly(session, counters, now)
    if may := len(counted) == len(counters):
        return may
    context.closed(Limit.MAILS_TO_ADDRESS)
    # What is not mailed uses nothing up.
    await give_back(session, [counter.key for counter in counters if counter.key in counted])
    return may


def _of_mails(context: Context, what: str, address: str, kinds: tuple[str, ...]) -> list[Counter]:
    limits, mailbox = context.limits, _mailbox(context.channel_id, address)
    return [
        Counter(
            _key(what, kind, context.channel_id, address),
            limits.mails_per_address if kind else limits.all_mails_per_address,
            Limit.MAILS_TO_ADDRESS,
            mailbox,
        )
        for kind in kinds
    ]


async def _is_owners(session: AsyncSession, context: Context, canonical: str) -> bool:
    """Tell whether the account has signed in from the network of the request, and its address was proved then.

    Anybody can make accounts of addresses that nobody proves, and sign in to them.
    """
    now, row = context.clock.now(), Throttle
    its = col(row.key) == _own(context, canonical), col(row.proved), col(row.known_until) > now
    return (await session.exec(select(row.tries).where(*its))).first() is not None


async def know_only(session: AsyncSession, context: Context, canonical: str, *, proved: bool) -> None:
    """Have the account know the network of the request and no other: who sets a password is its owner from now on."""
    now, account = context.clock.now(), _account(context, canonical)
    its = col(Throttle.account) == account, col(Throttle.known_until).is_not(None)
    await session.exec(sa.update(Throttle).where(*its).values(known_until=None))
    known = {"tries": 0, "not_before": None, "known_until": now + KNOWN_FOR, "proved": proved}
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
    mailboxes = {_mailbox(channel_id, address) for address in (canonical, folded(canonical))}
    found = {_key("account", channel_id, canonical), *mailboxes}
    its = col(Throttle.account).in_(found), col(Throttle.tries) > 0
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


def _account(context: Context, canonical: str) -> bytes:
    return _key("account", context.channel_id, canonical)


def _mailbox(channel_id: str, address: str) -> bytes:
    return _key("mailbox", channel_id, address)


def _own(context: Context, canonical: str) -> bytes:
    return _key("own", context.channel_id, canonical, network_of(context.ip_address))


def _networks(what: str, context: Context, limit: int, which: Limit) -> list[Counter]:
    """Return the counters of *what* the networks of the request do, in all shops together."""
    times = WIDTHS.values()
    found = zip(networks_of(context.ip_address), times, strict=False)
    return [Counter(_key(what, network), limit * wider, which) for network, wider in found]


def _key(*parts: str) -> bytes:
    # No part holds NUL: they are ids, canonical addresses and networks.
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
