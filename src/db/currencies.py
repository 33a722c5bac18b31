"""The home of amounts of money: how many digits each currency has, and how large they may be. Pure."""

from __future__ import annotations

from typing import Final

MONEY_SCALE: Final = 10_000
"""Money is stored in 1/10,000 of the unit: no currency of ISO 4217 has more than four digits."""
MOST_MONEY: Final = 10**11
"""The largest amount, of either sign: the sum of 9,000 of them still is a BIGINT."""

USUAL_DIGITS: Final = 2

UNUSUAL_DIGITS: Final = {
    0: (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ),
    3: ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"),
    4: ("CLF", "UYW"),
}
"""The currencies of ISO 4217, list one, whose minor unit is not a hundredth.

Not CLDR's digits, which Babel has: they tell what is usual in cash (RSD 0), and would cut amounts that exist.
"""


_DIGITS: Final = {code: digits for digits, codes in UNUSUAL_DIGITS.items() for code in codes}


def digits_of(currency: str) -> int:
    """Return how many decimals an amount in *currency* has."""
    return _DIGITS.get(currency, USUAL_DIGITS)
