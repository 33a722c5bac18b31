"""The home of the outbox: mails are rows of the unit of work that causes them, and claimed by lease to be sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlmodel import col

from db import json_text, lengths
from db.columns import UtcDateTime
from db.enums import MailKind, MailState
from db.ids import new_id
from db.models import Channel, Mail
from db.row_query import RowQuery
from resolvers.mails import allowance
from resolvers.mails.rules import urgency_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database
    from resolvers.rules.email_address import EmailAddress

LEASE = timedelta(seconds=60)
"""For which a mail is its claimer's, who prolongs it for as long as the mail server is waited for."""
MOST_TRIES = 33
"""With the waits between them they take a day."""
MOST_DOUBTS = 3
"""So often a mail is handed over without learning whether it was taken: its reader may have it as many times."""
_DOUBT_WAITS = (timedelta(minutes=10), timedelta(hours=1))
"""Longer than other waits: most likely it was taken."""
_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(hours=1)
_FARTHEST = _LONGEST_WAIT * 2
"""What is due later than that has waited since a clock was ahead, and would wait until the time comes again."""
_MOST_AHEAD = 1000


# As a literal: no database looks into an index of what is queued for the value of a parameter.
_IS_QUEUED: sa.ColumnElement[bool] = col(Mail.state) == sa.literal_column(f"'{MailState.QUEUED}'")


def _channels(*which: sa.ColumnElement[bool]) -> sa.ColumnElement[str]:
    """Return the JSON array of the ids of the channels that have mails that are due, of *which*."""
    now, farthest = (sa.bindparam(name, type_=UtcDateTime()) for name in ("now", "farthest"))
    channel_id: Any = col(Channel.id)
    # Ordered, and one for each: else PostgreSQL would rather read 100,000 mails than look into the index.
    when = col(Mail.due_at) <= now, col(Mail.due_at) > farthest
    its: sa.Select[Any] = sa.select(col(Mail.id)).where(col(Mail.channel_id) == channel_id, _IS_QUEUED)
    first = [its.where(each).order_by(col(Mail.due_at)).limit(1).scalar_subquery() for each in when]
    has_due = sa.or_(*(each.is_not(None) for each in first))
    found = sa.select(json_text.concat(json_text.in_quotes(channel_id))).where(has_due, *which)
    return json_text.concat(json_text.array_of(found.order_by(channel_id)))


_ANY = RowQuery(sa.select(_channels()))
_DUE = RowQuery(sa.select(_channels(~allowance.is_full()), _channels(allowance.is_full(), allowance.is_alarming())))


class Due(NamedTuple):
    """Which channels have mails that are due."""

    ready: list[str]
    """May send them."""
    alarming: list[str]
    """Have sent too many, and no operator has been told."""


class ClaimedMail(NamedTuple):
    """A mail that is the claimer's until its lease ends."""

    id: str
    tries: int
    """How often it was claimed: the number of this claim."""
    doubts: int
    """How often it was handed over before without learning what became of it."""
    channel_id: str


def put(  # noqa: PLR0913 - what a mail is
    session: AsyncSession,
    kind: MailKind,
    address: EmailAddress,
    *,
    channel_id: str,
    now: datetime,
    user_id: str | None = None,
    confirmation_base_url: str | None = None,
    other_address: str | None = None,
    registration_id: str | None = None,
    network: str | None = None,
) -> None:
    """Write a mail into the outbox; nothing is looked up, so that nobody learns from it what there is."""
    session.add(
        Mail(
            id=new_id(Mail.letters, now),
            channel_id=channel_id,
            kind=kind,
            email_address=str(address),
            canonical_email_address=address.canonical,
            user_id=user_id,
            confirmation_base_url=confirmation_base_url,
            other_address=other_address,
            registration_id=registration_id,
            network=network,
            created_at=now,
            due_at=now,
            urgency=urgency_of(kind, is_own=user_id is not None),
        )
    )


async def withdraw(session: AsyncSession, kind: MailKind, channel_id: str, canonical: str, now: datetime) -> None:
    """Drop the mails of *kind* to an address whose reason has gone; a sender that has one sends a void token."""
    reasonless = sa.and_(
        col(Mail.canonical_email_address) == canonical,
        col(Mail.channel_id) == channel_id,
        col(Mail.kind) == kind,
        col(Mail.state) == MailState.QUEUED,
    )
    await session.exec(sa.update(Mail).where(reasonless).values(state=MailState.DROPPED, ended_at=now))


async def are_due(database: Database, now: datetime) -> bool:
    """Tell whether any mail is due, without writing."""
    [channels] = await _ANY.read(database, now=now, farthest=now + _FARTHEST)
    return bool(orjson.loads(channels))


async def due(database: Database, now: datetime, ceiling: int) -> Due:
    """Find out where there is anything to claim, without writing."""
    found = await _DUE.read(database, **allowance.bounds(now, ceiling), farthest=now + _FARTHEST)
    return Due(*map(orjson.loads, found))


