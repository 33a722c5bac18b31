"""The home of what operations on customers do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from sqlmodel import col

from db import models
from db.enums import MailKind, RegistrationPolicy
from db.ids import new_id
from db.row_query import RowQuery
from resolvers.channels.landing_pages import require_listed
from resolvers.customers import registrations
from resolvers.customers.creation import Created, create_customer
from resolvers.customers.rules import Registrant, checked_registrant
from resolvers.mails import outbox
from resolvers.rules import locales
from resolvers.rules.email_address import EmailAddress, canonical_or_nobodys
from resolvers.rules.errors import EmailAddressTaken, RegistrationClosed
from resolvers.rules.networks import network_of
from resolvers.rules.password_policy import PasswordPolicy
from resolvers.throttling import attempts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.context import Context


async def register_customer(context: Context, filled_in: Mapping[str, object]) -> Created | None:
    """Create a customer and its user; where the address must be proved first, None, whoever has it already.

    *filled_in* has the shape of `RegisterCustomerInput`. Raises `RegistrationClosed`, `InvalidInput`,
    `ConfirmationBaseUrlNotAllowed`, `EmailAddressTaken` or `RateLimited`.
    """
    channel = await _read_channel(context, str(filled_in["emailAddress"]))
    if channel.policy is RegistrationPolicy.CLOSED:
        raise RegistrationClosed
    now = context.clock.now()
    must_confirm = channel.policy is RegistrationPolicy.CONFIRM_EMAIL_ADDRESS
    registrant = checked_registrant(filled_in, channel.password_policy, now.date(), must_confirm=must_confirm)
    page = registrant.confirmation_base_url
    if page is not None:
        require_listed(channel.landing_pages, MailKind.REGISTRATION, page)
    await attempts.count_registration(context)
    # Saves the slow hash; the unique constraint has the last word. Where people may sign in at once, the answer may
    # tell that an address is taken: a stranger's attempt to register it would find out in any case.
    if channel.policy is RegistrationPolicy.OPEN and channel.address_taken:
        raise EmailAddressTaken
    with context.place():
        password_hash = await context.hasher.hash(registrant.password, channel.registered_hash)
    registration = _registration(context, channel, registrant, password_hash, now)
    async with context.unit_of_work() as session:
        created = None
        if channel.policy is RegistrationPolicy.OPEN:
            created = await create_customer(session, registration, now=now)
        if page is not None:
            await _ask_to_confirm(session, context, registration, page, created)
    return created


def _registration(
    context: Context, channel: _Channel, registrant: Registrant, password_hash: str, now: datetime
) -> models.Registration:
    locale = locales.best_fit(registrant.person["locale"], channel.locales, channel.default_locale)
    person: dict[str, Any] = {**registrant.person, "locale": locale}
    return models.Registration(
        id=new_id(models.Registration.letters, now),
        channel_id=context.channel_id,
        email_address=str(registrant.address),
        canonical_email_address=registrant.address.canonical,
        **person,
        password_hash=password_hash,
        created_at=now,
        network=network_of(context.ip_address),
    )


async def _ask_to_confirm(
    session: AsyncSession,
    context: Context,
    registration: models.Registration,
    confirmation_base_url: str,
    created: Created | None,
) -> None:
    await attempts.count_mail(session, context)
    if created is None:
        # Also where there are too many mails: its link can be asked for again.
        await registrations.keep(session, registration)
    kind = MailKind.REGISTRATION if created is None else MailKind.CONFIRMATION
    if not await attempts.may_mail(session, context, kind, registration.canonical_email_address):
        return
    outbox.put(
        session,
        kind,
        EmailAddress.parse(registration.email_address),
        channel_id=context.channel_id,
        now=registration.created_at,
        confirmation_base_url=confirmation_base_url,
        registration_id=registration.id if created is None else None,
        network=registration.network,
    )


@dataclass(frozen=True, slots=True)
class _Channel:
    """What the channel asks of who registers, and whether the address belongs to a user."""

    policy: RegistrationPolicy
    locales: list[str]
    default_locale: str
    password_policy: PasswordPolicy
    landing_pages: dict[str, list[str]]
    address_taken: bool
    registered_hash: str | None = field(repr=False)
    """Of a registration of the address that waits."""


_CANONICAL = sa.bindparam("canonical", type_=sa.Text)
_CHANNEL = RowQuery(
    sa.select(
        col(models.Channel.registration),
        col(models.Channel.locales),
        col(models.Channel.default_locale),
        col(models.Channel.password_min_length),
        col(models.Channel.password_strength_checked),
        col(models.Channel.landing_pages),
        col(models.Account.id),
        registrations.any_hash(col(models.Channel.id), _CANONICAL),
    )
    .outerjoin(
        models.Account,
        sa.and_(
            col(models.Account.channel_id) == col(models.Channel.id),
            col(models.Account.canonical_email_address) == _CANONICAL,
        ),
    )
    .where(col(models.Channel.id) == sa.bindparam("channel_id", type_=sa.Text))
)


async def _read_channel(context: Context, email_address: str) -> _Channel:
    canonical = canonical_or_nobodys(email_address)  # of what is no address, the rule tells
    found = await _CHANNEL.read(context.database, channel_id=context.channel_id, canonical=canonical)
    policy, channel_locales, default_locale, min_length, strength_checked, pages, account_id, registered_hash = found
    return _Channel(
        policy=RegistrationPolicy(policy),
        locales=orjson.loads(channel_locales),
        default_locale=default_locale,
        password_policy=PasswordPolicy(min_length, bool(strength_checked)),
        landing_pages=orjson.loads(pages),
        address_taken=account_id is not None,
        registered_hash=registered_hash,
    )
