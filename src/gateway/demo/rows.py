"""The home of how demo rows belong together, what follows from them, and in which order they are inserted."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from db.models import UserRole
from resolvers import search_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel import SQLModel
    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.models import Address, Customer, Order, OrderAdjustment, OrderItem, OrderTax, Role, User

CENT = Decimal("0.01")
ZERO = Decimal(0)

POSTAL_ADDRESS: dict[str, str | None] = dict.fromkeys(
    (
        "title",
        "firstName",
        "lastName",
        "company",
        "street",
        "zipCode",
        "city",
        "region",
        "country",
        "phoneNumber",
        "emailAddress",
    )
)
"""An address as an order remembers it, without content."""


@dataclass(frozen=True, slots=True)
class Account:
    """A customer with its one user and its address book."""

    customer: Customer
    user: User
    addresses: list[Address]

    def searchable(self) -> Account:
        """Write what the customer is found by."""
        customer = self.customer
        customer.search_text = search_text.of_customer(
            customer.customer_number,
            first_name=customer.first_name,
            last_name=customer.last_name,
            company=customer.company,
            email_addresses=(customer.email_address, *(address.email_address for address in self.addresses)),
        )
        return self


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """An order and all that hangs on it."""

    order: Order
    items: list[OrderItem]
    adjustments: list[OrderAdjustment]
    taxes: list[OrderTax]

    def summed_up(self) -> PlacedOrder:
        """Write what follows from the parts, the total and the search text, into the order."""
        total = sum((item.line_price for item in self.items), ZERO)
        total += sum((adjustment.price for adjustment in self.adjustments), ZERO)
        if not self.order.tax_included:
            total += sum((tax.amount for tax in self.taxes), ZERO)
        self.order.total = total
        self.order.search_text = search_text.of_order(
            self.order.order_number, [item.name for item in self.items], [item.sku for item in self.items]
        )
        return self


def to_the_cent(amount: Decimal) -> Decimal:
    """Round half up, as an invoice does."""
    return amount.quantize(CENT, ROUND_HALF_UP)


async def write(session: AsyncSession, *tables: Sequence[SQLModel]) -> None:
    """Insert *tables* one after the other, so that every foreign key finds its row."""
    for rows in tables:
        session.add_all(rows)
        await session.flush()


async def write_accounts(session: AsyncSession, accounts: Sequence[Account], role: Role) -> None:
    """Insert customers with their address books and users, who hold *role*."""
    await write(
        session,
        [account.customer for account in accounts],
        [account.user for account in accounts],
        [UserRole(user_id=account.user.id, role_id=role.id) for account in accounts],
        [address for account in accounts for address in account.addresses],
    )


async def write_orders(session: AsyncSession, placed: Sequence[PlacedOrder]) -> None:
    """Insert orders with their parts."""
    await write(
        session,
        [each.order for each in placed],
        [item for each in placed for item in each.items],
        [adjustment for each in placed for adjustment in each.adjustments],
        [tax for each in placed for tax in each.taxes],
    )
