"""The home of countries: which codes name one, and how one is read. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from babel import Locale

if TYPE_CHECKING:
    from resolvers.rules.fields import Fields

# CLDR has codes that ISO 3166-1 does not assign to a country: regions of others, unions, the unknown, tests.
_NO_COUNTRIES: Final = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}

_TWO_LETTERS = re.compile("[A-Z]{2}")

CODES: Final = frozenset(filter(_TWO_LETTERS.fullmatch, map(str, Locale("en").territories))) - _NO_COUNTRIES
"""The codes of ISO 3166-1 alpha-2, and XK, by which the post and the banks know Kosovo."""


def country(fields: Fields, name: str, *, required: bool = False) -> str | None:
    """Read the code of a country."""
    return fields.code(name, CODES.__contains__, "Write a code of ISO 3166-1, such as CH.", required=required)
