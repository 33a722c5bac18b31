"""Turns orders from WooCommerce's REST API into orders and customers for `gateway import`.

    python woocommerce.py orders.json de_CH into

The file holds answers of `GET /wp-json/wc/v3/orders`, a page after the other. The directory "into" gets customers.jsonl
and orders.jsonl: import the customers first. Lines, shipping and fees are net there, whatever `prices_include_tax`
says, and so the taxes are added. Lines come in before coupons: what these took off is an adjustment. `total` stays as
it was before refunds.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from html import unescape
from pathlib import Path
from typing import Any

STATUSES = {
    "pending": "PAYMENT_PENDING", "on-hold": "PAYMENT_PENDING", "processing": "PURCHASED", "completed": "SHIPPED",
    "cancelled": "CANCELED", "failed": "CANCELED", "refunded": "REFUNDED",
}  # fmt: skip
NO_ORDERS = {"checkout-draft", "auto-draft", "trash"}
_PERCENT = re.compile(r"(?<![\d.,])\d+(?:[.,]\d+)?(?=\s?%)")


Record = dict[str, Any]


def text_of(told: str | None) -> str:
    """Return a text without HTML's entities, which WooCommerce stores: it writes the percent sign of a tax as one."""
    return unescape(told or "").strip()


def plain(amount: Decimal) -> str:
    """Return a number without an exponent."""
    return format(amount, "f")


def sum_of(lines: list[Record], name: str = "total") -> Decimal:
    """Return the sum of a column."""
    return sum((Decimal(line[name] or 0) for line in lines), Decimal(0))


def number_of(told: Record) -> str:
    """Return the number of the customer."""
    # Nobody has proven that a guest's e-mail address is the guest's: two orders may be of two people.
    return str(told["customer_id"]) if told["customer_id"] else f"guest-{told['number']}"


def customer(told: Record) -> Record:
    """Return the customer of an order."""
    billing = told["billing"]
    found = {"customerNumber": number_of(told), "emailAddress": text_of(billing.get("email"))}
    names = {"firstName": ("first_name", 30), "lastName": ("last_name", 30), "company": ("company", 50)}
    return found | {name: text_of(billing.get(theirs))[:most] for name, (theirs, most) in names.items()}


def address(told: Record) -> Record | None:
    """Return an address, if there is any."""
    names = {
        "firstName": "first_name", "lastName": "last_name", "company": "company", "zipCode": "postcode", "city": "city",
        "region": "state", "country": "country", "phoneNumber": "phone", "emailAddress": "email",
    }  # fmt: skip
    found = {name: text_of(told.get(theirs)) for name, theirs in names.items()}
    found["street"] = ", ".join(filter(None, (text_of(told.get(line)) for line in ("address_1", "address_2"))))
    return {name: value for name, value in found.items() if value} or None


def item(line: Record) -> Record:
    """Return an item, as it was before coupons."""
    name, quantity, subtotal = text_of(line["name"]), Decimal(line["quantity"]), Decimal(line["subtotal"])
    # Not "price": it is a float, after coupons.
    price = subtotal / quantity if quantity else subtotal
    return {
        "sku": line["sku"] or f"without-{name}"[:100],
        "name": name[:200],
        "quantity": plain(quantity),
        "unitPrice": plain(price.quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize()),
        "linePrice": plain(subtotal),
    }


def adjustments(told: Record) -> Iterator[Record]:
    """Yield what the order costs more or less than its lines."""
    for line in told["shipping_lines"]:
        if price := Decimal(line["total"]):
            yield {"type": "SHIPPING", "name": text_of(line["method_title"]) or "Shipping", "price": plain(price)}
    for line in told["fee_lines"]:
        if price := Decimal(line["total"]):
            kind = "SURCHARGE" if price > 0 else "DISCOUNT"
            yield {"type": kind, "name": text_of(line["name"]) or "Fee", "price": plain(price)}
    # What each coupon took off is told unrounded: their sum is what the lines lost.
    if less := sum_of(told["line_items"]) - sum_of(told["line_items"], "subtotal"):
        codes = ", ".join(text_of(coupon["code"]) for coupon in told["coupon_lines"])[:200]
        kind = "SURCHARGE" if less > 0 else "PROMOTION" if codes else "DISCOUNT"
        yield {"type": kind, "name": codes or "Discount", "price": plain(less)}
    if rounding := rounding_of(told):
        kind = "SURCHARGE" if rounding > 0 else "DISCOUNT"
        yield {"type": kind, "name": "Rounding", "price": plain(rounding)}


