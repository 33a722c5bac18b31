"""The home of currencies: how many digits an amount has."""

from __future__ import annotations

from typing import Final

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
