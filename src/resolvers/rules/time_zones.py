"""The home of time zones: which names of IANA's there are, on whatever machine, and how one is read. Pure."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from resolvers.rules.fields import Fields

NAMES: Final = frozenset((files("tzdata") / "zones").read_text("ascii").split())
"""The names, former ones too. `zoneinfo` finds them all, in the same package where the machine lacks one."""
_BY_LETTERS: Final = {name.lower(): name for name in NAMES}

DEFAULT: Final = "Europe/Zurich"


def time_zone(fields: Fields, name: str, *, required: bool = False) -> str | None:
    """Read the name of a time zone; in files in whatever capitals."""
    return fields.code(name, NAMES.__contains__, "Write one such as Europe/Zurich.", _spelled, required=required)


def _spelled(name: str) -> str:
    return _BY_LETTERS.get(name.lower(), name)
