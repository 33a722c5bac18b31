"""The home of what permissions of users, and scopes of admins and API keys, contain. Data. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from db.enums import AdminScope, Permission

if TYPE_CHECKING:
    from collections.abc import Iterable

Right = TypeVar("Right", bound=Permission | AdminScope)

_CONTAINS: Final[dict[type, dict[str, tuple[Any, ...]]]] = {
    Permission: {
        Permission.ORDERS_READ: (Permission.ORDERS_READ_OWN,),
        Permission.PAYMENT_INSTRUMENTS_DELETE: (Permission.PAYMENT_INSTRUMENTS_READ,),
        Permission.USERS_MANAGE: (Permission.USERS_READ,),
        Permission.ACCESS_REQUESTS_APPROVE: (Permission.USERS_READ,),
    },
    AdminScope: {
        AdminScope.CUSTOMERS_WRITE: (AdminScope.CUSTOMERS_READ,),
        AdminScope.ORDERS_READ: (AdminScope.CUSTOMERS_READ,),
        AdminScope.ORDERS_WRITE: (AdminScope.ORDERS_READ,),
        AdminScope.PAYMENT_INSTRUMENTS_WRITE: (AdminScope.CUSTOMERS_READ,),
        AdminScope.ACCESS_REQUESTS: (AdminScope.CUSTOMERS_READ,),
        AdminScope.SETTINGS: (AdminScope.CUSTOMERS_READ,),
    },
}
"""What whoever holds a right may do besides; what these contain comes with them.

By kind: a member of a text enum equals one of the other with the same name.
"""

WRITING: Final = frozenset({AdminScope.CUSTOMERS_WRITE, AdminScope.ORDERS_WRITE, AdminScope.PAYMENT_INSTRUMENTS_WRITE})
"""The scopes by which much is written at once."""


def contained(rights: Iterable[Right]) -> frozenset[Right]:
    """Return all that *rights* let do, themselves included."""
    found = frozenset(rights)
    more = found.union(*(_CONTAINS[type(right)].get(right, ()) for right in found))
    return found if more == found else contained(more)


def granting(scope: AdminScope) -> tuple[AdminScope, ...]:
    """Return the scopes that let do what *scope* names, in the order of the enum."""
    return tuple(found for found in AdminScope if scope in contained({found}))
