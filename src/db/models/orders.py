"""The home of the tables of orders and their lines."""

# SQLModel types `__tablename__` as a declared_attr, and takes the name itself as well.
# pyright: reportAssignmentType=false

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from db import lengths
from db.columns import Day, MoneyColumn, QuantityColumn, UtcDateTime, enum, text
from db.enums import OrderAdjustmentType, OrderDocumentKind, OrderStatus
from db.models.base import CURRENCY, ID, LOCALE, LONG, Entity


class Order(Entity, table=True):
    """What a customer bought. Its addresses are snapshots; its total is computed when it is written."""

    __tablename__ = "orders"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "order_number"),
        sa.Index(None, "customer_id", "order_date", "id"),
        sa.Index(None, "channel_id", "order_date", "id"),
    )
    letters = "ord"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    customer_id: str = Field(sa_type=ID, foreign_key="customers.id")
    user_id: str | None = Field(default=None, sa_type=ID, foreign_key="users.id")
    order_number: str = Field(sa_type=text(lengths.NUMBER))
    order_date: datetime = Field(sa_type=UtcDateTime)
    locale: str = Field(sa_type=LOCALE)
    status: OrderStatus = Field(sa_type=enum(OrderStatus))
    currency: str = Field(sa_type=CURRENCY)
    tax_included: bool = True
    total: Decimal = Field(sa_type=MoneyColumn)
    billing_address: Any = Field(default=None, nullable=True, sa_type=sa.JSON(none_as_null=True))
    shipping_address: Any = Field(default=None, nullable=True, sa_type=sa.JSON(none_as_null=True))
    payment_method: str | None = Field(default=None, sa_type=text(lengths.METHOD))
    shipping_method: str | None = Field(default=None, sa_type=text(lengths.METHOD))
    custom_data: Any = Field(default=None, nullable=True, sa_type=sa.JSON(none_as_null=True))
    search_text: str = Field(default="", sa_type=text(None))
    updated_at: datetime = Field(sa_type=UtcDateTime)
    imported_as: str | None = Field(default=None, sa_type=text(lengths.DIGEST))
    """What tells the record of a file that it came from: the same record changes nothing when it comes again."""


class OrderItem(SQLModel, table=True):
    """A line of an order. The currency is the order's, repeated so that an amount never stands without one."""

    __tablename__ = "order_items"

    order_id: str = Field(sa_type=ID, foreign_key="orders.id", primary_key=True, ondelete="CASCADE")
    position: int = Field(primary_key=True)
    sku: str = Field(sa_type=text(lengths.SKU))
    code: str | None = Field(default=None, sa_type=text(lengths.SKU))
    name: str = Field(sa_type=text(lengths.ITEM_NAME))
    quantity: Decimal = Field(sa_type=QuantityColumn)
    unit: str | None = Field(default=None, sa_type=text(lengths.UNIT))
    unit_price: Decimal = Field(sa_type=MoneyColumn)
    original_price: Decimal | None = Field(default=None, sa_type=MoneyColumn)
    line_price: Decimal = Field(sa_type=MoneyColumn)
    currency: str = Field(sa_type=CURRENCY)
    image_url: str | None = Field(default=None, sa_type=LONG)


class OrderAdjustment(SQLModel, table=True):
    """What an order costs more or less than its lines."""

    __tablename__ = "order_adjustments"

    order_id: str = Field(sa_type=ID, foreign_key="orders.id", primary_key=True, ondelete="CASCADE")
    position: int = Field(primary_key=True)
    type: OrderAdjustmentType = Field(sa_type=enum(OrderAdjustmentType))
    name: str = Field(sa_type=text(lengths.ITEM_NAME))
    price: Decimal = Field(sa_type=MoneyColumn)
    currency: str = Field(sa_type=CURRENCY)


class OrderTax(SQLModel, table=True):
    """A tax of an order. The rate is a decimal in percent, as text: it is shown, never computed with."""

    __tablename__ = "order_taxes"

    order_id: str = Field(sa_type=ID, foreign_key="orders.id", primary_key=True, ondelete="CASCADE")
    position: int = Field(primary_key=True)
    name: str = Field(sa_type=text(lengths.ITEM_NAME))
    rate: str = Field(sa_type=text(lengths.RATE))
    amount: Decimal = Field(sa_type=MoneyColumn)
    currency: str = Field(sa_type=CURRENCY)


class OrderShipment(SQLModel, table=True):
    """A parcel or delivery of an order."""

    __tablename__ = "order_shipments"

    order_id: str = Field(sa_type=ID, foreign_key="orders.id", primary_key=True, ondelete="CASCADE")
    position: int = Field(primary_key=True)
    carrier: str = Field(sa_type=text(lengths.CARRIER))
    tracking_number: str | None = Field(default=None, sa_type=text(lengths.TRACKING_NUMBER))
    tracking_url: str | None = Field(default=None, sa_type=text(lengths.URL))
    shipped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OrderDocument(SQLModel, table=True):
    """A document of an order, such as its invoice: where the shop keeps it."""

    __tablename__ = "order_documents"

    order_id: str = Field(sa_type=ID, foreign_key="orders.id", primary_key=True, ondelete="CASCADE")
    position: int = Field(primary_key=True)
    kind: OrderDocumentKind = Field(sa_type=enum(OrderDocumentKind))
    title: str = Field(sa_type=text(lengths.DOCUMENT_TITLE))
    url: str = Field(sa_type=text(lengths.URL))
    issued_on: date | None = Field(default=None, sa_type=Day)
