"""The home of the rules of an order that a shop records, alone or from a file. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from db import lengths
from db.currencies import MOST_MONEY
from db.enums import OrderAdjustmentType, OrderDocumentKind, OrderStatus
from resolvers.rules import amounts, countries, search_text
from resolvers.rules.fields import Fields
from resolvers.rules.texts import FREE_TEXT, IDENTIFIER, PHONE_NUMBER
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.rules.inspection import Inspection
    from resolvers.rules.texts import Kind

    Columns = dict[str, Any]
    """The values of a row by the names of their columns."""

OF_CUSTOMER: Final = ""
"""In place of the locale of an order: that of its customer."""
MOST_PARTS: Final = 1000
"""Of each kind of an order: items, adjustments and so on."""

_OWN: Final = frozenset(
    {
        "orderNumber", "customerNumber", "username", "orderDate", "locale", "status", "currency", "taxIncluded",
        "total", "billingAddress", "shippingAddress", "paymentMethod", "shippingMethod", "customData",
    }
)  # fmt: skip
POSTAL_ADDRESS: Final = (
    "title", "firstName", "lastName", "company", "street", "zipCode", "city", "region", "country", "phoneNumber",
    "emailAddress",
)  # fmt: skip
"""The fields of an address as an order remembers it."""
_POSTAL_ADDRESS_FIELDS = frozenset(POSTAL_ADDRESS)
_PRINTED: Final[Mapping[str, Kind]] = {
    name: PHONE_NUMBER if name == "phoneNumber" else FREE_TEXT for name in POSTAL_ADDRESS if name != "country"
}
_SCHEME: Final = re.compile(r"\s*([a-z][a-z0-9+.-]*):", re.ASCII | re.IGNORECASE)
_LESS: Final = frozenset({OrderAdjustmentType.DISCOUNT, OrderAdjustmentType.PROMOTION})
"""Adjustments by which an order costs less."""


@dataclass(frozen=True, slots=True)
class RecordedOrder:
    """An order that was checked: the columns of its rows, less what its customer and user are; its id once it is in."""

    customer_number: str
    username: str | None
    order: Columns
    parts: dict[str, list[Columns]]
    """By the names of `PARTS`."""
    is_unchecked: bool
    """Whether nobody told the total, which checks that no line is missing."""


def checked_order(recorded: Mapping[str, object], inspection: Inspection) -> RecordedOrder:
    """Check an order; use what comes back only if *inspection* found nothing."""
    fields = Fields(recorded, inspection, FIELDS)
    customer_number = fields.text("customerNumber", lengths.NUMBER, IDENTIFIER, required=True)
    username = fields.username("username")
    order = _order(fields, inspection)
    currency = order["currency"]
    parts = {
        name: [
            {"position": position, **part.read(found, currency)}
            for position, found in enumerate(fields.parts(name, part.fields, MOST_PARTS, required=part.is_required), 1)
        ]
        for name, part in PARTS.items()
    }
    told = amounts.amount(fields, "total", currency)
    if not inspection.violations:
        order["total"] = _total(fields, told, order, parts)
        items = parts["items"]
        order["search_text"] = search_text.of_order(
            order["order_number"], [item["name"] for item in items], [item["sku"] for item in items]
        )
    return RecordedOrder(customer_number or "", username, order, parts, is_unchecked=told is None)


def _locale(fields: Fields, inspection: Inspection) -> str | None:
    """Read the locale; `OF_CUSTOMER` where a file tells none, None where it says that it is not determined."""
    if inspection.of_file and fields.value("locale", required=False) is None:
        return OF_CUSTOMER
    return fields.locale("locale", required=not inspection.of_file)


def _order(fields: Fields, inspection: Inspection) -> Columns:
    return {
        "order_number": fields.text("orderNumber", lengths.NUMBER, IDENTIFIER, required=True),
        "order_date": fields.time("orderDate", required=True),
        "locale": _locale(fields, inspection),
        "status": fields.member("status", OrderStatus, required=True),
        "currency": amounts.currency(fields, "currency"),
        "tax_included": fields.boolean("taxIncluded", default=True),
        "billing_address": _snapshot(fields.part("billingAddress", _POSTAL_ADDRESS_FIELDS)),
        "shipping_address": _snapshot(fields.part("shippingAddress", _POSTAL_ADDRESS_FIELDS)),
        "payment_method": fields.text("paymentMethod", lengths.METHOD),
        "shipping_method": fields.text("shippingMethod", lengths.METHOD),
        "custom_data": fields.json("customData"),
    }


def _item(part: Fields, currency: str | None) -> Columns:
    unit_price = amounts.price(part, "unitPrice", required=True)
    quantity = amounts.quantity(part, "quantity")
    return {
        "sku": part.text("sku", lengths.SKU, IDENTIFIER, required=True),
        "code": part.text("code", lengths.SKU, IDENTIFIER),
        "name": part.text("name", lengths.ITEM_NAME, required=True),
        "quantity": quantity,
        "unit": part.text("unit", lengths.UNIT),
        "unit_price": unit_price,
        "original_price": amounts.price(part, "originalPrice"),
        "line_price": _line_price(part, unit_price, quantity, currency),
        "currency": currency,
        "image_url": _image_url(part),
    }


def _image_url(part: Fields) -> str | None:
    url = part.text("imageUrl", lengths.IMAGE_URL, IDENTIFIER)
    # Of other schemes some run in a page that links to what it shows.
    if url is not None and (scheme := _SCHEME.match(url)) and scheme[1].lower() not in {"http", "https"}:
        part.misspelt("imageUrl", "Write an address that begins with https://, or a path.")
        return None
    return url


def _line_price(
    part: Fields, unit_price: Decimal | None, quantity: Decimal | None, currency: str | None
) -> Decimal | None:
    told = amounts.amount(part, "linePrice", currency)
    if told is not None or unit_price is None or quantity is None or currency is None:
        return told
    price = amounts.rounded(unit_price * quantity, currency)
    if price.copy_abs() > MOST_MONEY:
        part.wrong("linePrice", amounts.TOO_MUCH)
    return price


def _adjustment(part: Fields, currency: str | None) -> Columns:
    type_ = part.member("type", OrderAdjustmentType, required=True)
    price = amounts.amount(part, "price", currency, required=True)
    if type_ is not None and type_ in _LESS and price is not None and price > 0:
        part.wrong("price", f"A {type_.lower()} is negative: it is added to the lines.")
    name = part.text("name", lengths.ITEM_NAME, required=True)
    return {"type": type_, "name": name, "price": price, "currency": currency}


def _tax(part: Fields, currency: str | None) -> Columns:
    rate = amounts.decimal(part, "rate", required=True)
    if rate is not None and not 0 <= rate < 1000:  # noqa: PLR2004 - percent; no duty comes near
        part.wrong("rate", "A rate is in percent, from 0 to below 1000.")
    text = None if rate is None else format(rate.copy_abs(), "f")
    if text is not None and len(text) > lengths.RATE:
        part.refuse("rate", ViolationCode.TOO_LONG, limit=lengths.RATE)
    return {
        "name": part.text("name", lengths.ITEM_NAME, required=True),
        "rate": text,
        "amount": amounts.amount(part, "amount", currency, required=True),
        "currency": currency,
    }


def _shipment(part: Fields, _currency: str | None) -> Columns:
    return {
        "carrier": part.text("carrier", lengths.CARRIER, required=True),
        "tracking_number": part.text("trackingNumber", lengths.TRACKING_NUMBER, IDENTIFIER),
        "tracking_url": part.url("trackingUrl", lengths.URL),
        "shipped_at": part.time("shippedAt"),
        "delivered_at": part.time("deliveredAt"),
    }


def _document(part: Fields, _currency: str | None) -> Columns:
    return {
        "kind": part.member("kind", OrderDocumentKind, required=True),
        "title": part.text("title", lengths.DOCUMENT_TITLE, required=True),
        "url": part.url("url", lengths.URL, required=True),
        "issued_on": part.day("issuedOn"),
    }


def _snapshot(part: Fields | None) -> Columns | None:
    if part is None:
        return None
    found: Columns = {name: part.text(name, lengths.PRINTED, kind, multiline=True) for name, kind in _PRINTED.items()}
    if not "".join(filter(None, found.values())).isprintable():
        found = {name: text and _in_one_line(text) for name, text in found.items()}
    found["country"] = countries.country(part, "country")
    return found if any(found.values()) else None


def _in_one_line(text: str) -> str:
    return ", ".join(filter(None, map(str.strip, text.splitlines())))


def _total(fields: Fields, told: Decimal | None, order: Columns, parts: dict[str, list[Columns]]) -> Decimal:
    summed = (
        *(item["line_price"] for item in parts["items"]),
        *(adjustment["price"] for adjustment in parts["adjustments"]),
        *(tax["amount"] for tax in parts["taxes"] if not order["tax_included"]),
    )
    total = sum(summed, Decimal(0))
    if total.copy_abs() > MOST_MONEY:
        fields.wrong("total", amounts.TOO_MUCH)
    elif told is not None and told != total:
        fields.wrong("total", f"It is not the sum of lines, adjustments, and taxes that are not included: {total:f}.")
    return total


@dataclass(frozen=True, slots=True)
class _Part:
    """What an order has several of: the names of its fields, and how they are read."""

    fields: frozenset[str]
    read: Callable[[Fields, str | None], Columns]
    is_required: bool = False
    """Whether the list must be told, be it empty."""


PARTS: Final = {
    "items": _Part(
        frozenset({"sku", "code", "name", "quantity", "unit", "unitPrice", "originalPrice", "linePrice", "imageUrl"}),
        _item,
        is_required=True,
    ),
    "adjustments": _Part(frozenset({"type", "name", "price"}), _adjustment),
    "taxes": _Part(frozenset({"name", "rate", "amount"}), _tax),
    "shipments": _Part(frozenset({"carrier", "trackingNumber", "trackingUrl", "shippedAt", "deliveredAt"}), _shipment),
    "documents": _Part(frozenset({"kind", "title", "url", "issuedOn"}), _document),
}
"""The lists of an order, by name."""
FIELDS: Final = _OWN | PARTS.keys()
