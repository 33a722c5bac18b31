"""The home of who reads a mail: by what it was asked for, and by what there is when it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from db.enums import MailKind
from db.models import Account, Registration, User
from resolvers.mails.letter import Form, Theme
from resolvers.rules import time_zones
from resolvers.rules.networks import told
from resolvers.users.last_used import last_used_user

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.models import Mail


class Addressee(NamedTuple):
    """Who reads a letter, and what it is about."""

    theme: Theme
    email_address: str
    subject_id: str
    """The account or registration that a token in it is about."""
    first_name: str | None
    last_name: str | None
    locale: str
    time_zone: str
    form: Form | None


async def addressee_of(session: AsyncSession, mail: Mail) -> Addressee | None:
    """Return who reads *mail*; None if there is nobody to write to."""
    return await _ADDRESSEES[mail.kind](session, mail)


class _Owner(NamedTuple):
    """An account with the user of it that was used last, by whose name and language it is written to."""

    account: Account
    user: User


async def _of_registration(session: AsyncSession, mail: Mail) -> Addressee | None:
    registration = await _registration(session, mail)
    if await _is_taken(session, mail):
        # The form told nobody that the address is taken: its owner learns it. The registration stays for its time, or
        # whoever knows the password that was filled in would learn by signing in that it has gone.
        return _to_owner(await _owner(session, mail), Theme.ALREADY_REGISTERED)
    return _to_registrant(registration) if registration else None


async def _of_confirmation(session: AsyncSession, mail: Mail) -> Addressee | None:
    if await _is_taken(session, mail):
        # Whoever registered the address may be signed in already: not what those are told whose registration waits.
        owner = await _owner(session, mail)
        return _to_owner(owner, Theme.CONFIRM_ADDRESS) if owner and owner.account.confirmed_at is None else None
    registration = await _registration(session, mail)
    return _to_registrant(registration) if registration else None


async def _of_password_reset(session: AsyncSession, mail: Mail) -> Addressee | None:
    return _to_owner(await _owner(session, mail), Theme.RESET_PASSWORD)


async def _of_email_address_change(session: AsyncSession, mail: Mail) -> Addressee | None:
    if await _is_taken(session, mail):
        return _to_owner(await _owner(session, mail), Theme.ALREADY_REGISTERED)
    asking = await _of_user(session, mail)
    if asking is None or not asking.user.enabled or asking.account.pending_email_address != mail.email_address:
        return None
    return _to(asking, Theme.CONFIRM_NEW_ADDRESS)._replace(email_address=mail.email_address)


def _notice(theme: Theme) -> Callable[[AsyncSession, Mail], Awaitable[Addressee | None]]:
    """Tell the user at the address of the mail, which may be a former one."""

    async def addressee(session: AsyncSession, mail: Mail) -> Addressee | None:
        owner = await _of_user(session, mail)
        return _to(owner, theme)._replace(email_address=mail.email_address) if owner else None

    return addressee


_ADDRESSEES: dict[MailKind, Callable[[AsyncSession, Mail], Awaitable[Addressee | None]]] = {
    MailKind.REGISTRATION: _of_registration,
    MailKind.CONFIRMATION: _of_confirmation,
    MailKind.PASSWORD_RESET: _of_password_reset,
    MailKind.PASSWORD_CHANGED: _notice(Theme.PASSWORD_CHANGED),
    MailKind.EMAIL_ADDRESS_CHANGE: _of_email_address_change,
    MailKind.EMAIL_ADDRESS_CHANGING: _notice(Theme.ADDRESS_CHANGING),
    MailKind.EMAIL_ADDRESS_CHANGED: _notice(Theme.ADDRESS_CHANGED),
}


def _has_its_address(mail: Mail) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(Account.channel_id) == mail.channel_id,
        col(Account.canonical_email_address) == mail.canonical_email_address,
    )


async def _is_taken(session: AsyncSession, mail: Mail) -> bool:
    return (await session.exec(select(Account.id).where(_has_its_address(mail)))).first() is not None


async def _owner(session: AsyncSession, mail: Mail) -> _Owner | None:
    """Return who has the address of *mail*; None where no user of the account is enabled."""
    its = select(Account, User).join(User, col(User.id) == last_used_user(col(Account.id)))
    found = (await session.exec(its.where(_has_its_address(mail)))).first()
    return None if found is None else _Owner(*found)


async def _of_user(session: AsyncSession, mail: Mail) -> _Owner | None:
    """Return the account of the user about whom *mail* is."""
    its = select(Account, User).join(User, col(User.account_id) == col(Account.id))
    found = (await session.exec(its.where(col(User.id) == mail.user_id))).first()
    return None if found is None else _Owner(*found)


async def _registration(session: AsyncSession, mail: Mail) -> Registration | None:
    """Return the registration whose form caused *mail*.

    Whoever asks for the link again gets that of the form that was filled in from the same network, else of the newest.
    """
    row = Registration
    its = select(row).where(
        col(row.channel_id) == mail.channel_id, row.canonical_email_address == mail.canonical_email_address
    )
    if mail.registration_id is not None:
        its = its.where(row.id == mail.registration_id)
    is_elsewhere = sa.case((col(row.network) == mail.network, 0), else_=1)
    newest = its.order_by(is_elsewhere, col(row.created_at).desc(), col(row.id).desc())
    return (await session.exec(newest.limit(1))).first()


def _to_owner(owner: _Owner | None, theme: Theme) -> Addressee | None:
    return None if owner is None else _to(owner, theme)


def _to(owner: _Owner, theme: Theme) -> Addressee:
    account, user = owner
    return Addressee(
        theme=theme,
        email_address=account.email_address,
        subject_id=account.id,
        first_name=user.first_name,
        last_name=user.last_name,
        locale=user.locale,
        time_zone=user.time_zone,
        form=None,
    )


def _to_registrant(registration: Registration) -> Addressee:
    return Addressee(
        theme=Theme.CONFIRM_REGISTRATION,
        email_address=registration.email_address,
        subject_id=registration.id,
        first_name=registration.first_name,
        last_name=registration.last_name,
        locale=registration.locale,
        time_zone=time_zones.DEFAULT,
        form=Form(registration.created_at, told(registration.network)),
    )
