"""The home of the value added tax of the demo's orders: Swiss or German, by currency."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from db.models import OrderTax
from gateway.demo.rows import ZERO, to_the_cent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from db.models import Order, OrderAdjustment, OrderItem

RATE_CUT = 2018
"""Switzerland's standard rate fell from 8.0 to 7.7 percent with this year."""


def taxes(
    order: Order, items: Sequence[OrderItem], adjustments: Sequence[OrderAdjustment], food: Decimal
) -> list[OrderTax]:
    """Return the taxes of an order, of whose lines *food* is taxed less.

    Adjustments share the standard rate, or the reduced one where there is nothing but food.
    """
    other = sum((item.line_price for item in items), ZERO) - food
    extra = sum((adjustment.price for adjustment in adjustments), ZERO)
    bases = (other + extra, food) if other else (ZERO, food + extra)
    named = [(name, rate, base) for (name, rate), base in zip(_rates(order), bases, strict=True) if base]
    return [
        OrderTax(
            order_id=order.id,
            position=position,
            name=name,
            rate=rate,
            amount=_amount(base, Decimal(rate), included=order.tax_included),
            currency=order.currency,
        )
        for position, (name, rate, base) in enumerate(named, 1)
    ]


def _rates(order: Order) -> Iterator[tuple[str, str]]:
    """Yield name and percentage, the standard rate first."""
    if order.currency == "EUR":
        yield from (("MwSt. 19 %", "19"), ("MwSt. 7 %", "7"))
    else:
        standard = "8.0" if order.order_date.year < RATE_CUT else "7.7"
        yield from ((f"MwSt. {standard} %", standard), ("MwSt. 2.5 %", "2.5"))


def _amount(base: Decimal, rate: Decimal, *, included: bool) -> Decimal:
    return to_the_cent(base * rate / (100 + rate if included else Decimal(100)))
