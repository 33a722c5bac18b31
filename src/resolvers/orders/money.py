"""The home of money as the API shows it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from db.json_text import decimal_text
from resolvers.planner import Part, planned, value


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in SQL with its currency."""

    amount: sa.ColumnElement[Any]
    currency: Any


@planned()
class Money:
    """An amount of money."""

    currency: str
    """Currency, ISO 4217."""

    @value(Decimal)
    def amount(row: Amount) -> sa.ColumnElement[str]:
        """The amount, with the digits of its currency."""
        return decimal_text(row.amount, row.currency)


def money(amount: Any, currency: Any) -> Part:  # noqa: ANN401 - columns, which their models type as their values
    """Return the part of a row that is *amount*; null where the amount is."""
    return Part(Amount(amount, currency), present=sa.not_(amount.is_(None)))
