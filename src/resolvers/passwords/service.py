"""The home of what operations on passwords do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col, select

from db import models
from db.columns import moment
from db.enums import MailKind, TokenPurpose
from db.models import User
from resolvers.mails import outbox
from resolvers.mails.mailed_tokens import spend
from resolvers.mails.requests import ask_for_mail
from resolvers.passwords import accounts
from resolvers.rules import tokens
from resolvers.rules.email_address import EmailAddress
from resolvers.rules.errors import BadCredentials, InvalidInput, RateLimited, TokenInvalid
from resolvers.sessions import credentials
from resolvers.sessions.service import Acting, UserSession, open_user_session
from resolvers.throttling import attempts

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.caller.signed_in import SignedInUser
    from resolvers.context import Context
    from resolvers.passwords.accounts import Account


async def update_password(context: Context, user: SignedInUser, current: str, new: str) -> UserSession:
    """Set the password of who knows the current one, and sign out everywhere but here.

    Raises `InvalidInput`, `BadCredentials` or `RateLimited`.
    """
    account = await accounts.of_user(context, user.id)
    password = account.inspected("newPassword", new)
    with context.place(account.canonical):
        attempt = await attempts.count_try(context, account.canonical)
        async with attempts.given_back(context, attempt):
            with context.place_of_account(account.canonical):
                if not await credentials.is_right(context, account.password_hash, current):
                    raise BadCredentials
                password_hash = await context.hasher.hash(password)
            async with context.database.unit_of_work() as session:
                # Compare-and-set: of two who knew the former password, one changes it.
                found = await _set(session, context, account, password_hash, account.is_unchanged())
                if found is None:
                    raise BadCredentials
                await attempt.succeed(session, context.clock.now(), proved=account.is_proved)
                return found


async def start_password_reset(context: Context, email_address: str, confirmation_base_url: str) -> str:
    """Have a link mailed that sets the password, if there is such a user. Return the address.

    Raises `InvalidInput`, `ConfirmationBaseUrlNotAllowed` or `RateLimited`.
    """
    return await ask_for_mail(context, MailKind.PASSWORD_RESET, email_address, confirmation_base_url)


async def finish_password_reset(context: Context, token: str, new: str) -> UserSession:
    """Set the password by a mailed token, which proves the address as well, and sign in here alone.

    Raises `TokenInvalid`, `TokenExpired`, `InvalidInput` or `RateLimited`.
    """
    token_sha256 = tokens.digest(token)
    attempt = await attempts.count_token(context)
    async with attempts.given_back(context, attempt, on=(RateLimited, InvalidInput)):
        account = await accounts.of_reset_token(context, token_sha256, context.clock.now())
        password_hash = ""
        if account.account_id is not None:  # else the token is refused below, by the statement that tells why
            password = account.inspected("password", new)
            with context.place():
                password_hash = await context.hasher.hash(password)
        async with context.database.unit_of_work() as session:
            found = await _reset(session, context, account, password_hash, token_sha256)
            await attempt.give_back(session)
            return found


async def _reset(
    session: AsyncSession, context: Context, account: Account, password_hash: str, token_sha256: bytes
) -> UserSession:
    if account.account_id is not None:
        # Account, mails, tokens: the order of all who change them, so that no two wait for each other.
        its = select(models.Account.id).where(models.Account.id == account.account_id)
        await session.exec(its.with_for_update())
        now, canonical = context.clock.now(), account.canonical
        await outbox.withdraw(session, MailKind.PASSWORD_RESET, context.channel_id, canonical, now)
    spent = await spend(session, context, TokenPurpose.PASSWORD_RESET, token_sha256)
    row = models.Account
    mailed_to = sa.and_(col(row.id) == spent.subject_id, col(row.email_address) == spent.email_address)
    if (found := await _set(session, context, account, password_hash, mailed_to, proved=True)) is None:
        raise TokenInvalid
    return found


async def _set(  # noqa: PLR0913 - what is set, and for whom
    session: AsyncSession,
    context: Context,
    account: Account,
    password_hash: str,
    unchanged: sa.ColumnElement[bool],
    *,
    proved: bool = False,
) -> UserSession | None:
    """Set the hash, end what the former password let in, open a session and tell the owner.

    None if the account is not there any more or not *unchanged*, or its user is disabled.
    """
    now, row = context.clock.now(), models.Account
    confirmed_at = sa.func.coalesce(col(row.confirmed_at), moment(now)) if proved else col(row.confirmed_at)
    updated = (
        sa.update(row)
        .where(col(row.id) == account.account_id, unchanged)
        .values(
            password_hash=password_hash,
            confirmed_at=confirmed_at,
            # Whoever had the former password may have asked for it: the owner sets a new one to be rid of them.
            pending_email_address=None,
        )
    )
    if await session.scalar(updated.returning(col(row.id))) is None:
        return None
    acting = await _acting(session, account)
    if acting is None:
        return None
    channel_id = context.channel_id
    await credentials.end_all_by(
        session, account_id=acting.account_id, channel_id=channel_id, canonical=account.canonical, now=now
    )
    if await attempts.may_mail(session, context, MailKind.PASSWORD_CHANGED, account.canonical):
        address = EmailAddress.parse(account.email_address)
        outbox.put(session, MailKind.PASSWORD_CHANGED, address, channel_id=channel_id, now=now, user_id=acting.user_id)
    await attempts.know_only(session, context, account.canonical, proved=proved or account.is_proved)
    return await open_user_session(session, context, acting, now)


async def _acting(session: AsyncSession, account: Account) -> Acting | None:
    """Return the user whom the account acts as, if it is enabled still."""
    its = select(User.account_id, User.id, User.customer_id)
    found = (await session.exec(its.where(User.id == account.user_id, col(User.enabled)))).first()
    return None if found is None else Acting(*found)
