"""The home of how texts are written: which characters they may hold, and names in the style of the API. Pure."""

from __future__ import annotations

import re

# Controls (PostgreSQL refuses NUL), lone surrogates (no driver encodes them), line and paragraph separators. And
# embeddings, overrides and isolates: they make a name read differently from what it is, and no name needs them.
_REFUSED = r"\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069"
_UNSTORABLE = re.compile(rf"[\x00-\x1f{_REFUSED}]")
_UNSTORABLE_IN_LINES = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f{_REFUSED}]")


def is_storable(text: str, *, multiline: bool = False) -> bool:
    """Tell whether *text* can be stored and shown as it reads; one that is *multiline* may have tabs and line ends."""
    return not (_UNSTORABLE_IN_LINES if multiline else _UNSTORABLE).search(text)


def camel_case(column: str) -> str:
    """Return what a column is called in the API: "first_name" is firstName there."""
    first, *others = column.split("_")
    return first + "".join(other.capitalize() for other in others)
