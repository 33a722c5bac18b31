"""The home of counting tries: one row and one statement each, exact for all who come at the same time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from db.columns import moment
from db.models import Throttle
from db.upsert import upsert
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
    row: Any = Throttle
    is_over = _is_over(now, HOUR)
    ends_at = sa.case((is_over, moment(now + HOUR)), else_=row.ends_at)
    new = {"key": key, "account": account, "ends_at": now + HOUR}
    await _count(session, new, now, is_over, few_enough=row.tries < limit, changed={"ends_at": ends_at})


async def count_own(session: AsyncSession, key: bytes, now: datetime, free: int, account: bytes) -> datetime | None:
    """Count a try of a password of an account from a network, of which *free* need no pause before the next.

    Return until when the account knows the network.
    """
    row: Any = Throttle
    is_over = _is_over(now, _FORGOTTEN_AFTER)
    # A pause that is longer than the longest was set by a clock that has been put back.
    has_paused = sa.or_(row.not_before.is_(None), row.not_before <= now, row.not_before > now + _PAUSES[-1] + _APART)
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
    counted = (
        upsert(session, Throttle)
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
    return sa.or_(col(Throttle.ends_at) <= now, col(Throttle.ends_at) > now + window + _APART)


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
