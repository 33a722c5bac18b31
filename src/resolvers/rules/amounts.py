"""The home of how amounts of money and quantities are read from fields. Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

from babel.numbers import list_currencies

from db.currencies import MOST_MONEY, digits_of
from db.quantities import MOST_QUANTITY, QUANTITY_DIGITS
from resolvers.rules.literals import parse_decimal, parse_quantity

if TYPE_CHECKING:
    from resolvers.rules.fields import Fields

DIGITS_OF_PRICES: Final = 4
"""Decimals of the price of one unit: a screw costs 0.0123."""
TOO_MUCH: Final = f"An amount is at most {MOST_MONEY:,}."
_SMALLEST: Final = [Decimal(1).scaleb(-digits) for digits in range(DIGITS_OF_PRICES + 1)]
"""The smallest part of one, by how many decimals there are."""
_CURRENCIES: Final = frozenset(list_currencies())


def currency(fields: Fields, name: str) -> str | None:
    """Read the code of a currency, which must be there; former ones count."""
    return fields.code(name, _CURRENCIES.__contains__, "Write a code of ISO 4217, such as CHF.", required=True)


def decimal(fields: Fields, name: str, *, required: bool = False) -> Decimal | None:
    """Read a decimal; a JSON number is refused, because it may have lost digits already."""
    return fields.parsed(name, Decimal, parse_decimal, required=required)


def amount(fields: Fields, name: str, currency: str | None, *, required: bool = False) -> Decimal | None:
    """Read an amount of money in *currency*; of an unknown one nothing but the form is checked."""
    found = _bounded(fields, name, required=required)
    if found is not None and currency is not None and found % _SMALLEST[digits := digits_of(currency)]:
        fields.wrong(name, f"An amount in {currency} has at most {digits} decimals.")
        return None
    return found


def price(fields: Fields, name: str, *, required: bool = False) -> Decimal | None:
    """Read the price of one unit, which may be less than the smallest coin."""
    found = _bounded(fields, name, required=required)
    if found is not None and found % _SMALLEST[DIGITS_OF_PRICES]:
        fields.wrong(name, f"The price of one unit has at most {DIGITS_OF_PRICES} decimals.")
        return None
    return found


def quantity(fields: Fields, name: str) -> Decimal | None:
    """Read how much, which must be there: zero of a line that was voided, less of one that came back."""
    found = fields.parsed(name, Decimal, parse_quantity, required=True)
    if found is None or (-MOST_QUANTITY <= found <= MOST_QUANTITY and not found % _SMALLEST[QUANTITY_DIGITS]):
        return found
    fields.wrong(name, f"Write a number up to {MOST_QUANTITY:,} with at most {QUANTITY_DIGITS} decimals.")
    return None


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the digits of *currency*, as an invoice does."""
    return amount.quantize(_SMALLEST[digits_of(currency)], ROUND_HALF_UP)


def _bounded(fields: Fields, name: str, *, required: bool) -> Decimal | None:
    """Read a decimal within the bounds of money, where its remainders have no more digits than Python works with."""
    found = fields.parsed(name, Decimal, parse_decimal, required=required)
    # Compared exactly, and not as abs() does, in the digits of a context.
    if found is None or -MOST_MONEY <= found <= MOST_MONEY:
        return found
    fields.wrong(name, TOO_MUCH)
    return None
