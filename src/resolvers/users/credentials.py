"""The home of credentials: how a password is judged, and what a change of it or of the address ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from db.enums import MailKind, TokenPurpose
from db.models import MailedToken
from resolvers.mails import outbox
from resolvers.sessions.service import end_all
from resolvers.users import password_policy

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.context import Context


async def is_right(context: Context, password_hash: str | None, password: str) -> bool:
    """Tell whether *password* is the one of the hash; a text that can't be anybody's takes as long as a wrong one."""
    composed = password_policy.normalised(password)
    verdict = await context.hasher.verify(None if composed is None else password_hash, composed or "")
    return verdict.matches and composed is not None


async def end_all_by(session: AsyncSession, *, user_id: str, channel_id: str, canonical: str, now: datetime) -> None:
    """End what still lets somebody in by what the user had before; *canonical* is the address that it was mailed to."""
    await end_all(session, user_id, now)
    # Before the tokens: a sender that has claimed such a mail makes its token first, or finds it withdrawn.
    await outbox.withdraw(session, MailKind.PASSWORD_RESET, channel_id, canonical, now)
    await void(session, user_id, TokenPurpose.PASSWORD_RESET, now)


async def void(session: AsyncSession, subject_id: str, purpose: TokenPurpose, now: datetime) -> None:
    """Void all tokens of a user or registration for *purpose*."""
    unspent = sa.and_(
        col(MailedToken.subject_id) == subject_id,
        col(MailedToken.purpose) == purpose,
        col(MailedToken.spent_at).is_(None),
    )
    await session.exec(sa.update(MailedToken).where(unspent).values(spent_at=now))
