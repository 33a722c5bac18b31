"""The home of how texts are written: which characters and numbers they may hold, and names in the API's style. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from resolvers.rules import card_numbers
from resolvers.rules.email_address import trimmed
from resolvers.rules.shapes import instead
from resolvers.rules.violations import ViolationCode

Kind = Callable[[str], bool]
"""Of a text: tells whether one holds a card number, as far as it can be told in a text of the kind."""

FREE_TEXT: Final[Kind] = card_numbers.in_free_text
PHONE_NUMBER: Final[Kind] = card_numbers.in_phone_number
IDENTIFIER: Final[Kind] = card_numbers.in_identifier
"""A number, code or link that a system has assigned. One in ten passes the check of card numbers by chance."""

# Controls (PostgreSQL refuses NUL), lone surrogates (no driver encodes them), line and paragraph separators. And
# embeddings, overrides and isolates: they make a name read differently from what it is, and no name needs them.
_REFUSED = r"\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069"
_UNSTORABLE = re.compile(rf"[\x00-\x1f{_REFUSED}]")
_UNSTORABLE_IN_LINES = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f{_REFUSED}]")
# By what an identifier reads as another one: controls, blanks of other kinds, and what takes no room.
_UNSEEN = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

Fault = tuple[ViolationCode, int | None, str | None]
"""What is wrong with a value: the code, its limit and an explanation, where there are any."""


def fault_of(
    value: object, limit: int, kind: Kind = FREE_TEXT, *, required: bool = False, multiline: bool = False
) -> Fault | None:
    """Return why *value* can't be stored as a text of at most *limit* characters; None if it can, or is nothing."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return (ViolationCode.REQUIRED, None, None) if required else None
    if not isinstance(value, str):
        return ViolationCode.INVALID, None, instead("Write a text.", value)
    if len(value) > limit:
        return ViolationCode.TOO_LONG, limit, None
    if not is_storable(value, multiline=multiline) or (kind is IDENTIFIER and not is_seen(value)):
        lines = "" if multiline else ", and line ends"
        return ViolationCode.INVALID, None, f"Leave out what can't be seen{lines}."
    return (ViolationCode.NOT_ALLOWED, None, card_numbers.EXPLANATION) if kind(value) else None


def is_storable(text: str, *, multiline: bool = False) -> bool:
    """Tell whether *text* can be stored and shown as it reads; one that is *multiline* may have tabs and line ends."""
    return not (_UNSTORABLE_IN_LINES if multiline else _UNSTORABLE).search(text)


def identity(text: str) -> str:
    """Return *text* as it is compared where it is a number or code: without blanks around it, composed (NFC)."""
    return trimmed(text) if text.isascii() else unicodedata.normalize("NFC", trimmed(text))


def is_seen(text: str) -> bool:
    """Tell whether all of *text* can be seen, so that no other text looks like it for want of something."""
    return text.isprintable() and not _UNSEEN.search(text)


def camel_case(column: str) -> str:
    """Return what a column is called in the API: "first_name" is firstName there."""
    first, *others = column.split("_")
    return first + "".join(other.capitalize() for other in others)
