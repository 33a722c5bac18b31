"""The home of Northwind's order history: 830 orders of 1996 to 1998 with 2,155 lines, as a file to import has them."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gateway.demo.northwind.companies import LOCALE, country_code
from gateway.demo.tables import table
from resolvers.rules.amounts import rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

CURRENCY = "USD"


def orders() -> Iterator[dict[str, Any]]:
    """Yield all orders, in the order of the source."""
    shippers = {record["shipper_id"]: record["company_name"] for record in table("northwind", "shippers")}
    products = {record["product_id"]: record for record in table("northwind", "products")}
    lines = defaultdict(list)
    for line in table("northwind", "order_details"):
        lines[line["order_id"]].append(_item(line, products[line["product_id"]]))
    for record in table("northwind", "orders"):
        yield {
            "orderNumber": record["order_id"],
            "customerNumber": record["customer_id"],
            "orderDate": f"{record['order_date']}T00:00:00Z",
            "locale": LOCALE,
            "status": "SHIPPED" if record["shipped_date"] else "PROCESSED",
            "currency": CURRENCY,
            "items": lines[record["order_id"]],
            "adjustments": _freight(record),
            "shippingAddress": _ship_to(record),
            "shippingMethod": shippers[record["ship_via"]],
            "shipments": _shipments(record, shippers[record["ship_via"]]),
        }


def _shipments(record: dict[str, str], carrier: str) -> list[dict[str, str]]:
    shipped = record["shipped_date"]
    return [{"carrier": carrier, "shippedAt": f"{shipped}T00:00:00Z"}] if shipped else []


def _ship_to(record: dict[str, str]) -> dict[str, str]:
    return {
        "company": record["ship_name"],
        "street": record["ship_address"],
        "zipCode": record["ship_postal_code"],
        "city": record["ship_city"],
        "region": record["ship_region"],
        "country": country_code(record["ship_country"]),
    }


def _item(line: dict[str, str], product: dict[str, str]) -> dict[str, Any]:
    price = Decimal(line["unit_price"]) * int(line["quantity"]) * (1 - Decimal(line["discount"]))
    return {
        "sku": line["product_id"],
        "name": product["product_name"],
        "quantity": int(line["quantity"]),
        "unit": product["quantity_per_unit"],
        "unitPrice": line["unit_price"],
        "linePrice": str(rounded(price, CURRENCY)),
    }


def _freight(record: dict[str, str]) -> list[dict[str, str]]:
    return [{"type": "SHIPPING", "name": "Freight", "price": record["freight"]}] if record["freight"] else []
