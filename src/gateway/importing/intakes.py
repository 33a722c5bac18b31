"""The home of where records go: for each kind of file the rules and the writer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.importing.job import Kind
from resolvers.addresses.intake import Addresses
from resolvers.customers.intake import Customers
from resolvers.orders.intake import Orders
from resolvers.users.intake import Users

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.models import Channel
    from resolvers.intake import Intake
    from resolvers.ports import Clock

INTAKES: Final[dict[Kind, Callable[[Channel, Clock], Intake[Any]]]] = {
    Kind.CUSTOMERS: Customers,
    Kind.USERS: Users,
    Kind.ADDRESSES: Addresses,
    Kind.ORDERS: Orders,
}
