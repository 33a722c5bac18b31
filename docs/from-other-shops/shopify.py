"""Turns an export of orders from Shopify's admin (CSV) into orders and customers for `gateway import`.

    python shopify.py orders_export.csv de_CH into

The directory "into" gets customers.jsonl and orders.jsonl: import the customers first. A customer is known by the
e-mail address; who has none is a guest of one order. What Shopify tells of an order stands on its first row, its other
items on rows below. Amounts are taken as they are: what "Subtotal" has less than the lines is the discount, and a
refund is told by the status.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

STATUSES = {
    "pending": "PAYMENT_PENDING", "authorized": "PAYMENT_PENDING", "paid": "PURCHASED", "partially_paid": "PURCHASED",
    "partially_refunded": "RETURNED_PARTIAL", "refunded": "REFUNDED", "voided": "CANCELED", "expired": "CANCELED",
}  # fmt: skip
_LONGEST_NUMBER = 40


Row = dict[str, str]
Record = dict[str, Any]


def number_of(first: Row) -> str:
    """Return the number of the customer."""
    email = first["Email"].strip().lower() or f"guest-{first['Name'].lstrip('#')}"
    # What is cut off could be all that tells two customers from each other.
    return email if len(email) <= _LONGEST_NUMBER else f"{email[:31]}-{sha256(email.encode()).hexdigest()[:8]}"


def customer(first: Row) -> Record:
    """Return the customer of an order."""
    name = first["Billing Name"].split()
    found = {
        "customerNumber": number_of(first),
        "firstName": " ".join(name[:-1])[:30],
        "lastName": "".join(name[-1:])[:30],
    }
    return {**found, "company": first["Billing Company"][:50], "emailAddress": first["Email"].strip()}


def address(first: Row, kind: str) -> Record | None:
    """Return the billing or shipping address, if there is any."""
    found = {
        "lastName": first[f"{kind} Name"], "company": first[f"{kind} Company"], "street": first[f"{kind} Street"],
        "zipCode": first[f"{kind} Zip"].lstrip("'"), "city": first[f"{kind} City"], "region": first[f"{kind} Province"],
        "country": first[f"{kind} Country"], "phoneNumber": first[f"{kind} Phone"].lstrip("'"),
    }  # fmt: skip
    return found if any(found.values()) else None


def item(row: Row) -> Record:
    """Return the item of a row."""
    price, quantity = Decimal(row["Lineitem price"]), Decimal(row["Lineitem quantity"])
    found = {
        "sku": row["Lineitem sku"] or f"without-{row['Lineitem name']}"[:100],
        "name": row["Lineitem name"][:200],
        "quantity": row["Lineitem quantity"],
        "unitPrice": str(price),
        "linePrice": str(price * quantity),
    }
    if row["Lineitem compare at price"]:
        found["originalPrice"] = row["Lineitem compare at price"]
    return found


def adjustments(first: Row, lines: Decimal, *, included: bool) -> Iterator[Record]:
    """Yield what the order costs more or less than its lines."""
    shipping = Decimal(first["Shipping"] or 0)
    if shipping:
        yield {"type": "SHIPPING", "name": first["Shipping Method"] or "Shipping", "price": str(shipping)}
    less = Decimal(first["Subtotal"]) - lines
    if less:
        kind = "PROMOTION" if first["Discount Code"] else "DISCOUNT" if less < 0 else "SURCHARGE"
        yield {"type": kind, "name": first["Discount Code"] or "Discount", "price": str(less)}
    # Gift cards, tips and duties have no columns of their own: they are what is left of the total.
    rest = Decimal(first["Total"]) - Decimal(first["Subtotal"]) - shipping - (0 if included else taxes_of(first))
    if rest:
        yield {"type": "SURCHARGE" if rest > 0 else "DISCOUNT", "name": "Other", "price": str(rest)}


def taxes_of(first: Row) -> Decimal:
    """Return the sum of the taxes."""
    return Decimal(first["Taxes"] or 0)


def is_included(first: Row) -> bool | None:
    """Tell whether the taxes are part of the prices; None where neither makes the total, as with a tip."""
    rest = Decimal(first["Total"]) - Decimal(first["Subtotal"]) - Decimal(first["Shipping"] or 0)
    return {Decimal(0): True, taxes_of(first): False}.get(rest) if taxes_of(first) else True


def taxes(first: Row) -> Iterator[Record]:
    """Yield the taxes."""
    for number in range(1, 6):
        # "VAT 7.7%": where the rate is not told, it is 0.
        name, amount = first.get(f"Tax {number} Name", ""), first.get(f"Tax {number} Value", "")
        if amount:
            words = [word.rstrip("%") for word in name.split() if word.endswith("%")]
            yield {"name": name or "Tax", "rate": words[-1] if words else "0", "amount": amount}


def status(first: Row) -> str:
    """Return how far the order has come."""
    if first["Cancelled at"]:
        return "CANCELED"
    found = STATUSES.get(first["Financial Status"], "UNKNOWN")
    return "SHIPPED" if found == "PURCHASED" and first["Fulfillment Status"] == "fulfilled" else found


def order(rows: list[Row], locale: str, *, usually_included: bool) -> Record:
    """Return the order of its rows."""
    first = rows[0]
    told = is_included(first)
    included = usually_included if told is None else told
    items = [item(row) for row in rows if row["Lineitem name"]]
    lines = sum((Decimal(each["linePrice"]) for each in items), Decimal(0))
    return {
        "orderNumber": first["Name"], "customerNumber": number_of(first), "orderDate": first["Created at"],
        "locale": locale, "status": status(first), "currency": first["Currency"], "taxIncluded": included,
        "items": items, "adjustments": list(adjustments(first, lines, included=included)), "taxes": list(taxes(first)),
        "total": first["Total"], "billingAddress": address(first, "Billing"),
        "shippingAddress": address(first, "Shipping"), "paymentMethod": first["Payment Method"][:100],
        "shippingMethod": first["Shipping Method"][:100],
    }  # fmt: skip


def main(file: str, locale: str, into: str) -> None:
    """Write customers and orders."""
    customers: dict[str, Record] = {}
    folder = Path(into)
    folder.mkdir(parents=True, exist_ok=True)
    with Path(file).open(encoding="utf-8-sig", newline="") as opened, (folder / "orders.jsonl").open("w") as orders:
        table = csv.DictReader(opened)
        if missing := {"Name", "Email", "Lineitem price", "Total"} - {*(table.fieldnames or ())}:
            sys.exit(f"{file} is no CSV of orders as Shopify writes it: it has no column {min(missing)}.")
        groups = [list(group) for _name, group in groupby(table, lambda row: row["Name"])]
        # Of an order with a tip or a gift card nobody can tell, but a shop has one way for nearly all.
        known = Counter(is_included(rows[0]) for rows in groups if taxes_of(rows[0]))
        for rows in groups:
            orders.write(json.dumps(order(rows, locale, usually_included=known[True] >= known[False])) + "\n")
            found = customer(rows[0])
            customers.setdefault(found["customerNumber"], {name: value for name, value in found.items() if value})
    (folder / "customers.jsonl").write_text("".join(json.dumps(found) + "\n" for found in customers.values()))


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) == 4 else sys.exit(__doc__)  # noqa: PLR2004 - a file, a locale, a directory
