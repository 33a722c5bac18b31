"""The home of how many mails a channel may send in an hour: half of them at once, and the others evenly.

Each stands for a share of two hours, and an hour of shares may be used ahead: there are never more than the ceiling in
any hour. What exceeds it waits in the outbox, and who comes first there waits for a share, whatever strangers ask for.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from db.columns import UtcDateTime
from db.models import Channel, MailAllowance
from db.upsert import Upsert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

HOUR = timedelta(hours=1)
LATEST = HOUR + timedelta(minutes=10)
"""What is used until later than that was used by a clock that was ahead, or by one that has been put back since."""

_NOW = sa.bindparam("now", type_=UtcDateTime())
_ITS = sa.inspect(MailAllowance).local_table.c
_LATEST = sa.bindparam("latest", type_=UtcDateTime())
_COUNTS = sa.and_(_ITS.used_until > _NOW, _ITS.used_until <= _LATEST)
_LOCKED = Upsert(
    MailAllowance,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["channel_id"], set_={"used_until": sa.case((_COUNTS, _ITS.used_until), else_=_NOW)}
    ).returning(_ITS.used_until),
)


def share(ceiling: int) -> timedelta:
    """Return the time that a mail stands for, of *ceiling* in an hour."""
    return 2 * HOUR / ceiling


def is_full() -> sa.ColumnElement[bool]:
    """Tell whether the channel of a row of `Channel` has no room; with *now*, *latest* and *fullest* of `bounds`."""
    used = sa.and_(_ITS.used_until > sa.bindparam("fullest", type_=UtcDateTime()), _COUNTS)
    return sa.exists().where(col(MailAllowance.channel_id) == col(Channel.id), used)


def is_alarming() -> sa.ColumnElement[bool]:
    """Tell whether an operator has not been told within the hour."""
    told = sa.and_(_ITS.alarm_at > _NOW, _ITS.alarm_at <= _LATEST)
    return ~sa.exists().where(col(MailAllowance.channel_id) == col(Channel.id), told)


def bounds(now: datetime, ceiling: int) -> dict[str, datetime]:
    """Return what the two above depend on."""
    return {"now": now, "latest": now + LATEST, "fullest": now + HOUR - share(ceiling)}


async def used_until(session: AsyncSession, channel_id: str, now: datetime) -> datetime:
    """Return until when a channel has used its allowance; nobody else learns it until the unit of work ends."""
    found = await _LOCKED.execute(session, channel_id=channel_id, used_until=now, now=now, latest=now + LATEST)
    until: datetime = found.scalar_one()
    return until


def room(used: datetime, now: datetime, ceiling: int) -> int:
    """Return how many mails a channel may send now that has *used* its allowance until then."""
    return max(0, (now + HOUR - used) // share(ceiling))


async def use(session: AsyncSession, channel_id: str, until: datetime) -> None:
    """Note until when a channel, which is locked by `used_until`, has used its allowance by now."""
    its = col(MailAllowance.channel_id) == channel_id
    await session.exec(sa.update(MailAllowance).where(its).values(used_until=until))


async def give_back(session: AsyncSession, channel_id: str, now: datetime, ceiling: int) -> None:
    """Count a mail for nothing that was counted, and not handed over."""
    used = await used_until(session, channel_id, now)
    await use(session, channel_id, max(now, used - share(ceiling)))


async def alarm(session: AsyncSession, channel_id: str, now: datetime) -> str | None:
    """Return the code of a channel whose mails wait for room, for an operator to be told; None if that was done."""
    its = col(MailAllowance.channel_id) == channel_id
    told = sa.func.coalesce(col(MailAllowance.alarm_at).between(now, now + LATEST), sa.false())
    raised = await session.exec(sa.update(MailAllowance).where(its, ~told).values(alarm_at=now + HOUR))
    return (await session.get_one(Channel, channel_id)).code if raised.rowcount else None
