"""The home of the rules of an order that a shop records, alone or from a file. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final

from db import lengths
from db.currencies import MOST_MONEY, digits_of
from db.enums import OrderAdjustmentType, OrderStatus
from resolvers.rules import search_text
from resolvers.rules.fields import Fields
from resolvers.rules.texts import FREE_TEXT, IDENTIFIER, PHONE_NUMBER
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.rules.inspection import Inspection

    Columns = dict[str, Any]
    """The values of a row by the names of their columns."""

MOST_PARTS: Final = 1000
"""Items, adjustments, taxes of one order."""

FIELDS: Final = frozenset(
    {
        "orderNumber", "customerNumber", "username", "orderDate", "locale", "status", "currency", "taxIncluded",
        "items", "adjustments", "taxes", "total", "billingAddress", "shippingAddress", "paymentMethod",
        "shippingMethod", "customData",
    }
)  # fmt: skip
ITEM_FIELDS: Final = frozenset(
    {"sku", "code", "name", "quantity", "unit", "unitPrice", "originalPrice", "linePrice", "imageUrl"}
)
ADJUSTMENT_FIELDS: Final = frozenset({"type", "name", "price"})
TAX_FIELDS: Final = frozenset({"name", "rate", "amount"})
POSTAL_ADDRESS: Final = {
    "title": lengths.TITLE,
    "firstName": lengths.NAME,
    "lastName": lengths.NAME,
    "company": lengths.COMPANY,
    "street": lengths.STREET,
    "zipCode": lengths.ZIP_CODE,
    "city": lengths.CITY,
    "region": lengths.REGION,
    "country": lengths.COUNTRY,
    "phoneNumber": lengths.PHONE_NUMBER,
    "emailAddress": lengths.EMAIL_ADDRESS,
}
"""The fields of an address as an order remembers it, with their longest texts."""
_POSTAL_ADDRESS_FIELDS = frozenset(POSTAL_ADDRESS)
_KINDS: Final = {"phoneNumber": PHONE_NUMBER}


@dataclass(frozen=True, slots=True)
class RecordedOrder:
    """An order that was checked: the columns of its rows, less its own id and what its customer and user are."""

    customer_number: str
    username: str | None
    order: Columns
    items: list[Columns]
    adjustments: list[Columns]
    taxes: list[Columns]


def checked_order(recorded: Mapping[str, object], inspection: Inspection) -> RecordedOrder:
    """Check an order; use what comes back only if *inspection* found nothing."""
    fields = Fields(recorded, inspection, FIELDS)
    customer_number = fields.text("customerNumber", lengths.NUMBER, IDENTIFIER, required=True)
    username = fields.username("username")
    order = _order(fields)
    currency = order["currency"]
    items, adjustments, taxes = _items(fields, currency), _adjustments(fields, currency), _taxes(fields, currency)
    told = fields.amount("total", currency)
    if not inspection.violations:
        order["total"] = _total(fields, told, items, adjustments, [] if order["tax_included"] else taxes)
        order["search_text"] = search_text.of_order(
            order["order_number"], [item["name"] for item in items], [item["sku"] for item in items]
        )
    return RecordedOrder(customer_number or "", username, order, items, adjustments, taxes)


def _order(fields: Fields) -> Columns:
    return {
        "order_number": fields.text("orderNumber", lengths.NUMBER, IDENTIFIER, required=True),
        "order_date": fields.time("orderDate", required=True),
        "locale": fields.locale("locale", required=True),
        "status": fields.member("status", OrderStatus, required=True),
        "currency": fields.currency("currency"),
        "tax_included": fields.boolean("taxIncluded", default=True),
        "billing_address": _snapshot(fields.part("billingAddress", _POSTAL_ADDRESS_FIELDS)),
        "shipping_address": _snapshot(fields.part("shippingAddress", _POSTAL_ADDRESS_FIELDS)),
        "payment_method": fields.text("paymentMethod", lengths.METHOD),
        "shipping_method": fields.text("shippingMethod", lengths.METHOD),
        "custom_data": fields.json("customData"),
    }


def _items(fields: Fields, currency: str | None) -> list[Columns]:
    parts = fields.parts("items", ITEM_FIELDS, MOST_PARTS, required=True)
    return [_item(part, currency, position) for position, part in enumerate(parts, 1)]


def _adjustments(fields: Fields, currency: str | None) -> list[Columns]:
    parts = fields.parts("adjustments", ADJUSTMENT_FIELDS, MOST_PARTS)
    return [_adjustment(part, currency, position) for position, part in enumerate(parts, 1)]


def _taxes(fields: Fields, currency: str | None) -> list[Columns]:
    parts = fields.parts("taxes", TAX_FIELDS, MOST_PARTS)
    return [_tax(part, currency, position) for position, part in enumerate(parts, 1)]


def _item(part: Fields, currency: str | None, position: int) -> Columns:
    unit_price = part.amount("unitPrice", currency, required=True)
    quantity = part.pieces("quantity")
    return {
        "position": position,
        "sku": part.text("sku", lengths.SKU, IDENTIFIER, required=True),
        "code": part.text("code", lengths.SKU, IDENTIFIER),
        "name": part.text("name", lengths.ITEM_NAME, required=True),
        "quantity": quantity,
        "unit": part.text("unit", lengths.UNIT),
        "unit_price": unit_price,
        "original_price": part.amount("originalPrice", currency),
        "line_price": _line_price(part, unit_price, quantity, currency),
        "currency": currency,
        "image_url": part.text("imageUrl", lengths.IMAGE_URL, IDENTIFIER),
    }


def _line_price(part: Fields, unit_price: Decimal | None, quantity: int | None, currency: str | None) -> Decimal | None:
    told = part.amount("linePrice", currency)
    if told is not None or unit_price is None or quantity is None or currency is None:
        return told
    price = rounded(unit_price * quantity, currency)
    if price.copy_abs() > MOST_MONEY:
        part.refuse("linePrice", ViolationCode.INVALID, f"An amount is at most {MOST_MONEY:,}.")
    return price


def _adjustment(part: Fields, currency: str | None, position: int) -> Columns:
    return {
        "position": position,
        "type": part.member("type", OrderAdjustmentType, required=True),
        "name": part.text("name", lengths.ITEM_NAME, required=True),
        "price": part.amount("price", currency, required=True),
        "currency": currency,
    }


def _tax(part: Fields, currency: str | None, position: int) -> Columns:
    rate = part.decimal("rate", required=True)
    if rate is not None and not 0 <= rate < 1000:  # noqa: PLR2004 - percent; no duty comes near
        part.refuse("rate", ViolationCode.INVALID, "A rate is in percent, from 0 to below 1000.")
    text = None if rate is None else format(rate, "f")
    if text is not None and len(text) > lengths.RATE:
        part.refuse("rate", ViolationCode.TOO_LONG, limit=lengths.RATE)
    return {
        "position": position,
        "name": part.text("name", lengths.ITEM_NAME, required=True),
        "rate": text,
        "amount": part.amount("amount", currency, required=True),
        "currency": currency,
    }


def _snapshot(part: Fields | None) -> Columns | None:
    if part is None:
        return None
    found: Columns = {
        name: part.country(name) if name == "country" else part.text(name, limit, _KINDS.get(name, FREE_TEXT))
        for name, limit in POSTAL_ADDRESS.items()
    }
    return found if any(found.values()) else None


def _total(
    fields: Fields, told: Decimal | None, items: list[Columns], adjustments: list[Columns], taxes: list[Columns]
) -> Decimal:
    parts = (
        *(item["line_price"] for item in items),
        *(adjustment["price"] for adjustment in adjustments),
        *(tax["amount"] for tax in taxes),
    )
    total = sum(parts, Decimal(0))
    if total.copy_abs() > MOST_MONEY:
        fields.refuse("total", ViolationCode.INVALID, f"An amount is at most {MOST_MONEY:,}.")
    elif told is not None and told != total:
        fields.refuse(
            "total", ViolationCode.INVALID, "It is not the sum of lines, adjustments, and taxes that are not included."
        )
    return total


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the digits of *currency*, as an invoice does."""
    return amount.quantize(Decimal(1).scaleb(-digits_of(currency)), ROUND_HALF_UP)
