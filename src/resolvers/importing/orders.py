"""The home of taking in many orders at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from db.bulk import insert_rows
from db.ids import new_ids
from db.models import (
    Account,
    Channel,
    Customer,
    Order,
    OrderAdjustment,
    OrderDocument,
    OrderItem,
    OrderShipment,
    OrderTax,
    User,
)
from resolvers.importing.intake import NO_CUSTOMER, Claim, among, take_intake_turn
from resolvers.orders.rules import OF_CUSTOMER, RecordedOrder, checked_order
from resolvers.rules.email_address import looked_up
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

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


_TWICE: Final = "It stands twice in this request. Send each order once."
_THERE: Final = "The shop has another order of this number. To correct that one, send it by recordOrders."


class Known(NamedTuple):
    """An order that is there: its id, its customer's, and which record of a file it came from, if from any."""

    id: str
    customer_id: str
    digest: str | None


async def recorded_orders(session: AsyncSession, channel_id: str, numbers: Sequence[str]) -> Mapping[str, Known]:
    """Return which of the channel's orders have these *numbers*, by number."""
    found = await session.exec(
        select(Order.order_number, Order.id, Order.customer_id, Order.imported_as).where(
            Order.channel_id == channel_id, among(Order.order_number, numbers)
        )
    )
    return {number: Known(order_id, customer_id, digest) for number, order_id, customer_id, digest in found}


@dataclass(frozen=True, slots=True)
class Orders:
    """Takes orders into *channel*."""

    channel: Channel
    clock: Clock
    replaces: bool = False
    """Whether an order takes the place of the one that has its number, whole, and keeps its id."""

    def checked(self, fields: Mapping[str, object], inspection: Inspection) -> RecordedOrder:
        """Return the order that *fields* tell."""
        record = checked_order(fields, inspection)
        record.order["imported_as"] = inspection.digest
        return record

    async def look_up(self, session: AsyncSession, records: Sequence[RecordedOrder]) -> FoundForOrders:
        """Look up customers, users, and which numbers are taken."""
        await take_intake_turn(session, self.channel.id)
        numbers = [record.order["order_number"] for record in records]
        recorded = await recorded_orders(session, self.channel.id, numbers)
        return FoundForOrders(
            self,
            {} if self.replaces else dict.fromkeys(recorded, 1),
            {order.digest for order in recorded.values() if order.digest is not None},
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

    async def _users(self, session: AsyncSession, usernames: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        if not usernames:
            return {}
        users = await session.exec(
            select(Account.canonical_email_address, User.customer_id, User.id)
            .join(User, col(User.account_id) == col(Account.id))
            .where(
                Account.channel_id == self.channel.id,
                among(Account.canonical_email_address, map(looked_up, usernames)),
            )
        )
        found: dict[str, dict[str, str]] = {}
        for canonical, customer_id, user_id in users:
            found.setdefault(canonical, {})[customer_id] = user_id
        return found


@dataclass(frozen=True, slots=True)
class FoundForOrders:
    """Orders with their customers by number, customers with their locales by number, users with their customers.

    Users are by canonical address, then by customer.
    """

    orders: Orders
    held: Mapping[str, int]
    known: Collection[str]
    recorded: Mapping[str, Known]
    customers: Mapping[str, tuple[str, str]]
    users: Mapping[str, Mapping[str, str]]

    def refer(self, record: RecordedOrder, inspection: Inspection) -> Sequence[Claim]:
        """Return the claim on the number."""
        customer_id, _ = self.customers.get(record.customer_number, (None, None))
        recorded = self.recorded.get(record.order["order_number"])
        if customer_id is None:
            inspection.add(("customerNumber",), ViolationCode.UNKNOWN, None, NO_CUSTOMER)
        elif self.orders.replaces and recorded is not None and recorded.customer_id != customer_id:
            inspection.add(("customerNumber",), ViolationCode.INVALID, None, "The order is another customer's.")
        if record.username is not None:
            employed = self.users.get(looked_up(record.username), {})
            if not employed:
                inspection.add(("username",), ViolationCode.UNKNOWN, None, "The shop has no user of this address.")
            elif customer_id is not None and customer_id not in employed:
                inspection.add(("username",), ViolationCode.NOT_ALLOWED, None, "It is a user of another customer.")
        told = _TWICE if self.orders.replaces else _THERE
        return (Claim(("orderNumber",), record.order["order_number"], taken=told),)

    def _locale(self, record: RecordedOrder, channel: Channel) -> str:
        """Return the locale of an order: one that is not determined is the channel's."""
        told: str | None = record.order["locale"]
        return self.customers[record.customer_number][1] if told == OF_CUSTOMER else told or channel.default_locale

    async def write(self, session: AsyncSession, records: Sequence[RecordedOrder]) -> None:
        """Insert the orders with their parts."""
        if self.orders.replaces and self.recorded:
            # With all its parts.
            replaced = among(Order.id, [order.id for order in self.recorded.values()])
            await session.exec(sa.delete(Order).where(replaced))
        channel, now = self.orders.channel, self.orders.clock.now()
        orders: list[dict[str, object]] = []
        parts: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}
        for record, new_id in zip(records, new_ids(Order.letters, now), strict=False):
            recorded = self.recorded.get(record.order["order_number"])
            order_id = record.order["id"] = new_id if recorded is None else recorded.id
            customer_id, _ = self.customers[record.customer_number]
            user_id = self.users[looked_up(record.username)][customer_id] if record.username else None
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
                for row in rows:
                    row["order_id"] = order_id
                parts[name] += rows
        await insert_rows(session, Order, orders)
        for name, table in TABLES.items():
            await insert_rows(session, table, parts[name])
