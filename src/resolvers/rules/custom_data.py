"""The home of custom data: which JSON a shop may keep with its customers and orders. Pure."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final

import orjson

from resolvers.rules import card_numbers
from resolvers.rules.digit_runs import has_enough
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES: Final = 65_536
DEEPEST: Final = 32
"""SQLite reads JSON to a depth of 1,000: what is deeper could be stored, and never be read again."""


def violation_of(value: object) -> tuple[ViolationCode, str | None] | None:
    """Return why *value* can't be kept, with an explanation; None if both databases keep it and read it again."""
    if _depth(value) > DEEPEST:
        return ViolationCode.INVALID, f"Nest it at most {DEEPEST} deep."
    try:
        text = orjson.dumps(value)
    except (TypeError, ValueError):  # or a lone surrogate, which GraphQL lets through
        return (
            ViolationCode.INVALID,
            "Whole numbers have at most 64 bits; write longer ones as texts, and texts in Unicode.",
        )
    if len(text) > MOST_BYTES:
        return ViolationCode.TOO_LONG, f"Write at most {MOST_BYTES:,} bytes."
    # PostgreSQL keeps NUL, and refuses to read it; orjson writes null for what is infinite, as 1e400 in a document is.
    if (rb"\u0000" in text or b"null" in text) and _is_any(value, _is_lost):
        return ViolationCode.INVALID, "Texts hold no NUL, and numbers are finite."
    # Where all of it has few digits, no part is looked at.
    if has_enough(text.decode()) and _is_any(value, _is_card_number):
        return ViolationCode.NOT_ALLOWED, card_numbers.EXPLANATION
    return None


def _depth(value: object) -> int:
    """Return how deep *value* is nested; of what is too deep no more than that it is."""
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth


def _is_any(value: object, is_so: Callable[[object], bool]) -> bool:
    """Tell whether *is_so* is true of any text, number, name or list in *value*."""
    if isinstance(value, dict):
        return any(is_so(name) or _is_any(inner, is_so) for name, inner in value.items())
    if isinstance(value, list):
        return is_so(value) or any(_is_any(inner, is_so) for inner in value)
    return is_so(value)


def _is_lost(value: object) -> bool:
    return "\0" in value if isinstance(value, str) else isinstance(value, float) and not isfinite(value)


def in_pieces(value: list[object]) -> bool:
    """Tell whether a list of texts holds a card number, as a form has it that asks for it in four fields."""
    return all(isinstance(each, str) for each in value) and card_numbers.in_free_text(",".join(map(str, value)))


def _is_card_number(value: object) -> bool:
    # Of a number, what stands before the point; what stands behind it is no number of its own.
    value = int(value) if isinstance(value, float) else value
    if isinstance(value, list):
        return in_pieces(value)
    return isinstance(value, str | int) and card_numbers.in_free_text(str(value))
