"""The home of what tests of several users share: another user of a customer, with a role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import select

from db import models
from db.ids import new_id
from resolvers.rules.email_address import EmailAddress
from tests.api.services import PASSWORD

if TYPE_CHECKING:
    from resolvers.context import Context
    from resolvers.customers.creation import Created


async def a_colleague(context: Context, created: Created, email_address: str, role_code: str) -> str:
    """Give the customer of *created* another user, with `PASSWORD`; return the id."""
    address = EmailAddress.parse(email_address)
    now = context.clock.now()
    account = models.Account(
        id=new_id(models.Account.letters, now),
        channel_id=context.channel_id,
        email_address=str(address),
        canonical_email_address=address.canonical,
        password_hash=await context.hasher.hash(PASSWORD),
        created_at=now,
    )
    user = models.User(
        id=new_id(models.User.letters, now),
        channel_id=context.channel_id,
        customer_id=created.customer_id,
        account_id=account.id,
        locale="de_CH",
        time_zone="Europe/Zurich",
        created_at=now,
    )
    async with context.database.unit_of_work() as session:
        session.add(account)
        await session.flush()
        session.add(user)
        await session.flush()
        its = select(models.Role).where(models.Role.channel_id == context.channel_id, models.Role.code == role_code)
        role = (await session.exec(its)).one()
        session.add(models.UserRole(user_id=user.id, role_id=role.id))
    return user.id
