"""The home of where records go: for each kind of file the rules and the writer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.importing.job import Kind
from resolvers.importing.addresses import Addresses
from resolvers.importing.customers import Customers
from resolvers.importing.orders import Orders
from resolvers.importing.users import Users

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.models import Channel
    from resolvers.importing.intake import Intake
    from resolvers.ports import Clock

INTAKES: Final[dict[Kind, Callable[[Channel, Clock], Intake[Any, Any]]]] = {
    Kind.CUSTOMERS: Customers,
    Kind.USERS: Users,
    Kind.ADDRESSES: Addresses,
    Kind.ORDERS: Orders,
}
