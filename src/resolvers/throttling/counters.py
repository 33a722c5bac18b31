"""The home of counting tries: a row for each counter, one statement for all, exact whoever comes at the same time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from db.columns import UtcDateTime
from db.models import Throttle
from db.upsert import Upsert
from resolvers.rules.errors import Limit, RateLimited

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

HOUR = timedelta(hours=1)
_PAUSES = tuple(timedelta(seconds=min(30 * 2**doubled, 900)) for doubled in range(6))
_FORGOTTEN_AFTER = timedelta(days=1)
_APART = timedelta(minutes=10)
"""So far the clocks of processes may be apart, and who is counted first from who came first. What is further ahead was
counted by a clock that has been put back since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryLimits:
    """How often something may be tried; all but the first within an hour.

    Those of networks are for an address of IPv4 and for the narrowest networks of IPv6 (`networks.WIDTHS`).
    """

    free_tries: int = 5
    """Of a password of one account from one network, before each further try has to wait."""
    tries_per_network: int = 100
    tries_per_account: int = 50
    """From networks that the account has not signed in from: nobody locks out an owner."""
    mails_per_address: int = 3
    """Of a kind."""
    all_mails_per_address: int = 6
    """Of all kinds that strangers can cause."""
    mails_per_network: int = 20


class Counter(NamedTuple):
    """What counts tries by *key*, of which there may be *limit* within the hour that the first one begins."""

    key: bytes
    limit: int
    which: Limit
    account: bytes | None = None
    """By which an operator finds it."""


async def count_hourly(session: AsyncSession, counters: Sequence[Counter], now: datetime) -> None:
    """Count a try at all *counters* in one statement. Raises `RateLimited`, and then has counted at some."""
    counted = await counted_hourly(session, counters, now)
    if refused := [counter for counter in counters if counter.key not in counted]:
        raise await _limited(session, [counter.key for counter in refused], now, refused[0].which)


async def counted_hourly(session: AsyncSession, counters: Sequence[Counter], now: datetime) -> set[bytes]:
    """Count a try at those of *counters* that have any left; return their keys.

    Whoever comes at the same time waits for the first of them, and sees what was counted.
    """
    given: dict[str, object] = {"now": now, "ends_at": now + HOUR, "latest": now + HOUR + _APART}
    for at, counter in enumerate(counters):
        given |= {f"key{at}": counter.key, f"limit{at}": counter.limit, f"account{at}": counter.account}
    return set((await _hourly(len(counters)).execute(session, **given)).scalars())


async def give_back(session: AsyncSession, keys: Sequence[bytes]) -> None:
    """Take a try at each of *keys* back, in the order in which they were counted: no two wait in a circle."""
    if keys:
        await session.exec(_given_back(len(keys)), params={f"key{at}": key for at, key in enumerate(keys)})


async def count_own(
    session: AsyncSession, key: bytes, now: datetime, free: int, account: bytes | None
) -> datetime | None:
    """Count a try of a password of an account from a network, of which *free* need no pause before the next.

    Return until when the account knows the network. Raises `RateLimited`.
    """
    pauses = {f"pause{at}": now + pause for at, pause in enumerate(_PAUSES)}
    # A pause that is longer than the longest was set by a clock that has been put back.
    pauses["longest_pause"] = now + _PAUSES[-1] + _APART
    window = now + _FORGOTTEN_AFTER
    given = {"key": key, "account": account, "free": free, "ends_at": window, "latest": window + _APART, **pauses}
    if (found := (await _OWN.execute(session, now=now, **given)).first()) is None:
        raise await _limited(session, [key], now, Limit.OWN)
    return found.known_until  # type: ignore[no-any-return]  # of the row


async def _limited(session: AsyncSession, keys: Sequence[bytes], now: datetime, which: Limit) -> RateLimited:
    blocked = select(Throttle.not_before, Throttle.ends_at).where(col(Throttle.key).in_(keys))
    waits = max((not_before or ends_at) - now for not_before, ends_at in await session.exec(blocked))
    return RateLimited(max(1, math.ceil(waits.total_seconds())), which)


_TABLE: Any = sa.inspect(Throttle).local_table
_ROW = _TABLE.c


def _moment(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=UtcDateTime())


_NOW = _moment("now")
_IS_OVER = sa.or_(_ROW.ends_at <= _NOW, _ROW.ends_at > _moment("latest"))
"""Whether the tries of a throttle are forgotten; also those of a clock that has been put back since."""
_TRIES = sa.case((_IS_OVER, 1), else_=_ROW.tries + 1)
_HAS_PAUSED = sa.or_(_ROW.not_before.is_(None), _ROW.not_before <= _NOW, _ROW.not_before > _moment("longest_pause"))


def _pause(tries: sa.ColumnElement[int]) -> sa.ColumnElement[datetime | None]:
    """Return when the try after this one is let through: at once, and doubling once the free ones are used up."""
    free = sa.bindparam("free", type_=sa.Integer())
    *pauses, longest = (_moment(f"pause{at}") for at in range(len(_PAUSES)))
    doubling = ((tries == free + at, pause) for at, pause in enumerate(pauses))
    return sa.case((tries < free, sa.null()), *doubling, else_=longest)


def _keys(count: int) -> list[sa.BindParameter[bytes]]:
    return [sa.bindparam(f"key{at}", type_=sa.LargeBinary()) for at in range(count)]


@cache
def _hourly(count: int) -> Upsert:
    """Return what counts at so many counters, whose rows are locked in their order."""
    keys = _keys(count)
    limits = [(_ROW.key == key, sa.bindparam(f"limit{at}", type_=sa.Integer())) for at, key in enumerate(keys)]
    rows = [
        {"key": key, "account": sa.bindparam(f"account{at}"), "ends_at": _moment("ends_at"), "tries": 1}
        for at, key in enumerate(keys)
    ]
    changed = {"tries": _TRIES, "ends_at": sa.case((_IS_OVER, _moment("ends_at")), else_=_ROW.ends_at)}
    return Upsert(
        Throttle,
        lambda insert: (
            insert.values(rows)
            .on_conflict_do_update(
                index_elements=["key"], set_=changed, where=sa.or_(_IS_OVER, _ROW.tries < sa.case(*limits))
            )
            .returning(_ROW.key)
        ),
    )


@cache
def _given_back(count: int) -> sa.Update:
    keys = _keys(count)
    in_order = sa.case(*((_ROW.key == key, at) for at, key in enumerate(keys)))
    # As a table expression: PostgreSQL locks its rows in this order, and then changes them in any.
    locked = sa.select(_ROW.key).where(_ROW.key.in_(keys)).order_by(in_order).with_for_update().cte("locked")
    # The try was let through: the pause before it has passed, and the one after it has lost its reason.
    its = _ROW.key.in_(sa.select(locked.c.key)), _ROW.tries > 0
    return sa.update(_TABLE).where(*its).values(tries=_ROW.tries - 1, not_before=None)


_OWN = Upsert(
    Throttle,
    lambda insert: (
        insert.values(
            key=sa.bindparam("key"),
            account=sa.bindparam("account"),
            ends_at=_moment("ends_at"),
            tries=1,
            not_before=_pause(sa.literal(1)),
        )
        .on_conflict_do_update(
            index_elements=["key"],
            set_={"tries": _TRIES, "ends_at": _moment("ends_at"), "not_before": _pause(_TRIES)},
            where=sa.or_(
                _IS_OVER,
                _HAS_PAUSED,
            ),
        )
        .returning(_ROW.known_until)
    ),
)
