"""The home of time zones: which names of IANA's there are, by CLDR, because a machine may lack the database. Pure."""

from __future__ import annotations

from typing import Final

from babel.core import get_global

NAMES: Final = frozenset({"UTC", *get_global("zone_territories"), *get_global("zone_aliases")}) - {"Etc/Unknown"}
"""The names, former ones too."""

DEFAULT: Final = "Europe/Zurich"
