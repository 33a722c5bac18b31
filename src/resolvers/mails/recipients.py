"""The home of who reads a mail: by what it was asked for, and by what there is when it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from db.enums import MailKind
from db.models import Registration, User
from resolvers.mails.letter import Form, Theme
from resolvers.rules import time_zones
from resolvers.rules.networks import told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.models import Mail


class Addressee(NamedTuple):
    """Who reads a letter, and what it is about."""

    theme: Theme
    email_address: str
    subject_id: str
    """The user or registration that a token in it is about."""
    first_name: str | None
    last_name: str | None
    locale: str
    time_zone: str
    form: Form | None


async def addressee_of(session: AsyncSession, mail: Mail) -> Addressee | None:
    """Return who reads *mail*; None if there is nobody to write to."""
    return await _ADDRESSEES[mail.kind](session, mail)


async def _of_registration(session: AsyncSession, mail: Mail) -> Addressee | None:
    registration = await _registration(session, mail)
    if owner := await _owner(session, mail):
        # The form told nobody that the address is taken: its owner learns it. The registration stays for its time, or
        # whoever knows the password that was filled in would learn by signing in that it has gone.
        return _to(owner, Theme.ALREADY_REGISTERED) if owner.enabled else None
    return _to(registration, Theme.CONFIRM_REGISTRATION) if registration else None


async def _of_confirmation(session: AsyncSession, mail: Mail) -> Addressee | None:
    if owner := await _owner(session, mail):
        # Whoever registered the address may be signed in already: not what those are told whose registration waits.
        return _to(owner, Theme.CONFIRM_ADDRESS) if owner.enabled and owner.confirmed_at is None else None
    registration = await _registration(session, mail)
    return _to(registration, Theme.CONFIRM_REGISTRATION) if registration else None


async def _of_password_reset(session: AsyncSession, mail: Mail) -> Addressee | None:
    owner = await _owner(session, mail)
    return _to(owner, Theme.RESET_PASSWORD) if owner and owner.enabled else None


async def _of_email_address_change(session: AsyncSession, mail: Mail) -> Addressee | None:
    if owner := await _owner(session, mail):
        return _to(owner, Theme.ALREADY_REGISTERED) if owner.enabled else None
    user = await session.get(User, mail.user_id)
    if user is None or not user.enabled or user.pending_email_address != mail.email_address:
        return None
    return _to(user, Theme.CONFIRM_NEW_ADDRESS)._replace(email_address=mail.email_address)


def _notice(theme: Theme) -> Callable[[AsyncSession, Mail], Awaitable[Addressee | None]]:
    """Tell the user at the address of the mail, which may be a former one."""

    async def addressee(session: AsyncSession, mail: Mail) -> Addressee | None:
        user = await session.get(User, mail.user_id)
        return _to(user, theme)._replace(email_address=mail.email_address) if user else None

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


async def _owner(session: AsyncSession, mail: Mail) -> User | None:
    its = select(User).where(User.channel_id == mail.channel_id)
    return (await session.exec(its.where(User.canonical_email_address == mail.canonical_email_address))).first()


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


def _to(person: User | Registration, theme: Theme) -> Addressee:
    return Addressee(
        theme=theme,
        email_address=person.email_address,
        subject_id=person.id,
        first_name=person.first_name,
        last_name=person.last_name,
        locale=person.locale,
        time_zone=person.time_zone if isinstance(person, User) else time_zones.DEFAULT,
        form=None if isinstance(person, User) else Form(person.created_at, told(person.network)),
    )
