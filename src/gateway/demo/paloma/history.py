"""The home of the order history of Hans Muster: 25 orders from 2015 to 2021, in every status and in two currencies."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import orjson

from db.enums import OrderAdjustmentType, OrderStatus
from db.ids import new_id
from db.models import Order, OrderAdjustment, OrderItem
from gateway.demo.paloma.taxes import taxes
from gateway.demo.rows import POSTAL_ADDRESS, ZERO, PlacedOrder
from gateway.demo.tables import table

if TYPE_CHECKING:
    from db.models import User

IMAGES = "https://shop.paloma.example/images"


def history(user: User) -> list[PlacedOrder]:
    """Return the orders of *user*."""
    articles = {record["sku"]: record for record in table("paloma", "articles")}
    extras = {record["key"]: record for record in table("paloma", "extras")}
    addresses = {record["key"]: record for record in table("paloma", "addresses")}
    placed = []
    for position, record in enumerate(table("paloma", "orders")):
        order = _order(record, user, position)
        order.billing_address = _snapshot(addresses[record["bill_to"]])
        order.shipping_address = _snapshot(addresses[record["ship_to"]])
        items = [_item(order, at, line, articles) for at, line in enumerate(record["lines"].split(), 1)]
        adjustments = [_adjustment(order, at, extras[key]) for at, key in enumerate(record["extras"].split(), 1)]
        food = sum((item.line_price for item in items if articles[item.sku]["food"]), ZERO)
        placed.append(PlacedOrder(order, items, adjustments, taxes(order, items, adjustments, food)).summed_up())
    return placed


def _order(record: dict[str, str], user: User, position: int) -> Order:
    order_date = datetime.fromisoformat(record["order_date"])
    return Order(
        # Two orders have one date: milliseconds let their ids, which break the tie, sort as the table does.
        id=new_id(Order.letters, order_date + timedelta(milliseconds=position)),
        channel_id=user.channel_id,
        customer_id=user.customer_id,
        user_id=user.id if record["by_user"] else None,
        order_number=record["order_number"],
        order_date=order_date,
        locale=record["locale"],
        status=OrderStatus(record["status"]),
        currency=record["currency"],
        tax_included=bool(record["tax_included"]),
        total=ZERO,
        payment_method=record["payment_method"] or None,
        shipping_method=record["shipping_method"] or None,
        custom_data=orjson.loads(record["custom_data"]) if record["custom_data"] else None,
    )


def _snapshot(record: dict[str, str]) -> dict[str, str | None]:
    """Return an address as the order remembers it: a later change of the address book does not reach it."""
    return {key: record[_column(key)] or None for key in POSTAL_ADDRESS}


def _column(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


def _item(order: Order, position: int, line: str, articles: dict[str, dict[str, str]]) -> OrderItem:
    sku, _, quantity = line.partition("*")
    article = articles[sku]
    unit_price, before = Decimal(article[order.currency]), article[f"{order.currency}_before"]
    return OrderItem(
        order_id=order.id,
        position=position,
        sku=sku,
        code=article["code"] or None,
        name=article["name"],
        quantity=int(quantity),
        unit=article["unit"] or None,
        unit_price=unit_price,
        original_price=Decimal(before) if before else None,
        line_price=unit_price * int(quantity),
        currency=order.currency,
        image_url=f"{IMAGES}/{sku}.jpg" if article["unit"] else None,
    )


def _adjustment(order: Order, position: int, extra: dict[str, str]) -> OrderAdjustment:
    return OrderAdjustment(
        order_id=order.id,
        position=position,
        type=OrderAdjustmentType(extra["type"]),
        name=extra["name"],
        price=Decimal(extra["price"]),
        currency=order.currency,
    )
