"""The home of what operations on users do."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from db.enums import RegistrationPolicy
from db.models import Channel, Registration, User
from db.row_query import RowQuery
from resolvers import throttles
from resolvers.errors import BadCredentials, EmailAddressNotConfirmed, RateLimited
from resolvers.sessions.service import open_session
from resolvers.users import password_policy
from resolvers.users.email_address import EmailAddress

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.context import Context
    from resolvers.throttles import Attempt


@dataclass(frozen=True, slots=True)
class Authenticated:
    """Who signed in, and the token that proves it from now on."""

    token: str = field(repr=False)
    expires_at: datetime
    user_id: str
    customer_id: str


async def authenticate(context: Context, username: str, password: str) -> Authenticated:
    """Sign in the user of the channel who has *username* and *password*.

    Raises `BadCredentials` for every cause alike, after the same statements and hashes; `EmailAddressNotConfirmed` to
    who knows the password of an account or registration whose address must be proved first; or `RateLimited`.
    """
    canonical = _canonical(username)
    attempt = await throttles.count_try(context, canonical)
    async with throttles.given_back(context, attempt, on=(RateLimited,)):
        # The second time is for who was overtaken between reading and writing by a twin that renewed the hash.
        for _ in range(2):
            if authenticated := await _attempt(context, attempt, canonical, password):
                return authenticated
    raise BadCredentials


@dataclass(frozen=True, slots=True)
class _Candidate:
    canonical: str
    user_id: str | None
    is_proved: bool
    password_hash: str | None = field(repr=False)


_CANONICAL = sa.bindparam("canonical", type_=sa.Text)
_CANDIDATE = RowQuery(
    sa.select(
        col(Channel.registration),
        col(User.id),
        col(User.enabled),
        col(User.confirmed_at).is_not(None),
        col(User.password_hash),
        col(Registration.password_hash),
    )
    .select_from(Channel)
    .outerjoin(User, sa.and_(col(User.channel_id) == col(Channel.id), col(User.canonical_email_address) == _CANONICAL))
    .outerjoin(
        Registration,
        sa.and_(
            col(Registration.channel_id) == col(Channel.id), col(Registration.canonical_email_address) == _CANONICAL
        ),
    )
    .where(col(Channel.id) == sa.bindparam("channel_id", type_=sa.Text))
)


async def _attempt(context: Context, attempt: Attempt, canonical: str, password: str) -> Authenticated | None:
    """Return None if the user was changed while the password was judged."""
    candidate = await _candidate(context, canonical)
    composed = password_policy.normalised(password)
    # A password that can't be anybody's (too long, a lone surrogate) takes as long as any wrong one.
    verdict = await context.hasher.verify(None if composed is None else candidate.password_hash, composed or "")
    if not verdict.matches or composed is None:
        raise BadCredentials
    if not candidate.is_proved:
        async with context.database.unit_of_work() as session:
            await attempt.succeed(session, context.clock.now())
        raise EmailAddressNotConfirmed
    new_hash = candidate.password_hash
    if verdict.needs_rehash:
        # The password was right: that there is no time to renew its hash is no reason to refuse it.
        with suppress(RateLimited):
            new_hash = await context.hasher.hash(composed)
    async with context.database.unit_of_work() as session:
        return await _sign_in(session, context, attempt, candidate, new_hash)


def _canonical(username: str) -> str:
    try:
        return EmailAddress.parse(username).canonical
    except ValueError:
        return ""  # nobody's address, and the same statements


async def _candidate(context: Context, canonical: str) -> _Candidate:
    """Read who may sign in; unknown, disabled and without password look alike from here on.

    A registration has no user yet, and what is asked is whether its password is known.
    """
    policy, user_id, enabled, is_confirmed, password_hash, of_registration = await _CANDIDATE.read(
        context.database, channel_id=context.channel_id, canonical=canonical
    )
    if user_id is None:
        return _Candidate(canonical, None, is_proved=False, password_hash=of_registration)
    is_proved = bool(is_confirmed) or policy != RegistrationPolicy.CONFIRM_EMAIL_ADDRESS
    return _Candidate(canonical, user_id, is_proved, password_hash if enabled else None)


async def _sign_in(
    session: AsyncSession, context: Context, attempt: Attempt, candidate: _Candidate, new_hash: str | None
) -> Authenticated | None:
    now = context.clock.now()
    # Compare-and-set on what was judged: a password that was changed meanwhile, or a user who was disabled, opens no
    # session that the change would have ended.
    customer_id = await session.scalar(
        sa.update(User)
        .where(
            col(User.id) == candidate.user_id,
            col(User.enabled),
            col(User.canonical_email_address) == candidate.canonical,
            col(User.password_hash) == candidate.password_hash,
        )
        .values(last_authenticated_at=now, password_hash=new_hash)
        .returning(col(User.customer_id))
    )
    if customer_id is None or candidate.user_id is None:
        return None
    token, expires_at = open_session(session, context, candidate.user_id, now)
    await attempt.succeed(session, now)
    return Authenticated(token, expires_at, candidate.user_id, customer_id)
