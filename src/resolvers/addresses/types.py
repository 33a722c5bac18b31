"""The home of the address book as the API shows it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from db import enums, models
from db.names import full_name_of
from resolvers.node import LazyCustomer, Node
from resolvers.planner import one, planned, value
from resolvers.sdl.descriptions import described_enum

AddressType = described_enum(enums.AddressType)

_Row = type[models.Address]  # inside the class its field `type` hides the builtin


@planned(models.Address)
class Address(Node):
    """An entry of a customer's address book."""

    type: enums.AddressType
    """The purpose for which the address is normally used."""
    is_default: bool
    """Whether this is the default address of its type."""
    title: str | None
    """A title or salutation, as printed."""
    title_code: str | None
    """The shop's code of the title."""
    first_name: str | None
    """First name of the person at this address."""
    last_name: str | None
    """Last name of the person at this address."""
    company: str | None
    """Company at this address."""
    street: str
    """Street and number."""
    zip_code: str | None
    """Post code, where the country has them."""
    city: str
    """City or town."""
    region: str | None
    """Region, state or canton."""
    country: str
    """Country, ISO 3166-1 alpha-2."""
    phone_number: str | None
    """Phone number, as the customer writes it."""
    email_address: str | None
    """E-mail address for questions about deliveries to this address."""
    remarks: str | None
    """Remarks for the carrier."""
    created_at: datetime
    """When the address was entered."""
    updated_at: datetime
    """When the address was last changed."""

    @one(LazyCustomer)
    def customer(row: _Row) -> SelectOfScalar[models.Customer]:
        """The customer whose address book this is."""
        return select(models.Customer).where(models.Customer.id == row.customer_id)

    @value(str)
    def full_name(row: _Row) -> sa.ColumnElement[str]:
        """First and last name; empty if there is none."""
        return full_name_of(row)
