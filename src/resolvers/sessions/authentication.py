"""The home of what operations on users do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from db.enums import RegistrationPolicy
from db.models import Account, Channel, User
from db.row_query import RowQuery
from resolvers.customers import registrations
from resolvers.rules.email_address import canonical_or_nobodys
from resolvers.rules.errors import BadCredentials, EmailAddressNotConfirmed
from resolvers.sessions import credentials
from resolvers.sessions.service import Acting, UserSession, open_user_session
from resolvers.users.last_used import last_used_user

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.context import Context
    from resolvers.throttling.attempts import Attempt


async def authenticate(context: Context, username: str, password: str) -> UserSession:
    """Sign in the account of the channel that has *username* and *password*, as the user of it that was used last.

    Raises `BadCredentials` for every cause alike, after the same statements and hashes; `EmailAddressNotConfirmed` to
    who knows the password of an account or registration whose address must be proved first; or `RateLimited`.
    """
    canonical = canonical_or_nobodys(username)
    return await credentials.tried(context, canonical, lambda attempt: _attempt(context, attempt, canonical, password))


@dataclass(frozen=True, slots=True)
class _Candidate:
    canonical: str
    account_id: str | None
    user_id: str | None
    is_proved: bool
    must_prove: bool
    """Whether the channel keeps registrations until an address is proved, and lets nobody in before."""
    password_hash: str | None = field(repr=False)
    registered_hashes: list[str] = field(repr=False)


_CANONICAL = sa.bindparam("canonical", type_=sa.Text)
_CANDIDATE = RowQuery(
    sa.select(
        col(Channel.registration),
        col(Account.id),
        last_used_user(col(Account.id)),
        col(Account.confirmed_at).is_not(None),
        col(Account.password_hash),
        *(registrations.hash_at(place, col(Channel.id), _CANONICAL) for place in registrations.PLACES),
    )
    .select_from(Channel)
    .outerjoin(
        Account,
        sa.and_(col(Account.channel_id) == col(Channel.id), col(Account.canonical_email_address) == _CANONICAL),
    )
    .where(col(Channel.id) == sa.bindparam("channel_id", type_=sa.Text))
)


async def _attempt(context: Context, attempt: Attempt, canonical: str, password: str) -> UserSession | None:
    """Return None if the account was changed while the password was judged."""
    candidate = await _candidate(context, canonical)
    verdict = await credentials.judged(context, candidate.password_hash, password)
    if not verdict.matches:
        # Also where there is a user: else who registers an address and signs in would learn whether there is one. And
        # nothing is given back: by a password that a stranger has chosen nobody earns another guess.
        if candidate.must_prove and await credentials.is_one_of(context, candidate.registered_hashes, password):
            raise EmailAddressNotConfirmed
        raise BadCredentials
    if candidate.must_prove and not candidate.is_proved:
        async with context.database.unit_of_work() as session:
            await attempt.give_back(session)
        raise EmailAddressNotConfirmed
    new_hash = await credentials.renewed(context, verdict, candidate.password_hash, password)
    async with context.database.unit_of_work() as session:
        return await _sign_in(session, context, attempt, candidate, new_hash)


async def _candidate(context: Context, canonical: str) -> _Candidate:
    """Read who may sign in; unknown, without an enabled user and without password look alike from here on."""
    policy, account_id, user_id, is_confirmed, password_hash, *registered = await _CANDIDATE.read(
        context.database, channel_id=context.channel_id, canonical=canonical
    )
    return _Candidate(
        canonical=canonical,
        account_id=account_id,
        user_id=user_id,
        is_proved=bool(is_confirmed),
        must_prove=policy == RegistrationPolicy.CONFIRM_EMAIL_ADDRESS,
        password_hash=None if user_id is None else password_hash,
        registered_hashes=[found for found in registered if found is not None],
    )


_ACCOUNT: Any = sa.inspect(Account).local_table
_USER: Any = sa.inspect(User).local_table
# Compare-and-set on what was judged: a password that was changed meanwhile, or a user who was disabled, opens no
# session that the change would have ended. Account first, then user: the order of all who change them.
_AUTHENTICATED = (
    sa.update(_ACCOUNT)
    .where(
        _ACCOUNT.c.id == sa.bindparam("account_id"),
        _ACCOUNT.c.canonical_email_address == sa.bindparam("canonical"),
        _ACCOUNT.c.password_hash == sa.bindparam("judged_hash"),
    )
    .values(password_hash=sa.bindparam("new_hash"))
    .returning(_ACCOUNT.c.id)
)
_USED = (
    sa.update(_USER)
    .where(_USER.c.id == sa.bindparam("user_id"), _USER.c.enabled)
    .values(last_authenticated_at=sa.bindparam("now"))
    .returning(_USER.c.customer_id)
)


async def _sign_in(
    session: AsyncSession, context: Context, attempt: Attempt, candidate: _Candidate, new_hash: str | None
) -> UserSession | None:
    if candidate.account_id is None or candidate.user_id is None:
        return None
    now = context.clock.now()
    judged = {
        "account_id": candidate.account_id, "canonical": candidate.canonical, "judged_hash": candidate.password_hash,
    }  # fmt: skip
    if await session.scalar(_AUTHENTICATED, params={**judged, "new_hash": new_hash}) is None:
        return None
    customer_id = await session.scalar(_USED, params={"user_id": candidate.user_id, "now": now})
    if customer_id is None:
        return None
    await attempt.succeed(session, now, proved=candidate.is_proved)
    return await open_user_session(session, context, Acting(candidate.account_id, candidate.user_id, customer_id), now)
