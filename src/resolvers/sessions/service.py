"""The home of sessions: how they open, slide and end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from db import lengths, models
from db.ids import new_id
from resolvers.caller.viewer import MARKED_EVERY
from resolvers.repetitions import forget_readers
from resolvers.rules import tokens
from resolvers.rules.errors import NotFound
from resolvers.rules.networks import plain

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database
    from resolvers.caller.signed_in import SignedIn
    from resolvers.context import Context

LIFETIME = timedelta(days=14)
"""From the last use."""
LONGEST_LIFETIME = timedelta(days=90)
"""From signing in, however often it is used."""

MOST_SESSIONS = 50
"""Of an account or an admin: the newest are kept."""


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """The token of whoever signed in, which proves it from now on."""

    token: str = field(repr=False)
    expires_at: datetime


class Acting(NamedTuple):
    """An account that acts as one of its users, for a customer."""

    account_id: str
    user_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class UserSession(OpenedSession):
    """The same of a user."""

    user_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class _Table:
    """Where sessions of a kind are kept, and which column says whose each is."""

    model: Any
    owner: str
    prefix: str

    @property
    def owner_id(self) -> Any:  # noqa: ANN401 - a column
        """The column."""
        return getattr(self.model, self.owner)


_OF_ACCOUNTS = _Table(models.Session, "account_id", "")
_OF_ADMINS = _Table(models.AdminSession, "admin_id", tokens.OF_ADMIN)


def _table_of(id_: str) -> _Table:
    """Return the table of a session or of its owner, by the letters of the id."""
    is_of_admin = id_.startswith((models.Admin.letters, models.AdminSession.letters))
    return _OF_ADMINS if is_of_admin else _OF_ACCOUNTS


async def open_session(
    session: AsyncSession, context: Context, owner_id: str, now: datetime, **acting: str
) -> OpenedSession:
    """Sign an account or an admin in on the device of the request; the oldest end where there would be too many.

    Of an account is told which user is *acting*.

    Whoever opens one has changed the row of its owner before: of one, one at a time is here.
    """
    table = _table_of(owner_id)
    await _make_room(session, table, owner_id, now)
    token = tokens.new_token(table.prefix)
    opened = table.model(
        id=new_id(table.model.letters, now),
        **{table.owner: owner_id},
        **acting,
        token_sha256=tokens.digest(token),
        created_at=now,
        last_used_at=now,
        expires_at=now + LIFETIME,
        user_agent=_shown(context.user_agent, lengths.USER_AGENT),
        ip_address=_shown(plain(context.ip_address or ""), lengths.IP_ADDRESS),
    )
    session.add(opened)
    return OpenedSession(token, opened.expires_at)


async def open_user_session(session: AsyncSession, context: Context, user: Acting, now: datetime) -> UserSession:
    """Sign in an account as one of its users, as `open_session` does."""
    opened = await open_session(
        session, context, user.account_id, now, channel_id=context.channel_id, user_id=user.user_id
    )
    return UserSession(opened.token, opened.expires_at, user.user_id, user.customer_id)


async def _make_room(session: AsyncSession, table: _Table, owner_id: str, now: datetime) -> None:
    row = table.model
    newest = (
        sa.select(col(row.id))
        .where(table.owner_id == owner_id, col(row.expires_at) > now)
        .order_by(col(row.created_at).desc(), col(row.id).desc())
        .limit(MOST_SESSIONS - 1)
    )
    await session.exec(sa.delete(row).where(table.owner_id == owner_id, col(row.id).not_in(newest)))


async def mark_use(database: Database, session_id: str, now: datetime) -> None:
    """Note that a session is used, and let it slide; at most once in `MARKED_EVERY`. One that has ended stays ended."""
    row = _table_of(session_id).model
    unmarked = sa.and_(
        col(row.id) == session_id, col(row.last_used_at) <= now - MARKED_EVERY, col(row.expires_at) > now
    )
    async with database.unit_of_work() as session:
        created_at = await session.scalar(sa.select(col(row.created_at)).where(unmarked))
        if created_at is not None:
            expires_at = min(now + LIFETIME, created_at + LONGEST_LIFETIME)
            await session.exec(sa.update(row).where(unmarked).values(last_used_at=now, expires_at=expires_at))


async def sign_out(context: Context, caller: SignedIn, *, everywhere: bool) -> int:
    """End the session of the request, or all of who calls; return how many these were."""
    table = _table_of(caller.owner_id)
    async with context.unit_of_work() as session:
        if everywhere:
            return await end_all(session, caller.owner_id, context.clock.now())
        return await _end(session, table, col(table.model.id) == caller.session_id, context.clock.now())


async def revoke_session(context: Context, caller: SignedIn, session_id: str) -> None:
    """End a session of who calls. Raises `NotFound` for any other one."""
    table = _table_of(caller.owner_id)
    async with context.unit_of_work() as session:
        own = sa.and_(col(table.model.id) == session_id, table.owner_id == caller.owner_id)
        if not await _end(session, table, own, context.clock.now()):
            raise NotFound(("sessionId",))


async def end_all(session: AsyncSession, owner_id: str, now: datetime) -> int:
    """End every session of an account or an admin; return how many had not ended on their own."""
    table = _table_of(owner_id)
    if table is _OF_ACCOUNTS:
        await forget_readers(session, owner_id)
    return await _end(session, table, table.owner_id == owner_id, now)


async def _end(session: AsyncSession, table: _Table, which: sa.ColumnElement[bool], now: datetime) -> int:
    ended = await session.exec(sa.delete(table.model).where(which).returning(col(table.model.expires_at)))
    return sum(found > now for (found,) in ended)


def _shown(text: str | None, length: int) -> str | None:
    """Return the beginning of what a client says about itself, without what can't be stored or should not be shown."""
    return "".join(character for character in text or "" if character.isprintable())[:length] or None
