"""The home of what operations on users do."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from db import models
from db.ids import new_id
from db.row_query import RowQuery
from resolvers.errors import BadCredentials, RateLimited
from resolvers.users import password_policy, tokens
from resolvers.users.email_address import EmailAddress

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.context import Context

SESSION_LIFETIME = timedelta(days=14)

_USER_AGENT_LENGTH = 200
_IP_ADDRESS_LENGTH = 45


@dataclass(frozen=True, slots=True)
class Authenticated:
    """Who signed in, and the token that proves it from now on."""

    token: str = field(repr=False)
    expires_at: datetime
    user_id: str
    customer_id: str


async def authenticate(context: Context, username: str, password: str) -> Authenticated:
    """Sign in the user of the channel who has *username* and *password*.

    Raises `BadCredentials` for every cause alike, after the same statements and hashes, or `RateLimited`.
    """
    # The second attempt is for who was overtaken between reading and writing by a twin that renewed the hash.
    authenticated = await _attempt(context, username, password) or await _attempt(context, username, password)
    if authenticated is None:
        raise BadCredentials
    return authenticated


@dataclass(frozen=True, slots=True)
class _Candidate:
    user_id: str | None
    canonical: str
    password_hash: str | None = field(repr=False)


_CANDIDATE = RowQuery(
    sa.select(col(models.User.id), col(models.User.enabled), col(models.User.password_hash))
    .select_from(models.Channel)
    .outerjoin(
        models.User,
        sa.and_(
            col(models.User.channel_id) == col(models.Channel.id),
            col(models.User.canonical_email_address) == sa.bindparam("canonical", type_=sa.Text),
        ),
    )
    .where(col(models.Channel.id) == sa.bindparam("channel_id", type_=sa.Text))
)


async def _attempt(context: Context, username: str, password: str) -> Authenticated | None:
    """Return None if the user was changed while the password was judged."""
    candidate = await _candidate(context, username)
    composed = password_policy.normalised(password)
    # A password that can't be anybody's (too long, a lone surrogate) takes as long as any wrong one.
    verdict = await context.hasher.verify(candidate.password_hash if composed is not None else None, composed or "")
    if not verdict.matches or composed is None:
        raise BadCredentials
    new_hash = candidate.password_hash
    if verdict.needs_rehash:
        # The password was right: that there is no time to renew its hash is no reason to refuse it.
        with suppress(RateLimited):
            new_hash = await context.hasher.hash(composed)
    async with context.database.unit_of_work() as session:
        return await _sign_in(session, context, candidate, new_hash)


async def _candidate(context: Context, username: str) -> _Candidate:
    """Read who may sign in under *username*; unknown, disabled and without password look alike from here on."""
    try:
        canonical = EmailAddress.parse(username).canonical
    except ValueError:
        canonical = ""  # nobody's address, and the same statement
    user_id, enabled, password_hash = await _CANDIDATE.read(
        context.database, channel_id=context.channel_id, canonical=canonical
    )
    return _Candidate(user_id, canonical, password_hash if enabled else None)


async def _sign_in(
    session: AsyncSession, context: Context, candidate: _Candidate, new_hash: str | None
) -> Authenticated | None:
    now = context.clock.now()
    # Compare-and-set on what was judged: a password that was changed meanwhile, or a user who was disabled, opens no
    # session that the change would have ended.
    customer_id = await session.scalar(
        sa.update(models.User)
        .where(
            col(models.User.id) == candidate.user_id,
            col(models.User.enabled),
            col(models.User.canonical_email_address) == candidate.canonical,
            col(models.User.password_hash) == candidate.password_hash,
        )
        .values(last_authenticated_at=now, password_hash=new_hash)
        .returning(col(models.User.customer_id))
    )
    if customer_id is None or candidate.user_id is None:
        return None
    token = tokens.new_token()
    opened = _session(context, candidate.user_id, token, now)
    session.add(opened)
    return Authenticated(token, opened.expires_at, candidate.user_id, customer_id)


def _session(context: Context, user_id: str, token: str, now: datetime) -> models.Session:
    return models.Session(
        id=new_id(models.Session.letters, now),
        channel_id=context.channel_id,
        user_id=user_id,
        token_sha256=tokens.digest(token),
        created_at=now,
        last_used_at=now,
        expires_at=now + SESSION_LIFETIME,
        user_agent=_shown(context.user_agent, _USER_AGENT_LENGTH),
        ip_address=_shown(context.ip_address, _IP_ADDRESS_LENGTH),
    )


def _shown(text: str | None, length: int) -> str | None:
    """Return the beginning of what a client says about itself, without what can't be stored or should not be shown."""
    return "".join(character for character in text or "" if character.isprintable())[:length] or None
