"""The home of how a registration becomes a customer and its user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from db import models
from db.ids import new_id
from resolvers.customers.numbers import next_customer_number
from resolvers.rules import search_text, time_zones
from resolvers.rules.roles import CUSTOMER_ADMIN
from resolvers.users.uniqueness import write_account

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession


@dataclass(frozen=True, slots=True)
class Created:
    """Who came into being."""

    customer_id: str
    user_id: str


async def create_customer(
    session: AsyncSession, registration: models.Registration, *, now: datetime, confirmed_at: datetime | None = None
) -> Created:
    """Create customer, account and user of *registration*, who is its admin. Raises `EmailAddressTaken`."""
    customer = _customer(registration, await next_customer_number(session, registration.channel_id), now)
    session.add(customer)
    await session.flush()
    account = _account(registration, now, confirmed_at)
    await write_account(session, account)
    user = _user(customer, account, registration)
    session.add(user)
    await session.flush()
    await session.exec(_grant(user, CUSTOMER_ADMIN))
    return Created(customer.id, user.id)


def _customer(registration: models.Registration, customer_number: str, now: datetime) -> models.Customer:
    columns: dict[str, Any] = {
        "customer_number": customer_number,
        "email_address": registration.email_address,
        "locale": registration.locale,
        "first_name": registration.first_name,
        "last_name": registration.last_name,
        "company": registration.company,
        "gender": registration.gender,
        "date_of_birth": registration.date_of_birth,
    }
    return models.Customer(
        id=new_id(models.Customer.letters, now),
        channel_id=registration.channel_id,
        **columns,
        search_text=search_text.of_customer(columns),
        created_at=now,
        updated_at=now,
    )


def _account(registration: models.Registration, now: datetime, confirmed_at: datetime | None) -> models.Account:
    return models.Account(
        id=new_id(models.Account.letters, now),
        channel_id=registration.channel_id,
        email_address=registration.email_address,
        canonical_email_address=registration.canonical_email_address,
        confirmed_at=confirmed_at,
        password_hash=registration.password_hash,
        created_at=now,
    )


def _user(customer: models.Customer, account: models.Account, registration: models.Registration) -> models.User:
    return models.User(
        id=new_id(models.User.letters, customer.created_at),
        channel_id=customer.channel_id,
        customer_id=customer.id,
        account_id=account.id,
        first_name=registration.first_name,
        last_name=registration.last_name,
        locale=registration.locale,
        time_zone=time_zones.DEFAULT,
        created_at=customer.created_at,
    )


def _grant(user: models.User, role_code: str) -> sa.Insert:
    role = sa.select(sa.literal(user.id), col(models.Role.id)).where(
        col(models.Role.channel_id) == user.channel_id, col(models.Role.code) == role_code
    )
    return sa.insert(models.UserRole).from_select(["user_id", "role_id"], role)
