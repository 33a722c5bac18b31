"""The home of mailed tokens in the database: what one is worth, and that it is spent once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from db.enums import TokenPurpose
from db.models import MailedToken
from resolvers.rules.errors import TokenExpired, TokenInvalid

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.context import Context


LIFETIMES = {TokenPurpose.EMAIL_CONFIRMATION: timedelta(hours=24), TokenPurpose.PASSWORD_RESET: timedelta(minutes=60)}


class Spent(NamedTuple):
    """What a token says: about whom it is, and which address it proves."""

    id: str
    subject_id: str
    email_address: str


_SAYS = (MailedToken.id, MailedToken.subject_id, MailedToken.email_address)


def is_of(channel_id: Any, purpose: TokenPurpose, token_sha256: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - values or parameters
    """Tell which token it is: one that was made for the channel and for *purpose*, and for nothing else."""
    return sa.and_(
        col(MailedToken.token_sha256) == token_sha256,
        col(MailedToken.channel_id) == channel_id,
        col(MailedToken.purpose) == purpose,
    )


def is_good(channel_id: Any, purpose: TokenPurpose, token_sha256: Any, now: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - values or parameters
    """Tell which token it is, if it may still be used."""
    its = is_of(channel_id, purpose, token_sha256)
    return sa.and_(its, col(MailedToken.spent_at).is_(None), col(MailedToken.expires_at) > now)


async def subject_of(
    session: AsyncSession, context: Context, purpose: TokenPurpose, token_sha256: bytes
) -> Spent | None:
    """Return whom a token is about, whatever it is worth: to be locked before it is spent."""
    found = select(*_SAYS).where(is_of(context.channel_id, purpose, token_sha256))
    about = (await session.exec(found)).first()
    return None if about is None else Spent(*about)


async def spend(session: AsyncSession, context: Context, purpose: TokenPurpose, token_sha256: bytes) -> Spent:
    """Use a token up; of those who try at once, one succeeds. Raises `TokenInvalid` or `TokenExpired`."""
    now = context.clock.now()
    its = is_of(context.channel_id, purpose, token_sha256)
    good = is_good(context.channel_id, purpose, token_sha256, now)
    spending = sa.update(MailedToken).where(good).values(spent_at=now).returning(*map(col, _SAYS))
    if found := (await session.exec(spending)).first():
        return Spent(*found)
    raise await _refused(session, its, now)


async def _refused(session: AsyncSession, its: sa.ColumnElement[bool], now: datetime) -> TokenInvalid | TokenExpired:
    known = select(MailedToken.spent_at, MailedToken.expires_at).where(its)
    found = (await session.exec(known)).first()
    is_expired = found is not None and found[0] is None and found[1] <= now
    return TokenExpired() if is_expired else TokenInvalid()


async def void(
    session: AsyncSession, subject_id: str, purpose: TokenPurpose, now: datetime, email_address: str | None = None
) -> None:
    """Void the tokens of a user or registration for *purpose*: all, or those that were mailed to *email_address*."""
    unspent = [
        col(MailedToken.subject_id) == subject_id,
        col(MailedToken.purpose) == purpose,
        col(MailedToken.spent_at).is_(None),
        *([] if email_address is None else [col(MailedToken.email_address) == email_address]),
    ]
    await session.exec(sa.update(MailedToken).where(*unspent).values(spent_at=now))
