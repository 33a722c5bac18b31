"""The home of how an account moves to another address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import select

from db.enums import ChannelKind, MailKind
from db.models import Channel, Customer, User
from resolvers.addresses.findable import make_findable
from resolvers.mails import outbox
from resolvers.rules.email_address import EmailAddress
from resolvers.sessions import credentials
from resolvers.users.last_used import last_used_user
from resolvers.users.uniqueness import write_account

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.models import Account


async def move(session: AsyncSession, account: Account, address: EmailAddress, now: datetime) -> None:
    """Let *account* sign in by *address*, sign out everywhere, and tell the old address. Raises `EmailAddressTaken`."""
    old, channel_id = EmailAddress.parse(account.email_address), account.channel_id
    await credentials.end_all_by(
        session, account_id=account.id, channel_id=channel_id, canonical=old.canonical, now=now
    )
    account.email_address, account.canonical_email_address = str(address), address.canonical
    account.pending_email_address, account.confirmed_at = None, now
    await write_account(session, account)
    user = (await session.exec(select(User).where(User.id == last_used_user(account.id)))).one()
    await _move_customer(session, account, user, now)
    outbox.put(
        session,
        MailKind.EMAIL_ADDRESS_CHANGED,
        old,
        channel_id=channel_id,
        now=now,
        user_id=user.id,
        other_address=str(address),
    )


async def _move_customer(session: AsyncSession, account: Account, user: User, now: datetime) -> None:
    """Move the customer too where it is the same person; a company's address is a contact of its own."""
    channel = await session.get_one(Channel, account.channel_id)
    if channel.kind is not ChannelKind.B2C:
        return
    customer = await session.get_one(Customer, user.customer_id, with_for_update=True)
    customer.email_address, customer.updated_at = account.email_address, now
    await make_findable(session, customer)
