"""The home of what a value looks like: messages tell what was found by its class, and never repeat the value. Pure."""

from __future__ import annotations

import re
from typing import Final

_SIGN = "[+\\-\u2010-\u2015\u2212]"
_FIGURES, _UNIT = r"-?\d[\d.,'\u2019]*", "(?:[a-z]{1,4}|[$\u20ac\xa3\xa5%])"
_DAY, _TIME = r"\d{4}-\d\d?-\d\d?", r"\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?"

_LONGEST: Final = 100
"""Characters that are looked at: nothing that is meant for a number, a time or a code has more."""
# The first that fits the whole text names it.
_SHAPES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE | re.ASCII), name)
    for pattern, name in (
        (r"-?\d+", "a whole number"),
        (r"-?\d+\.\d+", "a number with decimals"),
        (r"-?\d+(?:\.\d+)?e[+-]?\d+", "a number with an exponent"),
        (rf"{_SIGN}?\s*\d+(?:\.\d+)?", "a number with another sign than - in front"),
        (rf"{_SIGN}?[\d.\s_'\u2019]*\d,\d+", "a number with a comma"),
        (_DAY, "a date without a time"),
        (rf"{_DAY}[T ]+{_TIME}", "a time without Z or an offset"),
        (rf"{_DAY}[T ]+{_TIME}\s*(?:Z|[+-][\d:]+)", "a time of a day or an hour that is none"),
        (r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b.*", "a date in another spelling"),
        (rf"{_SIGN}?\d[\d.,\s_'\u2019]*\d", "a number with separators"),
        (rf"{_UNIT}\s*{_FIGURES}|{_FIGURES}\s*{_UNIT}", "a number with a unit or a currency"),
        (r"true|false|yes|no", "a yes or no"),
        (r"http://.*", "an address that begins with http://"),
        (r"https://.*", "such an address with a blank, a backslash or a name in it"),
        (r"[^\s@]+@\S+", "a text with an @"),
        (r"[a-z]+", "a word"),
        (r"[a-z]+(?:[ _-]+[a-z]+)+", "a text of several words"),
    )
)

_KINDS: Final = (
    (bool, "true or false"), ((int, float), "a JSON number"), (list, "a list"), (type(None), "nothing"),
)  # fmt: skip
"""Of JSON; a boolean is a number to Python."""


def instead(wanted: str, value: object) -> str:
    """Return the message that tells what is *wanted*, and what was found in place of it."""
    return f"{wanted} Here is {shape_of(value)}."


def shape_of(value: object) -> str:
    """Return the class of *value* in words, such as ``a number with a comma``."""
    if not isinstance(value, str):
        return next((name for kind, name in _KINDS if isinstance(value, kind)), "an object")
    if len(value) > _LONGEST:
        return "a long text"
    if not value.isprintable():
        return "a text with what can't be seen"
    text = value.strip()
    return next((name for pattern, name in _SHAPES if pattern.fullmatch(text)), "another text")
