"""The home of time zones: which names of IANA's there are, whatever database a machine has. Pure."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

NAMES: Final = frozenset((files("tzdata") / "zones").read_text("ascii").split())
"""The names, former ones too. `zoneinfo` finds them all, in the same package where the machine lacks one."""

DEFAULT: Final = "Europe/Zurich"
