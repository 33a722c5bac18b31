"""The home of the order history of Hans Muster: 25 orders from 2015 to 2021, in every status and in two currencies."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from gateway.demo.paloma import deliveries
from gateway.demo.paloma.hans import USERNAME, snapshot
from gateway.demo.paloma.taxes import taxes
from gateway.demo.tables import table
from resolvers.rules.amounts import rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGES = "https://shop.paloma.example/images"


def orders(customer_number: str) -> Iterator[dict[str, Any]]:
    """Yield the orders, as a file to import has them."""
    articles = {record["sku"]: record for record in table("paloma", "articles")}
    extras = {record["key"]: record for record in table("paloma", "extras")}
    addresses = {record["key"]: snapshot(record) for record in table("paloma", "addresses")}
    for record in table("paloma", "orders"):
        order = _order(record, customer_number)
        order["billingAddress"] = addresses[record["bill_to"]]
        order["shippingAddress"] = addresses[record["ship_to"]]
        order["items"] = [_item(record["currency"], line, articles) for line in record["lines"].split()]
        order["adjustments"] = [_adjustment(extras[key]) for key in record["extras"].split()]
        food = (item["linePrice"] for item in order["items"] if articles[item["sku"]]["food"])
        order["taxes"] = taxes(order, sum(food, Decimal(0)))
        order["shipments"], order["documents"] = deliveries.shipments(order), deliveries.documents(order)
        yield order


def _order(record: dict[str, str], customer_number: str) -> dict[str, Any]:
    return {
        "orderNumber": record["order_number"],
        "customerNumber": customer_number,
        "username": USERNAME if record["by_user"] else None,
        "orderDate": record["order_date"],
        "locale": record["locale"],
        "status": record["status"],
        "currency": record["currency"],
        "taxIncluded": bool(record["tax_included"]),
        "paymentMethod": record["payment_method"],
        "shippingMethod": record["shipping_method"],
        "customData": orjson.loads(record["custom_data"]) if record["custom_data"] else None,
    }


def _item(currency: str, line: str, articles: dict[str, dict[str, str]]) -> dict[str, Any]:
    sku, _, quantity = line.partition("*")
    article = articles[sku]
    return {
        "sku": sku,
        "code": article["code"],
        "name": article["name"],
        "quantity": quantity,
        "unit": article["unit"],
        "unitPrice": article[currency],
        "originalPrice": article[f"{currency}_before"],
        "linePrice": rounded(Decimal(article[currency]) * Decimal(quantity), currency),
        "imageUrl": f"{IMAGES}/{sku}.jpg" if article["unit"] else None,
    }


def _adjustment(extra: dict[str, str]) -> dict[str, Any]:
    return {"type": extra["type"], "name": extra["name"], "price": Decimal(extra["price"])}
