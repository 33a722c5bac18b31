"""The home of the value added tax of the demo's orders: Swiss or German, by currency."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from resolvers.rules.amounts import rounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RATE_CUT = "2018"
"""Switzerland's standard rate fell from 8.0 to 7.7 percent with this year."""
_ZERO = Decimal(0)


def taxes(order: Mapping[str, Any], food: Decimal) -> list[dict[str, Any]]:
    """Return the taxes of an order, of whose lines *food* is taxed less.

    Adjustments share the standard rate, or the reduced one where there is nothing but food.
    """
    other = sum((item["linePrice"] for item in order["items"]), _ZERO) - food
    extra = sum((adjustment["price"] for adjustment in order["adjustments"]), _ZERO)
    bases = (other + extra, food) if other else (_ZERO, food + extra)
    return [
        {"name": name, "rate": rate, "amount": _amount(order, base, Decimal(rate))}
        for (name, rate), base in zip(_rates(order), bases, strict=True)
        if base
    ]


def _rates(order: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and percentage, the standard rate first."""
    if order["currency"] == "EUR":
        yield from (("MwSt. 19 %", "19"), ("MwSt. 7 %", "7"))
    else:
        standard = "8.0" if order["orderDate"] < RATE_CUT else "7.7"
        yield from ((f"MwSt. {standard} %", standard), ("MwSt. 2.5 %", "2.5"))


def _amount(order: Mapping[str, Any], base: Decimal, rate: Decimal) -> Decimal:
    return rounded(base * rate / (100 + rate if order["taxIncluded"] else Decimal(100)), order["currency"])
