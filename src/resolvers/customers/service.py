"""The home of what operations on customers do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
import sqlalchemy as sa
from sqlmodel import col

from db import lengths, models
from db.enums import Gender, MailKind, RegistrationPolicy
from db.ids import new_id
from db.row_query import RowQuery
from resolvers.channels.landing_pages import require_listed
from resolvers.customers import registrations
from resolvers.customers.creation import Created, create_customer
from resolvers.mails import outbox
from resolvers.rules import locales
from resolvers.rules.email_address import EmailAddress, canonical_or_nobodys
from resolvers.rules.errors import EmailAddressTaken, RegistrationClosed
from resolvers.rules.inspection import Inspection, required
from resolvers.rules.networks import network_of
from resolvers.rules.password_policy import PasswordPolicy
from resolvers.rules.violations import ViolationCode
from resolvers.throttling import attempts

if TYPE_CHECKING:
    from datetime import date

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What somebody fills in to become a customer."""

    email_address: str
    password: str = field(repr=False)
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    gender: Gender | None = None
    date_of_birth: date | None = None
    locale: str | None = None
    confirmation_base_url: str | None = None


async def register_customer(context: Context, application: Application) -> Created | None:
    """Create a customer and its user; where the address must be proved first, None, whoever has it already.

    Raises `RegistrationClosed`, `InvalidInput`, `ConfirmationBaseUrlNotAllowed`, `EmailAddressTaken` or `RateLimited`.
    """
    rules = await _read_rules(context, application.email_address)
    if rules.policy is RegistrationPolicy.CLOSED:
        raise RegistrationClosed
    registration, password = _inspected(context, application, rules)
    if application.confirmation_base_url:
        require_listed(rules.landing_pages, MailKind.REGISTRATION, application.confirmation_base_url)
    await attempts.count_registration(context)
    # Saves the slow hash; the unique constraint has the last word. Where people may sign in at once, the answer may
    # tell that an address is taken: a stranger's attempt to register it would find out in any case.
    if rules.policy is RegistrationPolicy.OPEN and rules.address_taken:
        raise EmailAddressTaken
    with context.place():
        registration.password_hash = await context.hasher.hash(password, rules.registered_hash)
    async with context.database.unit_of_work() as session:
        created = None
        if rules.policy is RegistrationPolicy.OPEN:
            created = await create_customer(session, registration, now=registration.created_at)
        if application.confirmation_base_url:
            await _ask_to_confirm(session, context, registration, application.confirmation_base_url, created)
    return created


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
class _Rules:
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
_RULES = RowQuery(
    sa.select(
        col(models.Channel.registration),
        col(models.Channel.locales),
        col(models.Channel.default_locale),
        col(models.Channel.password_min_length),
        col(models.Channel.password_strength_checked),
        col(models.Channel.landing_pages),
        col(models.User.id),
        registrations.any_hash(col(models.Channel.id), _CANONICAL),
    )
    .outerjoin(
        models.User,
        sa.and_(
            col(models.User.channel_id) == col(models.Channel.id),
            col(models.User.canonical_email_address) == _CANONICAL,
        ),
    )
    .where(col(models.Channel.id) == sa.bindparam("channel_id", type_=sa.Text))
)


async def _read_rules(context: Context, email_address: str) -> _Rules:
    canonical = canonical_or_nobodys(email_address)  # of what is no address, the inspection tells
    found = await _RULES.read(context.database, channel_id=context.channel_id, canonical=canonical)
    policy, channel_locales, default_locale, min_length, strength_checked, pages, user_id, registered_hash = found
    return _Rules(
        policy=RegistrationPolicy(policy),
        locales=orjson.loads(channel_locales),
        default_locale=default_locale,
        password_policy=PasswordPolicy(min_length, bool(strength_checked)),
        landing_pages=orjson.loads(pages),
        address_taken=user_id is not None,
        registered_hash=registered_hash,
    )


def _inspected(context: Context, application: Application, rules: _Rules) -> tuple[models.Registration, str]:
    """Return who registers, without a hash yet, and the password to hash. Raises `InvalidInput`."""
    now = context.clock.now()
    inspection = Inspection()
    address = inspection.email_address(("emailAddress",), application.email_address, required=True)
    first_name = inspection.text(("firstName",), application.first_name, lengths.NAME)
    last_name = inspection.text(("lastName",), application.last_name, lengths.NAME)
    company = inspection.text(("company",), application.company, lengths.COMPANY)
    date_of_birth = inspection.date_of_birth(("dateOfBirth",), application.date_of_birth, now.date())
    locale = inspection.locale(("locale",), application.locale)
    own_words = [str(word) for word in (address, first_name, last_name, company) if word]
    password = inspection.password(("user", "password"), application.password, rules.password_policy, own_words)
    if rules.policy is RegistrationPolicy.CONFIRM_EMAIL_ADDRESS and not application.confirmation_base_url:
        inspection.add(("confirmationBaseUrl",), ViolationCode.REQUIRED)
    inspection.finish()
    address = required(address)
    registration = models.Registration(
        id=new_id(models.Registration.letters, now),
        channel_id=context.channel_id,
        email_address=str(address),
        canonical_email_address=address.canonical,
        first_name=first_name,
        last_name=last_name,
        company=company,
        gender=application.gender or Gender.UNKNOWN,
        date_of_birth=date_of_birth,
        locale=locales.best_fit(locale, rules.locales, rules.default_locale),
        password_hash="",
        created_at=now,
        network=network_of(context.ip_address),
    )
    return registration, required(password)
