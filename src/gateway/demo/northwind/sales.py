"""The home of Northwind's order history: 830 orders of 1996 to 1998 with their 2,155 lines."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from db.enums import OrderAdjustmentType, OrderStatus
from db.ids import new_id
from db.models import Order, OrderAdjustment, OrderItem
from gateway.demo.northwind.companies import LOCALE, country_code
from gateway.demo.rows import POSTAL_ADDRESS, PlacedOrder, to_the_cent
from gateway.demo.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from db.models import Customer

CURRENCY = "USD"


def sales(customers: Mapping[str, Customer]) -> list[PlacedOrder]:
    """Return all orders; *customers* by their number."""
    shippers = {record["shipper_id"]: record["company_name"] for record in table("northwind", "shippers")}
    products = {record["product_id"]: record for record in table("northwind", "products")}
    lines = defaultdict(list)
    for line in table("northwind", "order_details"):
        lines[line["order_id"]].append(line)
    placed = []
    for position, record in enumerate(table("northwind", "orders")):
        order = _order(record, customers[record["customer_id"]], shippers[record["ship_via"]], position)
        items = [
            _item(order, at, line, products[line["product_id"]]) for at, line in enumerate(lines[order.order_number], 1)
        ]
        placed.append(PlacedOrder(order, items, _freight(order, record), []).summed_up())
    return placed


def _order(record: dict[str, str], customer: Customer, shipper: str, position: int) -> Order:
    order_date = datetime.fromisoformat(record["order_date"]).replace(tzinfo=UTC)
    return Order(
        # Many orders have one date: milliseconds let their ids, which break the tie, sort as the source does.
        id=new_id(Order.letters, order_date + timedelta(milliseconds=position)),
        channel_id=customer.channel_id,
        customer_id=customer.id,
        order_number=record["order_id"],
        order_date=order_date,
        locale=LOCALE,
        status=OrderStatus.SHIPPED if record["shipped_date"] else OrderStatus.PROCESSED,
        currency=CURRENCY,
        total=Decimal(0),
        shipping_address=_ship_to(record),
        shipping_method=shipper,
    )


def _ship_to(record: dict[str, str]) -> dict[str, str | None]:
    return POSTAL_ADDRESS | {
        "company": record["ship_name"],
        "street": record["ship_address"],
        "zipCode": record["ship_postal_code"] or None,
        "city": record["ship_city"],
        "region": record["ship_region"] or None,
        "country": country_code(record["ship_country"]),
    }


def _item(order: Order, position: int, line: dict[str, str], product: dict[str, str]) -> OrderItem:
    unit_price, quantity = Decimal(line["unit_price"]), int(line["quantity"])
    return OrderItem(
        order_id=order.id,
        position=position,
        sku=line["product_id"],
        name=product["product_name"],
        quantity=quantity,
        unit=product["quantity_per_unit"],
        unit_price=unit_price,
        line_price=to_the_cent(unit_price * quantity * (1 - Decimal(line["discount"]))),
        currency=order.currency,
    )


def _freight(order: Order, record: dict[str, str]) -> list[OrderAdjustment]:
    if not record["freight"]:
        return []
    return [
        OrderAdjustment(
            order_id=order.id,
            position=1,
            type=OrderAdjustmentType.SHIPPING,
            name="Freight",
            price=Decimal(record["freight"]),
            currency=order.currency,
        )
    ]
