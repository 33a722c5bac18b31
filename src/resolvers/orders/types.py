"""The home of orders as the API shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlmodel import case, col, func, select
from sqlmodel.sql.expression import SelectOfScalar
from strawberry.utils.str_converters import to_camel_case

from db import enums, models
from db.json_text import literal, member
from db.number_text import quantity_text
from resolvers.channels.types import Channel
from resolvers.node import LazyCustomer, Node
from resolvers.orders.money import Money, money, unit_price
from resolvers.planner import Part, many, one, planned, value
from resolvers.sdl.descriptions import described_enum
from resolvers.sdl.scalars import JSON
from resolvers.users.types import User

OrderAdjustmentType = described_enum(enums.OrderAdjustmentType)
OrderDocumentKind = described_enum(enums.OrderDocumentKind)


@planned(models.OrderItem)
class OrderItem:
    """A line of an order."""

    position: int
    """The place of the line in the order."""
    sku: str
    """The shop's number of the article."""
    code: str | None
    """A second number of the article, such as the manufacturer's."""
    name: str
    """The article's name when it was ordered."""
    unit: str | None
    """The unit, such as a box of ten."""
    image_url: str | None
    """A picture of the article."""

    @value(strawberry.ID)
    def id(row: type[models.OrderItem]) -> sa.ColumnElement[str]:
        """Identifies the line: the order's id with the line's position. It is no node's."""
        return row.order_id + ":" + sa.cast(row.position, sa.Text())

    @value(float)
    def quantity(row: type[models.OrderItem]) -> sa.ColumnElement[str]:
        """How many units were ordered: exact, with at most three decimals; negative where they came back."""
        return quantity_text(row.quantity)

    @one(Money)
    def unit_price(row: type[models.OrderItem]) -> Part:
        """The price of one unit."""
        return unit_price(row.unit_price, row.currency)

    @one(Money | None)
    def original_price(row: type[models.OrderItem]) -> Part:
        """The price of one unit before discounts, where it differs."""
        return unit_price(row.original_price, row.currency)

    @one(Money)
    def line_price(row: type[models.OrderItem]) -> Part:
        """The price of the line."""
        return money(row.line_price, row.currency)


@planned()
class PostalAddress:
    """An address as it was when the order was placed."""

    title: str | None
    """A title or salutation."""
    first_name: str | None
    """First name."""
    last_name: str | None
    """Last name."""
    company: str | None
    """Company."""
    street: str | None
    """Street and number."""
    zip_code: str | None
    """Post code."""
    city: str | None
    """City or town."""
    region: str | None
    """Region, state or canton."""
    country: str | None
    """Country, ISO 3166-1 alpha-2."""
    phone_number: str | None
    """Phone number."""
    email_address: str | None
    """E-mail address."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """A postal address in SQL: a JSON column whose keys are the API's field names."""

    column: Any

    def __getattr__(self, name: str) -> sa.ColumnElement[str]:
        return member(self.column, literal(to_camel_case(name)))


def _snapshot(column: Any) -> Part:  # noqa: ANN401 - a column, which its model types as its value
    return Part(_Snapshot(column), present=column.is_not(None))


_Adjustment = type[models.OrderAdjustment]  # inside the class its field `type` hides the builtin


@planned(models.OrderAdjustment)
class OrderAdjustment:
    """What an order costs more or less than its lines."""

    type: enums.OrderAdjustmentType
    """Why."""
    name: str
    """What the customer reads."""

    @one(Money)
    def price(row: _Adjustment) -> Part:
        """How much; negative where it is less."""
        return money(row.price, row.currency)


@planned(models.OrderTax)
class OrderTax:
    """A tax on an order."""

    name: str
    """What the tax is called."""
    rate: Decimal
    """The rate in percent, "7.7"."""

    @one(Money)
    def amount(row: type[models.OrderTax]) -> Part:
        """How much."""
        return money(row.amount, row.currency)


@planned(models.OrderShipment)
class OrderShipment:
    """A parcel or delivery of an order."""

    carrier: str
    """Who carries it."""
    tracking_number: str | None
    """The carrier's number."""
    tracking_url: str | None
    """Where the carrier tells how far it is; begins with https."""
    shipped_at: datetime | None
    """When it was handed over."""
    delivered_at: datetime | None
    """When it arrived."""


@planned(models.OrderDocument)
class OrderDocument:
    """A document of an order, such as its invoice."""

    kind: enums.OrderDocumentKind
    """What it is."""
    title: str
    """What the customer reads."""
    url: str
    """Where the shop keeps it; begins with https."""
    issued_on: date | None
    """The day it was issued."""


