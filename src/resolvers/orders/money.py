"""The home of money as the API shows it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from db.number_text import decimal_text, price_text
from resolvers.planner import Part, planned, value


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in SQL with its currency."""

    amount: sa.ColumnElement[Any]
    currency: Any
    is_price: bool = False
    """Whether it is the price of one unit, which may be less than the smallest coin."""


@planned()
class Money:
    """An amount of money."""

    currency: str
    """Currency, ISO 4217."""

    @value(Decimal)
    def amount(row: Amount) -> sa.ColumnElement[str]:
        """The amount, with the digits of its currency; the price of one unit has up to four where it needs them."""
        return price_text(row.amount, row.currency) if row.is_price else decimal_text(row.amount, row.currency)


def money(amount: Any, currency: Any) -> Part:  # noqa: ANN401 - columns, which their models type as their values
    """Return the part of a row that is *amount*; null where the amount is."""
    return Part(Amount(amount, currency), present=sa.not_(amount.is_(None)))


def unit_price(price: Any, currency: Any) -> Part:  # noqa: ANN401 - columns, as above
    """Return the part of a row that is the *price* of one unit; null where that is."""
    return Part(Amount(price, currency, is_price=True), present=sa.not_(price.is_(None)))
