"""The home of how a user moves to another address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.enums import ChannelKind, MailKind
from db.models import Channel, Customer
from resolvers.addresses.findable import make_findable
from resolvers.mails import outbox
from resolvers.rules.email_address import EmailAddress
from resolvers.sessions import credentials
from resolvers.users.uniqueness import write_user

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.models import User


async def move(session: AsyncSession, user: User, address: EmailAddress, now: datetime) -> None:
    """Let *user* sign in by *address*, sign out everywhere, and tell the old address. Raises `EmailAddressTaken`."""
    old = EmailAddress.parse(user.email_address)
    await credentials.end_all_by(session, user_id=user.id, channel_id=user.channel_id, canonical=old.canonical, now=now)
    user.email_address, user.canonical_email_address = str(address), address.canonical
    user.pending_email_address, user.confirmed_at = None, now
    await write_user(session, user)
    await _move_customer(session, user, now)
    outbox.put(
        session,
        MailKind.EMAIL_ADDRESS_CHANGED,
        old,
        channel_id=user.channel_id,
        now=now,
        user_id=user.id,
        other_address=str(address),
    )


async def _move_customer(session: AsyncSession, user: User, now: datetime) -> None:
    """Move the customer too where it is the same person; a company's address is a contact of its own."""
    channel = await session.get_one(Channel, user.channel_id)
    if channel.kind is not ChannelKind.B2C:
        return
    customer = await session.get_one(Customer, user.customer_id, with_for_update=True)
    customer.email_address, customer.updated_at = user.email_address, now
    await make_findable(session, customer)
