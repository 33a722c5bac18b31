"""The home of taking in many orders at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import select

from db.bulk import insert_rows
from db.ids import new_ids
from db.models import Channel, Order, OrderAdjustment, OrderItem, OrderTax, User
from resolvers.importing.intake import Claim, among, customer_ids, take_intake_turn
from resolvers.orders.rules import RecordedOrder, checked_order
from resolvers.rules.email_address import looked_up
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.ports import Clock
    from resolvers.rules.inspection import Inspection


@dataclass(frozen=True, slots=True)
class Orders:
    """Takes orders into *channel*."""

    channel: Channel
    clock: Clock

    def checked(self, fields: Mapping[str, object], inspection: Inspection) -> RecordedOrder:
        """Return the order that *fields* tell."""
        return checked_order(fields, inspection)

    async def look_up(self, session: AsyncSession, records: Sequence[RecordedOrder]) -> FoundForOrders:
        """Look up customers, users, and which numbers are taken."""
        await take_intake_turn(session, self.channel.id)
        taken = await session.exec(
            select(Order.order_number).where(
                Order.channel_id == self.channel.id,
                among(Order.order_number, [record.order["order_number"] for record in records]),
            )
        )
        return FoundForOrders(
            self,
            dict.fromkeys(taken, 1),
            await customer_ids(session, self.channel.id, [record.customer_number for record in records]),
            await self._users(session, [record.username for record in records if record.username]),
        )

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
    """Customers by number, users with their customers by canonical address, numbers that are taken."""

    orders: Orders
    held: Mapping[str, int]
    customers: Mapping[str, str]
    users: Mapping[str, tuple[str, str]]

    def refer(self, record: RecordedOrder, inspection: Inspection) -> Sequence[Claim]:
        """Return the claim on the number."""
        customer_id = self.customers.get(record.customer_number)
        if customer_id is None:
            inspection.add(("customerNumber",), ViolationCode.UNKNOWN)
        if record.username is not None:
            _, employer = self.users.get(looked_up(record.username), (None, None))
            if employer is None:
                inspection.add(("username",), ViolationCode.UNKNOWN)
            elif customer_id is not None and employer != customer_id:
                inspection.add(("username",), ViolationCode.NOT_ALLOWED, None, "It is a user of another customer.")
        return (Claim(("orderNumber",), record.order["order_number"]),)

    async def write(self, session: AsyncSession, records: Sequence[RecordedOrder]) -> None:
        """Insert the orders with their parts; an order whose locale is not determined is in the channel's."""
        channel, ids = self.orders.channel, new_ids(Order.letters, self.orders.clock.now())
        orders, items, adjustments, taxes = [], [], [], []
        for record, order_id in zip(records, ids, strict=False):
            user_id = self.users[looked_up(record.username)][0] if record.username else None
            customer_id = self.customers[record.customer_number]
            orders.append(
                {
                    "id": order_id,
                    "channel_id": channel.id,
                    "customer_id": customer_id,
                    "user_id": user_id,
                    **record.order,
                    "locale": record.order["locale"] or channel.default_locale,
                }
            )
            items += [{"order_id": order_id, **item} for item in record.items]
            adjustments += [{"order_id": order_id, **adjustment} for adjustment in record.adjustments]
            taxes += [{"order_id": order_id, **tax} for tax in record.taxes]
        await insert_rows(session, Order, orders)
        await insert_rows(session, OrderItem, items)
        await insert_rows(session, OrderAdjustment, adjustments)
        await insert_rows(session, OrderTax, taxes)
