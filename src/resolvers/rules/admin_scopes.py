"""The home of what the scopes of admins and API keys contain. Data. Pure."""

from __future__ import annotations

from typing import Final

from db.enums import AdminScope

_CONTAINS: Final[dict[AdminScope, tuple[AdminScope, ...]]] = {
    AdminScope.CUSTOMERS_WRITE: (AdminScope.CUSTOMERS_READ,),
    AdminScope.ORDERS_READ: (AdminScope.CUSTOMERS_READ,),
    AdminScope.ORDERS_WRITE: (AdminScope.ORDERS_READ,),
    AdminScope.PAYMENT_INSTRUMENTS_WRITE: (AdminScope.CUSTOMERS_READ,),
    AdminScope.ACCESS_REQUESTS: (AdminScope.CUSTOMERS_READ,),
    AdminScope.SETTINGS: (AdminScope.CUSTOMERS_READ,),
}
"""What whoever holds a scope may do besides; what these contain comes with them."""

WRITING: Final = frozenset({AdminScope.CUSTOMERS_WRITE, AdminScope.ORDERS_WRITE, AdminScope.PAYMENT_INSTRUMENTS_WRITE})
"""Those by which much is written at once."""


def contained(scope: AdminScope) -> frozenset[AdminScope]:
    """Return all that *scope* lets do, itself included."""
    return frozenset({scope}).union(*map(contained, _CONTAINS.get(scope, ())))


def granting(scope: AdminScope) -> tuple[AdminScope, ...]:
    """Return the scopes that let do what *scope* names, in the order of the enum."""
    return tuple(found for found in AdminScope if scope in contained(found))
