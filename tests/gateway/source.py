"""The home of what the demo's tables say, worked out again: lines and totals of orders, to the cent."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import gateway.demo

_TABLES = Path(gateway.demo.__file__).parent
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class SourceOrder:
    """An order with what it costs."""

    number: str
    date: str
    status: str
    currency: str
    lines: list[tuple[str, Decimal, Decimal]]
    items_total: Decimal
    shipping_total: Decimal
    total: Decimal


def table(folder: str, name: str) -> list[dict[str, str]]:
    with (_TABLES / folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def northwind_orders(customer_number: str) -> list[SourceOrder]:
    """Return the orders of the customer, newest first; of one day the one placed last is the newest."""
    orders = []
    for record in table("northwind", "orders"):
        if record["customer_id"] != customer_number:
            continue
        lines = [
            (line["product_id"], Decimal(line["quantity"]), _line_price(line))
            for line in table("northwind", "order_details")
            if line["order_id"] == record["order_id"]
        ]
        freight = Decimal(record["freight"] or 0)
        items = sum((price for _, _, price in lines), Decimal(0))
        status = "SHIPPED" if record["shipped_date"] else "PROCESSED"
        date = f"{record['order_date']}T00:00:00Z"
        orders.append(SourceOrder(record["order_id"], date, status, "USD", lines, items, freight, items + freight))
    return sorted(orders, key=lambda order: (order.date, int(order.number)), reverse=True)


def _line_price(line: dict[str, str]) -> Decimal:
    exact = Decimal(line["unit_price"]) * int(line["quantity"]) * (1 - Decimal(line["discount"]))
    return exact.quantize(_CENT, ROUND_HALF_UP)


def hans_orders() -> list[SourceOrder]:
    """Return the orders of Hans Muster, newest first."""
    orders = [_hans_order(record) for record in table("paloma", "orders")]
    return sorted(orders, key=lambda order: (order.date, int(order.number)), reverse=True)


def _hans_order(record: dict[str, str]) -> SourceOrder:
    articles = {article["sku"]: article for article in table("paloma", "articles")}
    extras = {extra["key"]: extra for extra in table("paloma", "extras")}
    charged = [extras[key] for key in record["extras"].split()]
    lines, food = [], Decimal(0)
    for line in record["lines"].split():
        sku, quantity = line.split("*")
        exact = Decimal(articles[sku][record["currency"]]) * Decimal(quantity)
        price = exact.quantize(_CENT, ROUND_HALF_UP)
        lines.append((sku, Decimal(quantity), price))
        food += price if articles[sku]["food"] else 0
    items = sum((price for _, _, price in lines), Decimal(0))
    extra = sum((Decimal(each["price"]) for each in charged), Decimal(0))
    shipping = sum((Decimal(each["price"]) for each in charged if each["type"] == "SHIPPING"), Decimal(0))
    taxes = Decimal(0)
    if not record["tax_included"]:
        # The only one is German, and has nothing to eat.
        assert (record["currency"], food) == ("EUR", Decimal(0))
        taxes = ((items + extra) * Decimal("0.19")).quantize(_CENT, ROUND_HALF_UP)
    return SourceOrder(
        record["order_number"],
        record["order_date"],
        record["status"],
        record["currency"],
        lines,
        items,
        shipping,
        items + extra + taxes,
    )
