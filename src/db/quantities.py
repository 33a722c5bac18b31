"""The home of quantities: how exact they are, and how large. Pure."""

from __future__ import annotations

from typing import Final

QUANTITY_DIGITS: Final = 3
"""Decimals that a quantity has at most: 0.125 kg, 1.5 m."""
QUANTITY_SCALE: Final = 10**QUANTITY_DIGITS
"""Quantities are stored in 1/1,000 of the unit."""
MOST_QUANTITY: Final = 10**9
"""The largest quantity, of either sign: negative on a line that was returned."""
