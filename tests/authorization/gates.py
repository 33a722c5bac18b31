"""The home of who may call which mutation: what a user must hold, and what an admin or an API key. By hand."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from db import models
from db.enums import AdminScope, Permission

if TYPE_CHECKING:
    from tests.authorization.population import Asker


class Of(Enum):
    """Whom a mutation is for, where neither a permission nor a scope says so."""

    ALL = "all of them"
    NONE = "none of them"
    SESSIONS = "those who have a session"


class Gate(NamedTuple):
    """What users need, and what staff need."""

    users: Permission | Of
    staff: AdminScope | Of


MANAGING = Gate(Permission.ADDRESSES_MANAGE, AdminScope.CUSTOMERS_WRITE)
GATES = {
    "updatePassword": Gate(Of.ALL, Of.NONE),
    "changeEmailAddress": Gate(Of.ALL, Of.NONE),
    "signOut": Gate(Of.ALL, Of.SESSIONS),
    "revokeSession": Gate(Of.ALL, Of.SESSIONS),
    "updateUser": Gate(Of.ALL, AdminScope.CUSTOMERS_WRITE),
    "updateCustomer": Gate(Permission.CUSTOMER_UPDATE, AdminScope.CUSTOMERS_WRITE),
    **dict.fromkeys(("createAddress", "updateAddress", "deleteAddress", "setDefaultAddress"), MANAGING),
    "createCustomer": Gate(Of.NONE, AdminScope.CUSTOMERS_WRITE),
    "storePaymentInstrument": Gate(Of.NONE, AdminScope.PAYMENT_INSTRUMENTS_WRITE),
    "recordOrders": Gate(Of.NONE, AdminScope.ORDERS_WRITE),
    "deletePaymentInstrument": Gate(Permission.PAYMENT_INSTRUMENTS_DELETE, AdminScope.PAYMENT_INSTRUMENTS_WRITE),
}
"""The mutations that are not for anyone."""


def refusal(asker: Asker, name: str) -> str | None:
    """Return the code that *asker* is refused with by the mutation *name*, whatever it is about."""
    gate = GATES[name]
    if asker.is_nobody:
        return "UNAUTHENTICATED"
    if asker.user is not None:
        is_open = gate.users is Of.ALL or gate.users in asker.permissions
    else:
        has_session = gate.staff is Of.SESSIONS and isinstance(asker.staff, models.Admin)
        is_open = has_session or gate.staff in (asker.staff.scopes if asker.staff else ())
    return None if is_open else "FORBIDDEN"


def acts_for(asker: Asker, customer_id: str) -> bool:
    """Tell whether *asker*, whom no gate refuses, may act for a customer."""
    if asker.user is not None:
        return asker.user.customer_id == customer_id
    customer: Any = asker.population.by_id[customer_id]
    return not asker.is_nobody and customer.channel_id == asker.channel.id