@planned(models.Order)
class Order(Node):
    """What a customer bought. Its addresses are as they were when it was placed."""

    order_number: str
    """The shop's number of the order; unique in the channel."""
    order_date: datetime
    """When it was placed."""
    locale: str
    """The locale that it was placed in."""
    status: enums.OrderStatus
    """How far it has come."""
    currency: str
    """The currency of all its amounts, ISO 4217."""
    tax_included: bool
    """Whether its prices contain the taxes."""
    payment_method: str | None
    """How it is paid, as the customer reads it."""
    shipping_method: str | None
    """How it is shipped, as the customer reads it."""
    custom_data: JSON | None
    """What the shop keeps with the order. Its customer can read it."""
    updated_at: datetime
    """When it was recorded as it is now."""

    @one(Channel)
    def channel(row: type[models.Order]) -> SelectOfScalar[models.Channel]:
        """The shop where it was placed."""
        return select(models.Channel).where(models.Channel.id == row.channel_id)

    @one(LazyCustomer)
    def customer(row: type[models.Order]) -> SelectOfScalar[models.Customer]:
        """The customer who bought."""
        return select(models.Customer).where(models.Customer.id == row.customer_id)

    @one(User | None)
    def user(row: type[models.Order]) -> SelectOfScalar[models.User]:
        """The user who placed it; null if nobody did, or the viewer may not see them."""
        return select(models.User).where(models.User.id == row.user_id)

    @many(OrderItem)
    def items(row: type[models.Order]) -> SelectOfScalar[models.OrderItem]:
        """The lines, by position."""
        lines = select(models.OrderItem).where(models.OrderItem.order_id == row.id)
        return lines.order_by(col(models.OrderItem.position))

    @value(int)
    def item_count(row: type[models.Order]) -> sa.ScalarSelect[int]:
        """How many lines it has."""
        return _of_lines(func.count(), row, models.OrderItem)

    @one(PostalAddress | None)
    def billing_address(row: type[models.Order]) -> Part:
        """Where the invoice goes."""
        return _snapshot(row.billing_address)

    @one(PostalAddress | None)
    def shipping_address(row: type[models.Order]) -> Part:
        """Where the goods go."""
        return _snapshot(row.shipping_address)

    @many(OrderAdjustment)
    def adjustments(row: type[models.Order]) -> SelectOfScalar[models.OrderAdjustment]:
        """What it costs more or less than its lines."""
        lines = select(models.OrderAdjustment).where(models.OrderAdjustment.order_id == row.id)
        return lines.order_by(col(models.OrderAdjustment.position))

    @many(OrderTax)
    def taxes(row: type[models.Order]) -> SelectOfScalar[models.OrderTax]:
        """The taxes on it; part of the prices if taxIncluded."""
        lines = select(models.OrderTax).where(models.OrderTax.order_id == row.id)
        return lines.order_by(col(models.OrderTax.position))

    @many(OrderShipment)
    def shipments(row: type[models.Order]) -> SelectOfScalar[models.OrderShipment]:
        """Its parcels and deliveries."""
        parts = select(models.OrderShipment).where(models.OrderShipment.order_id == row.id)
        return parts.order_by(col(models.OrderShipment.position))

    @many(OrderDocument)
    def documents(row: type[models.Order]) -> SelectOfScalar[models.OrderDocument]:
        """Its documents, such as the invoice."""
        parts = select(models.OrderDocument).where(models.OrderDocument.order_id == row.id)
        return parts.order_by(col(models.OrderDocument.position))

    @one(Money)
    def items_total(row: type[models.Order]) -> Part:
        """The sum of its lines."""
        return money(_sum(col(models.OrderItem.line_price), row, models.OrderItem), row.currency)

    @one(Money)
    def shipping_total(row: type[models.Order]) -> Part:
        """The sum of its shipping costs."""
        adjustment = models.OrderAdjustment
        price = case((adjustment.type == enums.OrderAdjustmentType.SHIPPING, col(adjustment.price)))
        return money(_sum(price, row, adjustment), row.currency)

    @one(Money)
    def total(row: type[models.Order]) -> Part:
        """Its lines, adjustments, and taxes unless they are included."""
        return money(row.total, row.currency)


_Line = models.OrderItem | models.OrderAdjustment


def _of_lines(aggregate: sa.ColumnElement[int], row: type[models.Order], lines: type[_Line]) -> sa.ScalarSelect[int]:
    return select(aggregate).where(lines.order_id == row.id).scalar_subquery()


def _sum(amount: sa.SQLColumnExpression[Any], row: type[models.Order], lines: type[_Line]) -> sa.ScalarSelect[int]:
    # The sum of BIGINTs is NUMERIC on PostgreSQL.
    total = sa.cast(
        func.coalesce(func.sum(sa.type_coerce(amount, sa.BigInteger())), sa.literal_column("0")), sa.BigInteger
    )
    return _of_lines(total, row, lines)
