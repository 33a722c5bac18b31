"""The home of sessions: how they open, slide and end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from db import lengths, models
from db.ids import new_id
from resolvers.caller.viewer import MARKED_EVERY
from resolvers.rules import tokens
from resolvers.rules.errors import NotFound
from resolvers.rules.networks import plain

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database
    from resolvers.caller.signed_in import SignedInUser
    from resolvers.context import Context

LIFETIME = timedelta(days=14)
"""From the last use."""
LONGEST_LIFETIME = timedelta(days=90)
"""From signing in, however often it is used."""

MOST_SESSIONS = 50
"""Of a user: the newest are kept."""


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """Who signed in, and the token that proves it from now on."""

    token: str = field(repr=False)
    expires_at: datetime
    user_id: str
    customer_id: str


async def open_session(
    session: AsyncSession, context: Context, user_id: str, customer_id: str, now: datetime
) -> OpenedSession:
    """Sign the user in on the device of the request; the oldest sessions end where there would be too many.

    Whoever opens one has changed the row of the user before: of one user, one at a time is here.
    """
    await _make_room(session, user_id, now)
    token = tokens.new_token()
    opened = models.Session(
        id=new_id(models.Session.letters, now),
        channel_id=context.channel_id,
        user_id=user_id,
        token_sha256=tokens.digest(token),
        created_at=now,
        last_used_at=now,
        expires_at=now + LIFETIME,
        user_agent=_shown(context.user_agent, lengths.USER_AGENT),
        ip_address=_shown(plain(context.ip_address or ""), lengths.IP_ADDRESS),
    )
    session.add(opened)
    return OpenedSession(token, opened.expires_at, user_id, customer_id)


async def _make_room(session: AsyncSession, user_id: str, now: datetime) -> None:
    row = models.Session
    newest = (
        sa.select(col(row.id))
        .where(col(row.user_id) == user_id, col(row.expires_at) > now)
        .order_by(col(row.created_at).desc(), col(row.id).desc())
        .limit(MOST_SESSIONS - 1)
    )
    await session.exec(sa.delete(row).where(col(row.user_id) == user_id, col(row.id).not_in(newest)))


async def mark_use(database: Database, session_id: str, now: datetime) -> None:
    """Note that a session is used, and let it slide; at most once in `MARKED_EVERY`. One that has ended stays ended."""
    row = models.Session
    unmarked = sa.and_(
        col(row.id) == session_id, col(row.last_used_at) <= now - MARKED_EVERY, col(row.expires_at) > now
    )
    async with database.unit_of_work() as session:
        created_at = await session.scalar(sa.select(col(row.created_at)).where(unmarked))
        if created_at is not None:
            expires_at = min(now + LIFETIME, created_at + LONGEST_LIFETIME)
            await session.exec(sa.update(row).where(unmarked).values(last_used_at=now, expires_at=expires_at))


async def sign_out(context: Context, user: SignedInUser, *, everywhere: bool) -> int:
    """End the session of the request, or all of the user; return how many these were."""
    async with context.database.unit_of_work() as session:
        if everywhere:
            return await end_all(session, user.id, context.clock.now())
        return await _end(session, col(models.Session.id) == user.session_id, context.clock.now())


async def revoke_session(context: Context, user: SignedInUser, session_id: str) -> None:
    """End a session of the user. Raises `NotFound` for any other one."""
    async with context.database.unit_of_work() as session:
        own = sa.and_(col(models.Session.id) == session_id, col(models.Session.user_id) == user.id)
        if not await _end(session, own, context.clock.now()):
            raise NotFound(("sessionId",))


async def end_all(session: AsyncSession, user_id: str, now: datetime) -> int:
    """End every session of the user; return how many had not ended on their own."""
    return await _end(session, col(models.Session.user_id) == user_id, now)


async def _end(session: AsyncSession, which: sa.ColumnElement[bool], now: datetime) -> int:
    expires_at = col(models.Session.expires_at)
    ended = await session.exec(sa.delete(models.Session).where(which).returning(expires_at))
    return sum(found > now for (found,) in ended)


def _shown(text: str | None, length: int) -> str | None:
    """Return the beginning of what a client says about itself, without what can't be stored or should not be shown."""
    return "".join(character for character in text or "" if character.isprintable())[:length] or None
