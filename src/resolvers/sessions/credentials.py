"""The home of credentials: how a password is judged, and what a change of it or of the address ends."""

from __future__ import annotations

from contextlib import suppress
from hmac import compare_digest
from typing import TYPE_CHECKING, TypeVar

from db.enums import MailKind, TokenPurpose
from resolvers.mails import outbox
from resolvers.mails.mailed_tokens import void
from resolvers.ports import Verdict
from resolvers.rules import password_policy
from resolvers.rules.errors import BadCredentials, RateLimited
from resolvers.sessions.service import end_all
from resolvers.throttling import attempts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.context import Context
    from resolvers.throttling.attempts import Attempt

T = TypeVar("T")


async def tried(context: Context, canonical: str, attempt_once: Callable[[Attempt], Awaitable[T | None]]) -> T:
    """Return what comes of a try of the password of an account, which is counted first; *attempt_once* judges it.

    It returns None for who was overtaken between reading and writing, such as by a twin that renewed the hash: once it
    tries again. Raises `BadCredentials` or `RateLimited`.
    """
    with context.place(canonical):
        attempt = await attempts.count_try(context, canonical)
        async with attempts.given_back(context, attempt):
            with context.place_of_account(canonical):
                for _ in range(2):
                    if found := await attempt_once(attempt):
                        return found
    raise BadCredentials


async def renewed(context: Context, verdict: Verdict, password_hash: str | None, password: str) -> str | None:
    """Return the hash to keep of a password that was right: another one if its parameters are not today's."""
    if verdict.needs_rehash:
        # That there is no time to renew it is no reason to refuse it.
        with suppress(RateLimited):
            return await context.hasher.hash(password_policy.normalised(password) or "")
    return password_hash


async def judged(context: Context, password_hash: str | None, password: str) -> Verdict:
    """Judge *password*; one that can't be anybody's (too long, a lone surrogate) takes as long as any wrong one."""
    composed = password_policy.normalised(password)
    verdict = await context.hasher.verify(None if composed is None else password_hash, composed or "")
    return Verdict(matches=False) if composed is None else verdict


async def is_right(context: Context, password_hash: str | None, password: str) -> bool:
    """Tell whether *password* is the one of the hash."""
    return (await judged(context, password_hash, password)).matches


async def is_one_of(context: Context, password_hashes: Sequence[str], password: str) -> bool:
    """Tell whether *password* is that of any of the hashes, made with one salt, by the work of one; also of none."""
    composed = password_policy.normalised(password)
    typed = await context.hasher.hash(composed or "", password_hashes[0] if password_hashes else None)
    # Every one is compared: none of them tells by its time.
    return sum(compare_digest(typed.encode(), found.encode()) for found in password_hashes) > 0 and composed is not None


async def end_all_by(session: AsyncSession, *, account_id: str, channel_id: str, canonical: str, now: datetime) -> None:
    """End what still lets in by what the account had before; *canonical* is the address that it was mailed to."""
    await end_all(session, account_id, now)
    # Before the tokens: a sender that has claimed such a mail makes its token first, or finds it withdrawn.
    await outbox.withdraw(session, MailKind.PASSWORD_RESET, channel_id, canonical, now)
    await void(session, account_id, TokenPurpose.PASSWORD_RESET, now)
