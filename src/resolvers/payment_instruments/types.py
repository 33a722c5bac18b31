"""The home of payment instruments as the API shows them."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from db import models
from resolvers.caller import viewer
from resolvers.node import LazyCustomer, Node
from resolvers.planner import one, planned, value

_Row = type[models.PaymentInstrument]  # inside the class its field `type` hides the builtin


@planned(models.PaymentInstrument)
class PaymentInstrument(Node):
    """A stored means of payment. Only its masked number is known."""

    type: str
    """The brand, such as VISA."""
    masked_card_number: str | None
    """The number with its middle hidden, 513659xxxxxx5354."""
    expiration_month: str | None
    """Month of expiry as printed, "12"."""
    expiration_year: str | None
    """Year of expiry as printed, "24"."""
    expires_on: date | None
    """The last day on which it is valid."""

    @one(LazyCustomer)
    def customer(row: _Row) -> SelectOfScalar[models.Customer]:
        """The customer who pays with it."""
        return select(models.Customer).where(models.Customer.id == row.customer_id)

    @value(bool)
    def expired(row: _Row) -> sa.ColumnElement[bool]:
        """Whether its last day is over."""
        return sa.func.coalesce(col(row.expires_on) < viewer.today, sa.false())
