"""The home of countries: which codes name one. Pure."""

from __future__ import annotations

import re
from typing import Final

from babel import Locale

# CLDR has codes that ISO 3166-1 does not assign to a country: regions of others, unions, the unknown, tests.
_NO_COUNTRIES: Final = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}

_TWO_LETTERS = re.compile("[A-Z]{2}")

CODES: Final = frozenset(filter(_TWO_LETTERS.fullmatch, map(str, Locale("en").territories))) - _NO_COUNTRIES
"""The codes of ISO 3166-1 alpha-2, and XK, by which the post and the banks know Kosovo."""
