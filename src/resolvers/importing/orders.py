"""The home of taking in many orders at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlmodel import SQLModel, select

from db.bulk import insert_rows
from db.ids import new_ids
from db.models import Channel, Customer, Order, OrderAdjustment, OrderDocument, OrderItem, OrderShipment, OrderTax, User
from resolvers.importing.intake import Claim, among, take_intake_turn
from resolvers.orders.rules import OF_CUSTOMER, RecordedOrder, checked_order
from resolvers.rules.email_address import looked_up
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.ports import Clock
    from resolvers.rules.inspection import Inspection


TABLES: Final[dict[str, type[SQLModel]]] = {
    "items": OrderItem,
    "adjustments": OrderAdjustment,
    "taxes": OrderTax,
    "shipments": OrderShipment,
    "documents": OrderDocument,
}
"""Where the lists of an order are kept."""


async def recorded_orders(
    session: AsyncSession, channel_id: str, numbers: Sequence[str]
) -> Mapping[str, tuple[str, str]]:
    """Return the ids of the channel's orders of these *numbers*, and those of their customers, by number."""
    found = await session.exec(
        select(Order.order_number, Order.id, Order.customer_id).where(
            Order.channel_id == channel_id, among(Order.order_number, numbers)
        )
    )
    return {number: (order_id, customer_id) for number, order_id, customer_id in found}


@dataclass(frozen=True, slots=True)
class Orders:
    """Takes orders into *channel*."""

    channel: Channel
    clock: Clock
    replaces: bool = False
    """Whether an order takes the place of the one that has its number, whole, and keeps its id."""

    def checked(self, fields: Mapping[str, object], inspection: Inspection) -> RecordedOrder:
        """Return the order that *fields* tell."""
        return checked_order(fields, inspection)

    async def look_up(self, session: AsyncSession, records: Sequence[RecordedOrder]) -> FoundForOrders:
        """Look up customers, users, and which numbers are taken."""
        await take_intake_turn(session, self.channel.id)
        numbers = [record.order["order_number"] for record in records]
        recorded = await recorded_orders(session, self.channel.id, numbers)
        return FoundForOrders(
            self,
            {} if self.replaces else dict.fromkeys(recorded, 1),
            recorded,
            await self._customers(session, [record.customer_number for record in records]),
            await self._users(session, [record.username for record in records if record.username]),
        )

    async def _customers(self, session: AsyncSession, numbers: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        found = await session.exec(
            select(Customer.customer_number, Customer.id, Customer.locale).where(
                Customer.channel_id == self.channel.id, among(Customer.customer_number, numbers)
            )
        )
        return {number: (customer_id, locale) for number, customer_id, locale in found}

    async def _users(self, session: AsyncSession, usernames: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        if not usernames:
            return {}
        users = await session.exec(
            select(User.canonical_email_address, User.id, User.customer_id).where(
                User.channel_id == self.channel.id, among(User.canonical_email_address, map(looked_up, usernames))
            )
        )
        return {canonical: (user_id, customer_id) for canonical, user_id, customer_id in users}


@dataclass(frozen=True, slots=True)
class FoundForOrders:
    """Orders with their customers by number, customers with their locales by number, users with their customers.

    Users are by canonical address.
    """

    orders: Orders
    held: Mapping[str, int]
    recorded: Mapping[str, tuple[str, str]]
    customers: Mapping[str, tuple[str, str]]
    users: Mapping[str, tuple[str, str]]

    def refer(self, record: RecordedOrder, inspection: Inspection) -> Sequence[Claim]:
        """Return the claim on the number."""
        customer_id, _ = self.customers.get(record.customer_number, (None, None))
        _, buyer_id = self.recorded.get(record.order["order_number"], (None, None))
        if customer_id is None:
            inspection.add(("customerNumber",), ViolationCode.UNKNOWN)
        elif self.orders.replaces and buyer_id not in {None, customer_id}:
            inspection.add(("customerNumber",), ViolationCode.INVALID, None, "The order is another customer's.")
        if record.username is not None:
            _, employer = self.users.get(looked_up(record.username), (None, None))
            if employer is None:
                inspection.add(("username",), ViolationCode.UNKNOWN)
            elif customer_id is not None and employer != customer_id:
                inspection.add(("username",), ViolationCode.NOT_ALLOWED, None, "It is a user of another customer.")
        return (Claim(("orderNumber",), record.order["order_number"]),)

    def _locale(self, record: RecordedOrder, channel: Channel) -> str:
        """Return the locale of an order: one that is not determined is the channel's."""
        told: str | None = record.order["locale"]
        return self.customers[record.customer_number][1] if told == OF_CUSTOMER else told or channel.default_locale

    async def write(self, session: AsyncSession, records: Sequence[RecordedOrder]) -> None:
        """Insert the orders with their parts."""
        if self.orders.replaces and self.recorded:
            # With all its parts.
            replaced = [order_id for order_id, _ in self.recorded.values()]
            await session.exec(sa.delete(Order).where(among(Order.id, replaced)))
        channel, now = self.orders.channel, self.orders.clock.now()
        orders: list[dict[str, object]] = []
        parts: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}
        for record, new_id in zip(records, new_ids(Order.letters, now), strict=False):
            order_id, _ = self.recorded.get(record.order["order_number"], (new_id, ""))
            user_id = self.users[looked_up(record.username)][0] if record.username else None
            customer_id, _ = self.customers[record.customer_number]
            orders.append(
                {
                    "id": order_id,
                    "channel_id": channel.id,
                    "customer_id": customer_id,
                    "user_id": user_id,
                    **record.order,
                    "locale": self._locale(record, channel),
                    "updated_at": now,
                }
            )
            for name, rows in record.parts.items():
                parts[name] += [{"order_id": order_id, **row} for row in rows]
        await insert_rows(session, Order, orders)
        for name, table in TABLES.items():
            await insert_rows(session, table, parts[name])
