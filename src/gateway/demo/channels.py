"""The home of the two demo channels and of how each is filled: Paloma for consumers, Northwind for businesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from db.enums import ChannelKind, RegistrationPolicy
from db.models import Role
from gateway.demo.northwind.companies import companies
from gateway.demo.northwind.sales import sales
from gateway.demo.paloma.hans import account, payment_instruments
from gateway.demo.paloma.history import history
from gateway.demo.rows import write, write_accounts, write_orders
from resolvers.channels.service import create_channel
from resolvers.customers.numbers import next_customer_number
from resolvers.roles import CUSTOMER_ADMIN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

PALOMA = "paloma"
NORTHWIND = "northwind"
SHORTEST_PASSWORD = 6
"""So long is `banana`, the password of the REST original's examples."""


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
        password_strength_checked=False,
    )
    hans = account(channel_id, await next_customer_number(session, channel_id), password_hashes)
    await write_accounts(session, [hans], await _customer_admin(session, channel_id))
    await write(session, payment_instruments(hans.customer))
    await write_orders(session, history(hans.user))


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
        password_strength_checked=False,
    )
    accounts = companies(channel_id, password_hashes)
    await write_accounts(session, accounts, await _customer_admin(session, channel_id))
    await write_orders(session, sales({each.customer.customer_number: each.customer for each in accounts}))


async def _customer_admin(session: AsyncSession, channel_id: str) -> Role:
    role = select(Role).where(col(Role.channel_id) == channel_id, col(Role.code) == CUSTOMER_ADMIN)
    return (await session.exec(role)).one()
