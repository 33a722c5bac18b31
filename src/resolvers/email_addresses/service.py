"""The home of what operations on e-mail addresses do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col, select

from db import models
from db.enums import MailKind, TokenPurpose
from db.models import Registration
from resolvers.channels.landing_pages import require_page
from resolvers.customers import registrations
from resolvers.customers.creation import create_customer
from resolvers.email_addresses.change import move
from resolvers.mails import outbox
from resolvers.mails.mailed_tokens import spend, subject_of, void
from resolvers.mails.requests import ask_for_mail
from resolvers.passwords import accounts
from resolvers.rules import tokens
from resolvers.rules.email_address import EmailAddress
from resolvers.rules.errors import BadCredentials, TokenInvalid
from resolvers.rules.single_fields import checked_email_address
from resolvers.sessions import credentials
from resolvers.throttling import attempts

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.caller.signed_in import SignedInUser
    from resolvers.context import Context
    from resolvers.mails.mailed_tokens import Spent
    from resolvers.passwords.accounts import Account


async def resend_confirmation(context: Context, email_address: str, confirmation_base_url: str) -> str:
    """Have the link mailed again that proves an address, if there is anything to prove. Return the address.

    Raises `InvalidInput`, `ConfirmationBaseUrlNotAllowed` or `RateLimited`.
    """
    return await ask_for_mail(context, MailKind.CONFIRMATION, email_address, confirmation_base_url)


async def confirm_email_address(context: Context, token: str) -> str:
    """Take an address for proved: a registration becomes a customer, an account moves. Return the id of the token.

    Raises `TokenInvalid`, `TokenExpired`, `EmailAddressTaken` or `RateLimited`. Nobody is signed in: the link proves an
    address, not who filled the form.
    """
    attempt = await attempts.count_token(context)
    token_sha256 = tokens.digest(token)
    async with attempts.given_back(context, attempt), context.unit_of_work() as session:
        await _lock(session, context, token_sha256)
        spent = await spend(session, context, TokenPurpose.EMAIL_CONFIRMATION, token_sha256)
        await (_admit if _is_registration(spent) else _prove)(session, context, spent)
        await attempt.give_back(session)
    return spent.id


async def change_email_address(
    context: Context, user: SignedInUser, email_address: str, password: str, confirmation_base_url: str
) -> str:
    """Have a link mailed to the new address, which counts once it is followed; the old one is told. Return the new one.

    That somebody else has it is told to them, not to who asks. Raises `InvalidInput`, `BadCredentials`,
    `ConfirmationBaseUrlNotAllowed` or `RateLimited`.
    """
    account = await accounts.of_user(context, user.id)
    address = checked_email_address(email_address, account.canonical)
    await require_page(context, MailKind.EMAIL_ADDRESS_CHANGE, confirmation_base_url)
    with context.place(account.canonical):
        attempt = await attempts.count_try(context, account.canonical)
        # Also where too many mails were asked for: the password was right.
        async with attempts.given_back(context, attempt):
            with context.place_of_account(account.canonical):
                is_right = await credentials.is_right(context, account.password_hash, password)
            if not is_right:
                raise BadCredentials
            async with context.unit_of_work() as session:
                await _ask_to_move(session, context, account, address, confirmation_base_url)
                await attempt.succeed(session, context.clock.now(), proved=account.is_proved)
    return str(address)


async def _ask_to_move(
    session: AsyncSession, context: Context, account: Account, address: EmailAddress, confirmation_base_url: str
) -> None:
    """Keep the address that shall be proved, and write to both; `BadCredentials` if it was changed meanwhile."""
    row = models.Account
    its = sa.and_(col(row.id) == account.account_id, account.is_unchanged())
    pending = sa.update(row).where(its, _has_enabled_user(row)).values(pending_email_address=str(address))
    if await session.scalar(pending.returning(col(row.id))) is None:
        raise BadCredentials
    await attempts.count_mail(session, context)
    now, old = context.clock.now(), EmailAddress.parse(account.email_address)
    put = partial(outbox.put, session, channel_id=context.channel_id, now=now, user_id=account.user_id)
    if await attempts.may_mail(session, context, MailKind.EMAIL_ADDRESS_CHANGING, old.canonical):
        put(MailKind.EMAIL_ADDRESS_CHANGING, old, other_address=str(address))
    if await attempts.may_mail(session, context, MailKind.EMAIL_ADDRESS_CHANGE, address.canonical):
        put(MailKind.EMAIL_ADDRESS_CHANGE, address, confirmation_base_url=confirmation_base_url)


async def _lock(session: AsyncSession, context: Context, token_sha256: bytes) -> None:
    """Have whoever else follows a link to the same end wait: registration or user first, then their tokens."""
    about = await subject_of(session, context, TokenPurpose.EMAIL_CONFIRMATION, token_sha256)
    if about is None:
        return
    if _is_registration(about):
        await registrations.lock(session, context.channel_id, EmailAddress.parse(about.email_address).canonical)
    else:
        its = select(models.Account.id).where(models.Account.id == about.subject_id)
        await session.exec(its.with_for_update())


def _is_registration(spent: Spent) -> bool:
    return spent.subject_id.startswith(f"{Registration.letters}_")


async def _admit(session: AsyncSession, context: Context, spent: Spent) -> None:
    """Make the customer and user of a registration; all others of the address have lost their reason."""
    now, canonical = context.clock.now(), EmailAddress.parse(spent.email_address).canonical
    registration = await registrations.admit(session, spent.subject_id, context.channel_id, canonical, now)
    if registration is None:
        raise TokenInvalid  # another one was confirmed
    await create_customer(session, registration, now=now, confirmed_at=now)


async def _prove(session: AsyncSession, context: Context, spent: Spent) -> None:
    """Take the address of an account for proved: the one that counts, or the one that takes its place."""
    row = models.Account
    its = select(row).where(row.id == spent.subject_id, _has_enabled_user(row))
    account = (await session.exec(its.with_for_update())).first()
    if account is None:
        raise TokenInvalid
    await void(session, account.id, TokenPurpose.EMAIL_CONFIRMATION, context.clock.now(), spent.email_address)
    if account.email_address == spent.email_address:
        account.confirmed_at = account.confirmed_at or context.clock.now()
        session.add(account)
    elif account.pending_email_address == spent.email_address:
        await move(session, account, EmailAddress.parse(spent.email_address), context.clock.now())
    else:
        raise TokenInvalid


def _has_enabled_user(account: type[models.Account]) -> sa.ColumnElement[bool]:
    return sa.exists().where(col(models.User.account_id) == account.id, col(models.User.enabled))
