"""The home of the outbox: mails are rows of the unit of work that causes them, and claimed by lease to be sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from db.columns import UtcDateTime
from db.enums import MailKind, MailState
from db.ids import new_id
from db.models import Mail
from db.row_query import RowQuery

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database
    from resolvers.email_address import EmailAddress

LEASE = timedelta(seconds=60)
"""For which a mail is its claimer's: longer than a mail server is waited for, so that no second one sends it."""
MOST_TRIES = 33
"""With the waits between them they take a day."""
_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(hours=1)
_LATEST = _LONGEST_WAIT * 2
"""What is due later than that has waited since a clock was ahead, and would wait until the time comes again."""
_PROBLEM_LENGTH = 200

_DUE = RowQuery(
    sa.select(
        sa.select(sa.func.count())
        .select_from(Mail)
        .where(
            col(Mail.state) == MailState.QUEUED,
            sa.or_(
                col(Mail.due_at) <= sa.bindparam("now", type_=UtcDateTime),
                col(Mail.due_at) > sa.bindparam("latest", type_=UtcDateTime),
            ),
        )
        .scalar_subquery()
    )
)


class Claim(NamedTuple):
    """A mail that is the claimer's until its lease ends, and how often it was claimed."""

    id: str
    tries: int


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
    """Tell whether there is anything to claim, without writing."""
    [count] = await _DUE.read(database, now=now, latest=now + _LATEST)
    return bool(count)


async def claim(session: AsyncSession, now: datetime, most: int) -> Sequence[Claim]:
    """Claim at most *most* of the mails that are due, the oldest first. Whoever comes at the same time gets others."""
    due = (
        sa.select(col(Mail.id))
        .where(col(Mail.state) == MailState.QUEUED, sa.or_(col(Mail.due_at) <= now, col(Mail.due_at) > now + _LATEST))
        .order_by(col(Mail.due_at), col(Mail.id))
        .limit(most)
        .with_for_update(skip_locked=True)
        # As a subquery PostgreSQL may run it anew for every row, and then find others than those locked before.
        .cte("due")
    )
    claimed = (
        sa.update(Mail)
        .where(col(Mail.id).in_(sa.select(due.c.id)))
        .values(due_at=now + LEASE, tries=col(Mail.tries) + 1)
        .returning(col(Mail.id), col(Mail.tries))
        .execution_options(synchronize_session=False)
    )
    return sorted(Claim(*row) for row in await session.exec(claimed))


async def end(session: AsyncSession, mail_id: str, state: MailState, now: datetime, problem: str | None = None) -> None:
    """Note that a mail has come to its end; what has been withdrawn meanwhile stays so."""
    waiting = sa.and_(col(Mail.id) == mail_id, col(Mail.state) == MailState.QUEUED)
    shown = problem and problem[:_PROBLEM_LENGTH]
    await session.exec(sa.update(Mail).where(waiting).values(state=state, ended_at=now, problem=shown))


async def postpone(session: AsyncSession, claimed: Claim, now: datetime, problem: str) -> bool:
    """Wait before a mail is tried again, ever longer; after a day of tries it is given up. Tell whether it was."""
    if claimed.tries >= MOST_TRIES:
        await end(session, claimed.id, MailState.GIVEN_UP, now, problem)
        return True
    # Unless somebody else has claimed it meanwhile, whose lease that would shorten.
    waiting = sa.and_(col(Mail.id) == claimed.id, col(Mail.state) == MailState.QUEUED, col(Mail.tries) == claimed.tries)
    due_at = now + min(_FIRST_WAIT * 2 ** min(claimed.tries - 1, 10), _LONGEST_WAIT)
    await session.exec(sa.update(Mail).where(waiting).values(due_at=due_at, problem=problem[:_PROBLEM_LENGTH]))
    return False
