"""The home of the built-in roles: every channel starts with them. Data. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from db.enums import Permission

CUSTOMER_ADMIN = "customer-admin"


@dataclass(frozen=True, slots=True)
class BuiltInRole:
    """A role under its *code*; every role contains CUSTOMER_READ."""

    code: str
    name: str
    permissions: tuple[Permission, ...]


BUILT_IN_ROLES = (
    BuiltInRole(CUSTOMER_ADMIN, "Customer admin", tuple(Permission)),
    BuiltInRole(
        "buyer",
        "Buyer",
        (
            Permission.CUSTOMER_READ,
            Permission.ADDRESSES_MANAGE,
            Permission.ORDERS_READ_OWN,
            Permission.PAYMENT_INSTRUMENTS_READ,
            Permission.PAYMENT_INSTRUMENTS_DELETE,
        ),
    ),
    BuiltInRole("viewer", "Viewer", (Permission.CUSTOMER_READ, Permission.ORDERS_READ)),
)