def rounding_of(told: Record) -> Decimal:
    """Return what the total has more than its parts because the API rounds each of these; 0 if that can't be why."""
    lines = [line for name in ("line_items", "shipping_lines", "fee_lines") for line in told[name]]
    rest = Decimal(told["total"]) - sum_of(lines) - sum(map(amount_of, told["tax_lines"]))
    # More than half of the last digit a part is something else: the order is to be refused, and looked at.
    half = Decimal(5).scaleb(-1 - len(told["total"].partition(".")[2]))
    return rest if abs(rest) <= half * (len(lines) + 2 * len(told["tax_lines"])) else Decimal(0)


def amount_of(tax: Record) -> Decimal:
    """Return the amount of a tax: that of the goods and that of shipping."""
    return Decimal(tax["tax_total"] or 0) + Decimal(tax["shipping_tax_total"] or 0)


def taxes(told: Record) -> Iterator[Record]:
    """Yield the taxes."""
    for tax in told["tax_lines"]:
        label = text_of(tax["label"]) or "Tax"
        # Orders of before WooCommerce 3.7 have no rate, or 0: the label may tell it, "MwSt. 7.7%".
        found = _PERCENT.search(label)
        rate = Decimal(tax.get("rate_percent") or (found[0].replace(",", ".") if found else 0))
        yield {"name": label[:200], "rate": plain(round(rate, 4).normalize()), "amount": plain(amount_of(tax))}


def status(told: Record) -> str:
    """Return how far the order has come."""
    found = STATUSES.get(told["status"].removeprefix("wc-"), "UNKNOWN")
    if not told["refunds"] or found not in {"PURCHASED", "SHIPPED"}:
        return found
    return "REFUNDED" if -sum_of(told["refunds"]) == Decimal(told["total"]) else "RETURNED_PARTIAL"


def order(told: Record, locale: str) -> Record:
    """Return an order as files have it."""
    # GMT is written without an offset: it would be no point in time.
    ordered = told["date_created_gmt"] and f"{told['date_created_gmt']}Z"
    methods = ", ".join(text_of(line["method_title"]) for line in told["shipping_lines"])
    return {
        "orderNumber": told["number"], "customerNumber": number_of(told), "orderDate": ordered, "locale": locale,
        "status": status(told), "currency": told["currency"], "taxIncluded": False,
        "items": [item(line) for line in told["line_items"]], "adjustments": list(adjustments(told)),
        "taxes": list(taxes(told)), "total": told["total"], "billingAddress": address(told["billing"]),
        "shippingAddress": address(told["shipping"]), "paymentMethod": text_of(told["payment_method_title"])[:100],
        "shippingMethod": methods[:100],
    }  # fmt: skip


def orders_of(text: str) -> Iterator[Record]:
    """Yield the orders of all pages, once each: one that is placed meanwhile moves others to the next page."""
    decoder, seen = json.JSONDecoder(parse_float=Decimal), set[int]()
    while text := text.lstrip():
        page, end = decoder.raw_decode(text)
        text = text[end:]
        for told in page:
            if told["id"] not in seen and told["status"].removeprefix("wc-") not in NO_ORDERS:
                seen.add(told["id"])
                yield told


def main(file: str, locale: str, into: str) -> None:
    """Write customers and orders."""
    customers: dict[str, Record] = {}
    folder = Path(into)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "orders.jsonl").open("w") as orders:
        for told in orders_of(Path(file).read_text("utf-8-sig")):
            orders.write(json.dumps(order(told, locale)) + "\n")
            found = customer(told)
            customers.setdefault(found["customerNumber"], {name: value for name, value in found.items() if value})
    (folder / "customers.jsonl").write_text("".join(json.dumps(found) + "\n" for found in customers.values()))


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) == 4 else sys.exit(__doc__)  # noqa: PLR2004 - a file, a locale, a directory
