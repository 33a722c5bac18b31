"""The home of the columns of CSV files: their names, and how a cell, which is a text, becomes a field of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.importing.job import Kind
from gateway.operator.settings import OperatorError
from resolvers.addresses import rules as addresses
from resolvers.customers import rules as customers
from resolvers.orders import rules as orders
from resolvers.rules.literals import parse_json_of_file
from resolvers.rules.violations import Violation, ViolationCode
from resolvers.users import rules as users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_POSTAL_ADDRESSES = ("billingAddress", "shippingAddress")

PARTS: Final = {
    part: (name, orders.PARTS[name].fields)
    for part, name in {
        "item": "items",
        "adjustment": "adjustments",
        "tax": "taxes",
        "shipment": "shipments",
        "document": "documents",
    }.items()
}
"""Of a column such as ``item.sku``: the list of the order that its row adds to, and the fields of the part."""

COLUMNS: Final = {
    Kind.CUSTOMERS: customers.FIELDS,
    Kind.USERS: users.FIELDS,
    Kind.ADDRESSES: addresses.FIELDS,
    Kind.ORDERS: frozenset(
        {
            *(orders.FIELDS - {name for name, _ in PARTS.values()} - set(_POSTAL_ADDRESSES)),
            *(f"{address}.{name}" for address in _POSTAL_ADDRESSES for name in orders.POSTAL_ADDRESS),
            *(f"{part}.{name}" for part, (_, names) in PARTS.items() for name in names),
        }
    ),
}
ORDER_NUMBER: Final = "orderNumber"
_REQUIRED: Final = {Kind.ORDERS: ORDER_NUMBER}

_BOOLEANS = {"true": True, "false": False}


def _boolean(cell: str) -> object:
    return _BOOLEANS.get(cell.lower(), cell)  # spreadsheets write TRUE


def _listed(cell: str) -> object:
    return [text.strip() for text in cell.split(";")]


# What can't be read stays a text, and the rules of the field refuse it.
_READ: Final[dict[str, Callable[[str], object]]] = {
    "taxIncluded": _boolean,
    "isDefault": _boolean,
    "enabled": _boolean,
    "confirmed": _boolean,
    "roles": _listed,
    "priceGroups": _listed,
    "customData": parse_json_of_file,
}


def require_columns(kind: Kind, columns: Sequence[str | None]) -> None:
    """Raise `OperatorError` where a file of *kind* can't do without a column that is not there."""
    if (needed := _REQUIRED.get(kind)) and needed not in columns:
        msg = f"The column {needed} is missing."
        raise OperatorError(msg)


def fields_of(columns: Iterable[tuple[str | None, str]]) -> tuple[dict[str, object], list[Violation]]:
    """Return the fields that cells tell, by names of columns, and what is wrong with them.

    An empty cell is no field.
    """
    fields: dict[str, object] = {}
    faults = []
    for name, cell in columns:
        if not cell or name is None or cell.isspace():
            continue
        part, dot, inner = name.rpartition(".")
        try:
            value = _READ[name](cell) if name in _READ else cell
        except ValueError:
            told = "Write JSON, in an object each name once."
            faults.append(Violation((name,), ViolationCode.INVALID, explanation=told))
            continue
        if not dot:
            fields[name] = value
        elif isinstance(nested := fields.setdefault(part, {}), dict):
            nested[inner] = value
    return fields, faults
