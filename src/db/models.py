"""The home of what is stored: one class a table, with its constraints and indexes."""

# SQLModel types `__tablename__` as a declared_attr, and takes the name itself as well.
# pyright: reportAssignmentType=false

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from db.columns import Amount, Day, UtcDateTime, enum, text
from db.enums import (
    AddressType,
    ChannelKind,
    Gender,
    OrderAdjustmentType,
    OrderStatus,
    Permission,
    RegistrationPolicy,
)
from db.ids import ID_LENGTH

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

ID = text(ID_LENGTH)
LOCALE = text(11)
CURRENCY = text(3)
LONG = text(1000)


class Row(SQLModel):
    """A table whose rows have an id; `letters` begin it."""

    letters: ClassVar[str]

    id: str = Field(primary_key=True, sa_type=ID)


class Channel(Row, table=True):
    """A shop. Everything belongs to one."""

    __tablename__ = "channels"
    letters = "chn"

    code: str = Field(sa_type=text(40), unique=True)
    name: str = Field(sa_type=text(100))
    kind: ChannelKind = Field(sa_type=enum(ChannelKind))
    locales: list[str] = Field(sa_type=sa.JSON)
    default_locale: str = Field(sa_type=LOCALE)
    registration: RegistrationPolicy = Field(sa_type=enum(RegistrationPolicy))
    password_min_length: int = 8
    password_strength_checked: bool = True
    last_customer_number: int = 10_000


class Role(Row, table=True):
    """A named set of permissions of a channel."""

    __tablename__ = "roles"
    __table_args__ = (sa.UniqueConstraint("channel_id", "code"),)
    letters = "rol"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    code: str = Field(sa_type=text(40))
    name: str = Field(sa_type=text(100))


class RolePermission(SQLModel, table=True):
    """A permission that a role grants."""

    __tablename__ = "role_permissions"

    role_id: str = Field(sa_type=ID, foreign_key="roles.id", primary_key=True)
    permission: Permission = Field(sa_type=enum(Permission), primary_key=True)


class Customer(Row, table=True):
    """The person or company that has the business relationship with the shop."""

    __tablename__ = "customers"
    __table_args__ = (sa.UniqueConstraint("channel_id", "customer_number"),)
    letters = "cus"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    customer_number: str = Field(sa_type=text(40))
    email_address: str | None = Field(default=None, sa_type=text(254))
    locale: str = Field(sa_type=LOCALE)
    first_name: str | None = Field(default=None, sa_type=text(30))
    last_name: str | None = Field(default=None, sa_type=text(30))
    company: str | None = Field(default=None, sa_type=text(50))
    gender: Gender = Field(default=Gender.UNKNOWN, sa_type=enum(Gender))
    date_of_birth: date | None = Field(default=None, sa_type=Day)
    price_groups: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    custom_data: Any = Field(default=None, nullable=True, sa_type=sa.JSON(none_as_null=True))
    search_text: str = Field(default="", sa_type=text(None))
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class User(Row, table=True):
    """Who signs in; acts for one customer."""

    __tablename__ = "users"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "canonical_email_address"),
        sa.Index(None, "customer_id", "created_at", "id"),
    )
    letters = "usr"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    customer_id: str = Field(sa_type=ID, foreign_key="customers.id")
    email_address: str = Field(sa_type=text(254))
    canonical_email_address: str = Field(sa_type=text(254))
    first_name: str | None = Field(default=None, sa_type=text(30))
    last_name: str | None = Field(default=None, sa_type=text(30))
    locale: str = Field(sa_type=LOCALE)
    time_zone: str = Field(sa_type=text(40))
    enabled: bool = True
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    password_hash: str | None = Field(default=None, sa_type=text(200))
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_authenticated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class UserRole(SQLModel, table=True):
    """A role that a user holds."""

    __tablename__ = "user_roles"

    user_id: str = Field(sa_type=ID, foreign_key="users.id", primary_key=True)
    role_id: str = Field(sa_type=ID, foreign_key="roles.id", primary_key=True)


