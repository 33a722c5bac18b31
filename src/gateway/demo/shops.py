"""The home of the two demo channels and of how each is filled: Paloma for consumers, Northwind for businesses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from db.enums import ChannelKind, LinkPurpose, RegistrationPolicy
from db.models import Account, Channel, Customer
from gateway.demo.northwind import companies, sales
from gateway.demo.paloma import hans, history
from resolvers.channels.service import create_channel
from resolvers.customers.numbers import next_customer_number
from resolvers.importing.addresses import Addresses
from resolvers.importing.customers import Customers
from resolvers.importing.intake import take_all
from resolvers.importing.orders import Orders
from resolvers.importing.users import Users

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    Records = Iterable[dict[str, Any]]

PALOMA = "paloma"
NORTHWIND = "northwind"
SHORTEST_PASSWORD = 6
"""So long is `banana`, the password of the REST original's examples."""
LANDING_PAGES: Mapping[str, Sequence[str]] = dict.fromkeys(
    LinkPurpose, ("https://mywebshop.com/security/", "http://localhost:*/", "http://127.0.0.1:*/")
)
"""The pages of the REST original's examples, to which nobody mails: the mailbox shows the tokens; and those of who
tries a front-end of their own with the demo, at whatever port it runs."""


async def load_paloma(session: AsyncSession, password_hashes: Mapping[str, str], now: datetime) -> None:
    """Create the consumers' shop with Hans Muster; who registers next gets the number after his."""
    channel_id = await create_channel(
        session,
        now=now,
        code=PALOMA,
        name="Paloma",
        kind=ChannelKind.B2C,
        locales=("de_CH", "de_DE", "fr_CH", "it_CH", "en_US"),
        registration=RegistrationPolicy.OPEN,
        password_min_length=SHORTEST_PASSWORD,
        landing_pages=LANDING_PAGES,
        password_strength_checked=False,
    )
    number = await next_customer_number(session, channel_id)
    await _fill(
        session,
        await session.get_one(Channel, channel_id),
        now,
        customers=[hans.customer(number)],
        users=[hans.user(number)],
        addresses=hans.addresses(number),
        orders=history.orders(number),
    )
    await _set_passwords(session, channel_id, password_hashes)
    customer = await session.exec(select(Customer.id).where(Customer.channel_id == channel_id))
    session.add_all(hans.payment_instruments(customer.one()))


async def load_northwind(session: AsyncSession, password_hashes: Mapping[str, str], now: datetime) -> None:
    """Create the businesses' shop with its companies and their orders."""
    channel_id = await create_channel(
        session,
        now=now,
        code=NORTHWIND,
        name="Northwind Traders",
        kind=ChannelKind.B2B,
        locales=("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "pt_BR"),
        registration=RegistrationPolicy.CLOSED,
        password_min_length=SHORTEST_PASSWORD,
        landing_pages=LANDING_PAGES,
        password_strength_checked=False,
    )
    await _fill(
        session,
        await session.get_one(Channel, channel_id),
        now,
        customers=companies.customers(),
        users=companies.users(),
        addresses=companies.addresses(),
        orders=sales.orders(),
    )
    await _set_passwords(session, channel_id, password_hashes)


async def _fill(  # noqa: PLR0913 - what `gateway import` takes from four files
    session: AsyncSession,
    channel: Channel,
    now: datetime,
    *,
    customers: Records,
    users: Records,
    addresses: Records,
    orders: Records,
) -> None:
    """Take records in by the rules of `gateway import`. Raises `InvalidInput`."""
    clock = _StoppedClock(now)
    await take_all(session, Customers(channel, clock), customers)
    await take_all(session, Users(channel, clock), users)
    await take_all(session, Addresses(channel, clock), addresses)
    await take_all(session, Orders(channel, clock), orders)


async def _set_passwords(session: AsyncSession, channel_id: str, password_hashes: Mapping[str, str]) -> None:
    """Give the users their hashes, which the gateway's own hasher made: no file is believed with cheap ones."""
    of_account = sa.update(Account).where(
        col(Account.channel_id) == channel_id, col(Account.canonical_email_address) == sa.bindparam("canonical")
    )
    hashes = [{"canonical": name, "hash": password_hash} for name, password_hash in password_hashes.items()]
    await (await session.connection()).execute(of_account.values(password_hash=sa.bindparam("hash")), hashes)


@dataclass(frozen=True, slots=True)
class _StoppedClock:
    """Tells one moment for the whole of a channel."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment
