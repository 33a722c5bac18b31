"""The home of what operations on customers do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from db import models
from db.enums import Gender, RegistrationPolicy
from db.ids import new_id
from db.row_query import RowQuery
from resolvers import locales, search_text, validation
from resolvers.customers.numbers import next_customer_number
from resolvers.errors import EmailAddressTaken, RegistrationClosed
from resolvers.roles import CUSTOMER_ADMIN
from resolvers.users import time_zones
from resolvers.users.email_address import EmailAddress
from resolvers.users.password_policy import PasswordPolicy
from resolvers.validation import Inspection, required

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What somebody fills in to become a customer."""

    email_address: str
    password: str = field(repr=False)
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    gender: Gender | None = None
    date_of_birth: date | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """Who came into being."""

    customer_id: str
    user_id: str


async def register_customer(context: Context, registration: Registration) -> Registered:
    """Create a customer and its user.

    Raises `RegistrationClosed`, `InvalidInput`, `EmailAddressTaken` or `RateLimited`.
    """
    address = _address_or_none(registration.email_address)
    circumstances = await _read_circumstances(context, address)
    # Links that prove an address can't be mailed yet, and without one CONFIRM_EMAIL_ADDRESS would let nobody in.
    if circumstances.registration is not RegistrationPolicy.OPEN:
        raise RegistrationClosed
    applicant = _inspected(registration, circumstances, context.clock.now())
    # Saves the slow hash; the unique constraint has the last word. Where people are signed in at once, the answer may
    # tell that an address is taken: a stranger's attempt to register it would find out in any case.
    if circumstances.address_taken:
        raise EmailAddressTaken
    password_hash = await context.hasher.hash(applicant.password)
    async with context.database.unit_of_work() as session:
        return await _create(session, context, applicant, password_hash)


@dataclass(frozen=True, slots=True)
class _Circumstances:
    registration: RegistrationPolicy
    locales: list[str]
    default_locale: str
    password_policy: PasswordPolicy
    address_taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Applicant:
    address: EmailAddress
    password: str = field(repr=False)
    first_name: str | None
    last_name: str | None
    company: str | None
    gender: Gender
    date_of_birth: date | None
    locale: str


_CIRCUMSTANCES = RowQuery(
    sa.select(
        col(models.Channel.registration),
        col(models.Channel.locales),
        col(models.Channel.default_locale),
        col(models.Channel.password_min_length),
        col(models.Channel.password_strength_checked),
        col(models.User.id),
    )
    .outerjoin(
        models.User,
        sa.and_(
            col(models.User.channel_id) == col(models.Channel.id),
            col(models.User.canonical_email_address) == sa.bindparam("canonical", type_=sa.Text),
        ),
    )
    .where(col(models.Channel.id) == sa.bindparam("channel_id", type_=sa.Text))
)


def _address_or_none(text: str) -> EmailAddress | None:
    try:
        return EmailAddress.parse(text)
    except ValueError:
        return None


async def _read_circumstances(context: Context, address: EmailAddress | None) -> _Circumstances:
    registration, channel_locales, default_locale, min_length, strength_checked, user_id = await _CIRCUMSTANCES.read(
        context.database, channel_id=context.channel_id, canonical=address.canonical if address else ""
    )
    return _Circumstances(
        registration=RegistrationPolicy(registration),
        locales=orjson.loads(channel_locales),
        default_locale=default_locale,
        password_policy=PasswordPolicy(min_length, bool(strength_checked)),
        address_taken=user_id is not None,
    )


def _inspected(registration: Registration, circumstances: _Circumstances, now: datetime) -> _Applicant:
    inspection = Inspection()
    address = inspection.email_address(("emailAddress",), registration.email_address, required=True)
    first_name = inspection.text(("firstName",), registration.first_name, validation.NAME)
    last_name = inspection.text(("lastName",), registration.last_name, validation.NAME)
    company = inspection.text(("company",), registration.company, validation.COMPANY)
    date_of_birth = inspection.date_of_birth(("dateOfBirth",), registration.date_of_birth, now.date())
    locale = inspection.locale(("locale",), registration.locale)
    own_words = [str(word) for word in (address, first_name, last_name, company) if word]
    policy = circumstances.password_policy
    password = inspection.password(("user", "password"), registration.password, policy, own_words)
    inspection.finish()
    default = circumstances.default_locale
    return _Applicant(
        address=required(address),
        password=required(password),
        first_name=first_name,
        last_name=last_name,
        company=company,
        gender=registration.gender or Gender.UNKNOWN,
        date_of_birth=date_of_birth,
        locale=locales.best_fit(locale, circumstances.locales, default),
    )


async def _create(session: AsyncSession, context: Context, applicant: _Applicant, password_hash: str) -> Registered:
    now = context.clock.now()
    customer = _customer(context.channel_id, applicant, await next_customer_number(session, context.channel_id), now)
    session.add(customer)
    await session.flush()
    user = _user(customer, applicant, password_hash)
    session.add(user)
    try:
        await session.flush()
    except IntegrityError as error:
        # Somebody else was faster. PostgreSQL names the constraint, SQLite its columns.
        if "canonical_email_address" in str(error.orig):
            raise EmailAddressTaken from None
        raise
    await session.exec(_grant(user, CUSTOMER_ADMIN))
    return Registered(customer.id, user.id)


def _customer(channel_id: str, applicant: _Applicant, customer_number: str, now: datetime) -> models.Customer:
    return models.Customer(
        id=new_id(models.Customer.letters, now),
        channel_id=channel_id,
        customer_number=customer_number,
        email_address=str(applicant.address),
        locale=applicant.locale,
        first_name=applicant.first_name,
        last_name=applicant.last_name,
        company=applicant.company,
        gender=applicant.gender,
        date_of_birth=applicant.date_of_birth,
        search_text=search_text.of_customer(
            customer_number,
            first_name=applicant.first_name,
            last_name=applicant.last_name,
            company=applicant.company,
            email_addresses=[str(applicant.address)],
        ),
        created_at=now,
        updated_at=now,
    )


def _user(customer: models.Customer, applicant: _Applicant, password_hash: str) -> models.User:
    return models.User(
        id=new_id(models.User.letters, customer.created_at),
        channel_id=customer.channel_id,
        customer_id=customer.id,
        email_address=str(applicant.address),
        canonical_email_address=applicant.address.canonical,
        first_name=applicant.first_name,
        last_name=applicant.last_name,
        locale=applicant.locale,
        time_zone=time_zones.DEFAULT,
        password_hash=password_hash,
        created_at=customer.created_at,
    )


def _grant(user: models.User, role_code: str) -> sa.Insert:
    role = sa.select(sa.literal(user.id), col(models.Role.id)).where(
        col(models.Role.channel_id) == user.channel_id, col(models.Role.code) == role_code
    )
    return sa.insert(models.UserRole).from_select(["user_id", "role_id"], role)
