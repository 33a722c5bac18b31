"""The home of counting tries: one row and one statement each, exact for all who come at the same time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from db.columns import UtcDateTime
from db.models import Throttle
from db.upsert import Upsert
from resolvers.errors import RateLimited

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

HOUR = timedelta(hours=1)
_PAUSES = tuple(timedelta(seconds=min(30 * 2**doubled, 900)) for doubled in range(6))
_FORGOTTEN_AFTER = timedelta(days=1)
_APART = timedelta(minutes=10)
"""So far the clocks of processes may be apart, and who is counted first from who came first. What is further ahead was
counted by a clock that has been put back since."""


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


async def count_hourly(
    session: AsyncSession, key: bytes, now: datetime, limit: int, account: bytes | None = None
) -> None:
    """Count a try at *key*, of which there may be *limit* within the hour that the first one begins."""
    await _count(session, _HOURLY, now, HOUR, key=key, account=account, limit=limit)


async def count_own(session: AsyncSession, key: bytes, now: datetime, free: int, account: bytes) -> datetime | None:
    """Count a try of a password of an account from a network, of which *free* need no pause before the next.

    Return until when the account knows the network.
    """
    pauses = {f"pause{at}": now + pause for at, pause in enumerate(_PAUSES)}
    # A pause that is longer than the longest was set by a clock that has been put back.
    pauses["longest_pause"] = now + _PAUSES[-1] + _APART
    return await _count(session, _OWN, now, _FORGOTTEN_AFTER, key=key, account=account, free=free, **pauses)


async def _count(
    session: AsyncSession, counting: Upsert, now: datetime, window: timedelta, **parameters: object
) -> datetime | None:
    """Count in one statement: whoever comes at the same time waits for it, and sees what it has counted.

    Return until when the network is known. Raises `RateLimited`.
    """
    ends_at, latest = now + window, now + window + _APART
    counted = await counting.execute(session, now=now, ends_at=ends_at, latest=latest, **parameters)
    if (found := counted.first()) is None:
        raise await _limited(session, parameters["key"], now)
    return found.known_until  # type: ignore[no-any-return]  # of the row


async def _limited(session: AsyncSession, key: object, now: datetime) -> RateLimited:
    blocked = select(Throttle.not_before, Throttle.ends_at).where(col(Throttle.key) == key)
    not_before, ends_at = (await session.exec(blocked)).one()
    waits = (not_before or ends_at) - now
    return RateLimited(max(1, math.ceil(waits.total_seconds())))


_ROW = sa.inspect(Throttle).local_table.c


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


def _counting(few_enough: sa.ColumnElement[bool], new: dict[str, Any], changed: dict[str, Any]) -> Upsert:
    return Upsert(
        Throttle,
        lambda insert: (
            insert.values(
                key=sa.bindparam("key"), account=sa.bindparam("account"), ends_at=_moment("ends_at"), tries=1, **new
            )
            .on_conflict_do_update(
                index_elements=["key"], set_={"tries": _TRIES, **changed}, where=sa.or_(_IS_OVER, few_enough)
            )
            .returning(_ROW.tries, _ROW.known_until)
        ),
    )


_HOURLY = _counting(
    _ROW.tries < sa.bindparam("limit", type_=sa.Integer()),
    new={},
    changed={"ends_at": sa.case((_IS_OVER, _moment("ends_at")), else_=_ROW.ends_at)},
)
_OWN = _counting(
    _HAS_PAUSED,
    new={"not_before": _pause(sa.literal(1))},
    changed={"ends_at": _moment("ends_at"), "not_before": _pause(_TRIES)},
)
