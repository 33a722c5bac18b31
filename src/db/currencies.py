"""The home of currencies: how many digits an amount has."""

from __future__ import annotations

from functools import cache

from babel.numbers import get_currency_precision, list_currencies

USUAL_DIGITS = 2


@cache
def unusual_digits() -> dict[int, tuple[str, ...]]:
    """Return the ISO 4217 codes of the currencies that do not have two digits, by their number of digits."""
    codes: dict[int, list[str]] = {}
    for code in sorted(list_currencies()):
        if (digits := get_currency_precision(code)) != USUAL_DIGITS:
            codes.setdefault(digits, []).append(code)
    return {digits: tuple(found) for digits, found in sorted(codes.items())}
