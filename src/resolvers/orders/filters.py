"""The home of which orders a list has, and in which order."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import sqlalchemy as sa
import strawberry
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar

from db import enums, models
from db.columns import rank
from db.json_text import array_values
from resolvers.caller import viewer
from resolvers.planner import Ordering, Shortcut
from resolvers.planner.rows import Row
from resolvers.sdl.descriptions import api_input, described_enum
from resolvers.search import matches, searched

OrderStatus = described_enum(enums.OrderStatus)


@described_enum
class OrderSortField(StrEnum):
    """What orders can be sorted by; ties are broken by id."""

    ORDER_DATE = "ORDER_DATE"
    """When it was placed."""
    ORDER_NUMBER = "ORDER_NUMBER"
    """By number, as text."""
    TOTAL = "TOTAL"
    """By amount; currencies are not converted."""
    STATUS = "STATUS"
    """By status, in the order of the enum."""


@described_enum
class SortDirection(StrEnum):
    """Which end of an order comes first."""

    ASC = "ASC"
    """Smallest or oldest first."""
    DESC = "DESC"
    """Largest or newest first."""


@api_input
class OrderSort:
    """How orders are sorted."""

    field: OrderSortField = OrderSortField.ORDER_DATE
    """What they are sorted by."""
    direction: SortDirection = SortDirection.DESC
    """Which end comes first."""


@api_input
class OrderFilter:
    """Which orders a list has. What is left out or null does not filter."""

    statuses: list[enums.OrderStatus] | None = None
    """Only orders in one of these; an empty list finds nothing."""
    ordered_from: datetime | None = None
    """Only orders placed at this time or later."""
    ordered_until: datetime | None = None
    """Only orders placed before this time."""
    search: str | None = None
    """Only orders in whose number, item names or skus all these words occur. Case and accents do not matter; at most
    {SEARCH} characters."""
    order_number: str | None = None
    """Only the order of this number."""
    mine: bool | None = None
    """Only orders that the viewer placed; false is as left out."""


def newest_first(row: Row) -> Ordering:
    """Return the order of *row*."""
    return Ordering(OrderSortField.ORDER_DATE, row.order_date, row.id, SortDirection.DESC)


def ordered(
    row: Row,
    order_by: Annotated[
        OrderSort | None, strawberry.argument(description="The order; newest first if left out.")
    ] = None,
) -> Ordering:
    """Return the order of *row*: newest first unless told otherwise."""
    sort = order_by or OrderSort()
    keys: dict[OrderSortField, sa.ColumnElement[Any]] = {
        OrderSortField.ORDER_DATE: row.order_date,
        OrderSortField.ORDER_NUMBER: row.order_number,
        OrderSortField.TOTAL: row.total,
        OrderSortField.STATUS: rank(row.status, enums.OrderStatus),
    }
    return Ordering(sort.field, keys[sort.field], row.id, sort.direction)


def filtered(orders: SelectOfScalar[models.Order], found: OrderFilter | None) -> SelectOfScalar[models.Order]:
    """Return those of *orders*, of one customer, that *found* lets through."""
    if found is None or found.search is None:
        return _narrowed(orders, found)
    return _narrowed(orders, found).where(matches(models.Order.search_text, found.search))


def filtered_in_shop(
    orders: SelectOfScalar[models.Order], found: OrderFilter | None
) -> SelectOfScalar[models.Order] | Shortcut:
    """Return those of *orders*, of all customers of a shop, that *found* lets through."""
    if found is None or found.search is None:
        return _narrowed(orders, found)
    return searched(_narrowed(orders, found), models.Order, found.search)


def _narrowed(orders: SelectOfScalar[models.Order], found: OrderFilter | None) -> SelectOfScalar[models.Order]:
    """Return those of *orders* that *found* lets through, whatever it searches for."""
    if found is None:
        return orders
    order = models.Order
    if found.statuses is not None:
        orders = orders.where(col(order.status).in_(array_values(found.statuses)))
    if found.ordered_from is not None:
        orders = orders.where(order.order_date >= found.ordered_from)
    if found.ordered_until is not None:
        orders = orders.where(order.order_date < found.ordered_until)
    if found.order_number is not None:
        orders = orders.where(order.order_number == found.order_number)
    return orders.where(order.user_id == viewer.user_id) if found.mine else orders