class Session(Row, table=True):
    """A signed-in user on one device. Only the SHA-256 of the bearer token is stored."""

    __tablename__ = "sessions"
    __table_args__ = (sa.Index(None, "user_id", "created_at", "id"),)
    letters = "ses"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    user_id: str = Field(sa_type=ID, foreign_key="users.id")
    token_sha256: bytes = Field(sa_type=sa.LargeBinary(32), unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    user_agent: str | None = Field(default=None, sa_type=text(200))
    ip_address: str | None = Field(default=None, sa_type=text(45))


class Address(Row, table=True):
    """An entry of a customer's address book."""

    __tablename__ = "addresses"
    __table_args__ = (
        sa.Index(None, "customer_id", "created_at", "id"),
        sa.Index(
            "uq_addresses_default",
            "customer_id",
            "type",
            unique=True,
            sqlite_where=sa.text("is_default"),
            postgresql_where=sa.text("is_default"),
        ),
    )
    letters = "adr"

    customer_id: str = Field(sa_type=ID, foreign_key="customers.id")
    type: AddressType = Field(sa_type=enum(AddressType))
    is_default: bool = False
    title: str | None = Field(default=None, sa_type=text(10))
    title_code: str | None = Field(default=None, sa_type=text(10))
    first_name: str | None = Field(default=None, sa_type=text(30))
    last_name: str | None = Field(default=None, sa_type=text(30))
    company: str | None = Field(default=None, sa_type=text(50))
    street: str = Field(sa_type=text(50))
    zip_code: str | None = Field(default=None, sa_type=text(10))
    city: str = Field(sa_type=text(30))
    region: str | None = Field(default=None, sa_type=text(30))
    country: str = Field(sa_type=text(2))
    phone_number: str | None = Field(default=None, sa_type=text(30))
    email_address: str | None = Field(default=None, sa_type=text(254))
    remarks: str | None = Field(default=None, sa_type=text(200))
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class Order(Row, table=True):
    """What a customer bought. Its addresses are snapshots; its total is computed when it is written."""

    __tablename__ = "orders"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "order_number"),
        sa.Index(None, "customer_id", "order_date", "id"),
    )
    letters = "ord"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    customer_id: str = Field(sa_type=ID, foreign_key="customers.id")
    user_id: str | None = Field(default=None, sa_type=ID, foreign_key="users.id")
    order_number: str = Field(sa_type=text(40))
    order_date: datetime = Field(sa_type=UtcDateTime)
    locale: str = Field(sa_type=LOCALE)
    status: OrderStatus = Field(sa_type=enum(OrderStatus))
    currency: str = Field(sa_type=CURRENCY)
    tax_included: bool = True
    total: Decimal = Field(sa_type=Amount)
    billing_address: Any = Field(default=None, nullable=True, sa_type=sa.JSON(none_as_null=True))
    shipping_address: Any = Field(default=None, nullable=True, sa_type=sa.JSON(none_as_null=True))
    payment_method: str | None = Field(default=None, sa_type=text(100))
    shipping_method: str | None = Field(default=None, sa_type=text(100))
    custom_data: Any = Field(default=None, nullable=True, sa_type=sa.JSON(none_as_null=True))
    search_text: str = Field(default="", sa_type=text(None))


class OrderItem(SQLModel, table=True):
    """A line of an order. The currency is the order's, repeated so that an amount never stands without one."""

    __tablename__ = "order_items"

    order_id: str = Field(sa_type=ID, foreign_key="orders.id", primary_key=True, ondelete="CASCADE")
    position: int = Field(primary_key=True)
    sku: str = Field(sa_type=text(100))
    code: str | None = Field(default=None, sa_type=text(100))
    name: str = Field(sa_type=text(200))
    quantity: int
    unit: str | None = Field(default=None, sa_type=text(40))
    unit_price: Decimal = Field(sa_type=Amount)
    original_price: Decimal | None = Field(default=None, sa_type=Amount)
    line_price: Decimal = Field(sa_type=Amount)
    currency: str = Field(sa_type=CURRENCY)
    image_url: str | None = Field(default=None, sa_type=LONG)


class OrderAdjustment(SQLModel, table=True):
    """What an order costs more or less than its lines."""

    __tablename__ = "order_adjustments"

    order_id: str = Field(sa_type=ID, foreign_key="orders.id", primary_key=True, ondelete="CASCADE")
    position: int = Field(primary_key=True)
    type: OrderAdjustmentType = Field(sa_type=enum(OrderAdjustmentType))
    name: str = Field(sa_type=text(200))
    price: Decimal = Field(sa_type=Amount)
    currency: str = Field(sa_type=CURRENCY)


class OrderTax(SQLModel, table=True):
    """A tax of an order. The rate is a decimal in percent, as text: it is shown, never computed with."""

    __tablename__ = "order_taxes"

    order_id: str = Field(sa_type=ID, foreign_key="orders.id", primary_key=True, ondelete="CASCADE")
    position: int = Field(primary_key=True)
    name: str = Field(sa_type=text(200))
    rate: str = Field(sa_type=text(20))
    amount: Decimal = Field(sa_type=Amount)
    currency: str = Field(sa_type=CURRENCY)


class PaymentInstrument(Row, table=True):
    """A stored means of payment: masked number and expiry; the provider's reference never leaves the gateway."""

    __tablename__ = "payment_instruments"
    __table_args__ = (sa.Index(None, "customer_id", "id"),)
    letters = "pay"

    customer_id: str = Field(sa_type=ID, foreign_key="customers.id")
    type: str = Field(sa_type=text(40))
    masked_card_number: str | None = Field(default=None, sa_type=text(30))
    expiration_month: str | None = Field(default=None, sa_type=text(2))
    expiration_year: str | None = Field(default=None, sa_type=text(4))
    expires_on: date | None = Field(default=None, sa_type=Day)
    provider_reference: str | None = Field(default=None, sa_type=text(200))
