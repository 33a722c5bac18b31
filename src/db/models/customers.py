"""The home of the tables of customers: who they are, where they live, how they pay."""

# SQLModel types `__tablename__` as a declared_attr, and takes the name itself as well.
# pyright: reportAssignmentType=false

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from db import lengths
from db.columns import Day, UtcDateTime, enum, text
from db.enums import AddressType, Gender
from db.models.base import EMAIL_ADDRESS, ID, LOCALE, Entity


class Customer(Entity, table=True):
    """The person or company that has the business relationship with the shop."""

    __tablename__ = "customers"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "customer_number"),
        sa.Index(None, "channel_id", "created_at", "id"),
    )
    letters = "cus"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    customer_number: str = Field(sa_type=text(lengths.NUMBER))
    email_address: str | None = Field(default=None, sa_type=EMAIL_ADDRESS)
    locale: str = Field(sa_type=LOCALE)
    first_name: str | None = Field(default=None, sa_type=text(lengths.NAME))
    last_name: str | None = Field(default=None, sa_type=text(lengths.NAME))
    company: str | None = Field(default=None, sa_type=text(lengths.COMPANY))
    gender: Gender = Field(default=Gender.UNKNOWN, sa_type=enum(Gender))
    date_of_birth: date | None = Field(default=None, sa_type=Day)
    price_groups: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    custom_data: Any = Field(default=None, nullable=True, sa_type=sa.JSON(none_as_null=True))
    search_text: str = Field(default="", sa_type=text(None))
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    imported_as: str | None = Field(default=None, sa_type=text(lengths.DIGEST))
    """What tells the record of a file that it came from: the same record changes nothing when it comes again."""


class Address(Entity, table=True):
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
    title: str | None = Field(default=None, sa_type=text(lengths.TITLE))
    title_code: str | None = Field(default=None, sa_type=text(lengths.TITLE))
    first_name: str | None = Field(default=None, sa_type=text(lengths.NAME))
    last_name: str | None = Field(default=None, sa_type=text(lengths.NAME))
    company: str | None = Field(default=None, sa_type=text(lengths.COMPANY))
    street: str = Field(sa_type=text(lengths.STREET))
    zip_code: str | None = Field(default=None, sa_type=text(lengths.ZIP_CODE))
    city: str = Field(sa_type=text(lengths.CITY))
    region: str | None = Field(default=None, sa_type=text(lengths.REGION))
    country: str = Field(sa_type=text(lengths.COUNTRY))
    phone_number: str | None = Field(default=None, sa_type=text(lengths.PHONE_NUMBER))
    email_address: str | None = Field(default=None, sa_type=EMAIL_ADDRESS)
    remarks: str | None = Field(default=None, sa_type=text(lengths.REMARKS))
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    imported_as: str | None = Field(default=None, sa_type=text(lengths.DIGEST))
    """What tells the record of a file that it came from: the same record changes nothing when it comes again."""


class PaymentInstrument(Entity, table=True):
    """A stored means of payment: masked number and expiry; the provider's reference never leaves the gateway."""

    __tablename__ = "payment_instruments"
    __table_args__ = (sa.Index(None, "customer_id", "id"),)
    letters = "pay"

    customer_id: str = Field(sa_type=ID, foreign_key="customers.id")
    type: str = Field(sa_type=text(lengths.PAYMENT_TYPE))
    masked_card_number: str | None = Field(default=None, sa_type=text(30))
    expiration_month: str | None = Field(default=None, sa_type=text(2))
    expiration_year: str | None = Field(default=None, sa_type=text(4))
    expires_on: date | None = Field(default=None, sa_type=Day)
    provider_reference: str | None = Field(default=None, sa_type=text(lengths.PROVIDER_REFERENCE))