async def claim(
    session: AsyncSession, now: datetime, most: int, *, channel_id: str | None = None, by_age: bool = False
) -> Sequence[ClaimedMail]:
    """Claim at most *most* of the mails that are due, of one channel or of all; whoever comes meanwhile gets others.

    The most urgent first, and of these the oldest; or *by_age* alone, so that none waits without end.
    """
    its = _IS_QUEUED, *(() if channel_id is None else (col(Mail.channel_id) == channel_id,))
    ahead = sa.select(col(Mail.id)).where(*its, col(Mail.due_at) > now + _FARTHEST)
    await session.exec(_changed(ahead.limit(_MOST_AHEAD), due_at=now))
    first = () if by_age else (col(Mail.urgency),)
    due = sa.select(col(Mail.id)).where(*its, col(Mail.due_at) <= now).order_by(*first, col(Mail.due_at), col(Mail.id))
    claimed = _changed(due.limit(most), due_at=now + LEASE, tries=col(Mail.tries) + 1)
    columns = col(Mail.id), col(Mail.tries), col(Mail.doubts), col(Mail.channel_id)
    return sorted(ClaimedMail(*row) for row in await session.exec(claimed.returning(*columns)))


def _changed(which: sa.Select[Any], **values: object) -> Any:  # noqa: ANN401 - SQLModel types updates as selects
    """Return the update of those mails that nobody else is changing."""
    # As a subquery PostgreSQL may run it anew for every row, and then find others than those locked before.
    found = which.with_for_update(skip_locked=True).cte("found")
    changed = sa.update(Mail).where(col(Mail.id).in_(sa.select(found.c.id))).values(**values)
    return changed.execution_options(synchronize_session=False)


async def prolong(session: AsyncSession, claimed: ClaimedMail, now: datetime) -> bool:
    """Have the lease of a claim last longer; False if the mail is somebody else's by now, or has ended."""
    return await _change(session, claimed, due_at=now + LEASE)


async def doubt(session: AsyncSession, claimed: ClaimedMail, now: datetime) -> bool:
    """Count, before a mail is handed over, that nobody may learn what becomes of it; False as for `prolong`.

    Whatever happens to the sender from here on: no mail is handed over more often than is counted.
    """
    return await _change(session, claimed, due_at=now + LEASE, doubts=claimed.doubts + 1)


async def end(session: AsyncSession, mail_id: str, state: MailState, now: datetime, problem: str | None = None) -> None:
    """Note that a mail has come to its end; what has been withdrawn meanwhile stays so."""
    waiting = sa.and_(col(Mail.id) == mail_id, col(Mail.state) == MailState.QUEUED)
    shown = problem and problem[: lengths.PROBLEM]
    await session.exec(sa.update(Mail).where(waiting).values(state=state, ended_at=now, problem=shown))


async def sent(session: AsyncSession, claimed: ClaimedMail, now: datetime) -> MailState:
    """Note that a mail was taken, also if somebody else has claimed it meanwhile: who has not sent it yet won't."""
    its = col(Mail.id) == claimed.id, col(Mail.state).in_((MailState.QUEUED, MailState.UNKNOWN))
    await session.exec(sa.update(Mail).where(*its).values(state=MailState.SENT, ended_at=now, problem=None))
    return MailState.SENT


async def give_up(session: AsyncSession, claimed: ClaimedMail, now: datetime, problem: str) -> MailState:
    """Note that a mail is not tried again. Return what has become of it."""
    return await _ended(session, claimed, MailState.GIVEN_UP, now, problem)


async def postpone(session: AsyncSession, claimed: ClaimedMail, now: datetime, problem: str) -> MailState:
    """Wait before a mail that was not taken is tried again, ever longer; after a day of tries it is given up.

    Return what has become of it.
    """
    if claimed.tries >= MOST_TRIES:
        return await give_up(session, claimed, now, problem)
    due_at = now + min(_FIRST_WAIT * 2 ** min(claimed.tries - 1, 10), _LONGEST_WAIT)
    # The server has said, or was never asked, so that there is no doubt about this try.
    return await _wait(session, claimed, due_at, problem, doubts=claimed.doubts)


async def leave_in_doubt(session: AsyncSession, claimed: ClaimedMail, now: datetime, problem: str) -> MailState:
    """As `postpone`, for a mail that may have been taken: after a few such tries it stays unknown."""
    if claimed.doubts + 1 >= MOST_DOUBTS:
        return await _ended(session, claimed, MailState.UNKNOWN, now, problem)
    return await _wait(session, claimed, now + _DOUBT_WAITS[claimed.doubts], problem)


async def _ended(
    session: AsyncSession, claimed: ClaimedMail, state: MailState, now: datetime, problem: str
) -> MailState:
    ended = await _change(session, claimed, state=state, ended_at=now, problem=problem[: lengths.PROBLEM])
    return state if ended else MailState.QUEUED


async def _wait(
    session: AsyncSession, claimed: ClaimedMail, due_at: datetime, problem: str, **values: object
) -> MailState:
    await _change(session, claimed, due_at=due_at, problem=problem[: lengths.PROBLEM], **values)
    return MailState.QUEUED


async def _change(session: AsyncSession, claimed: ClaimedMail, **values: object) -> bool:
    """Change a mail, unless it has ended or somebody else has claimed it meanwhile; tell whether that was done."""
    its = col(Mail.id) == claimed.id, col(Mail.state) == MailState.QUEUED, col(Mail.tries) == claimed.tries
    return bool((await session.exec(sa.update(Mail).where(*its).values(**values))).rowcount)
