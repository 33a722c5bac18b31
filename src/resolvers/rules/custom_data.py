"""The home of custom data: which JSON a shop may keep with its customers and orders. Pure."""

from __future__ import annotations

from typing import Final

import orjson

from resolvers.rules import card_numbers
from resolvers.rules.digit_runs import has_enough
from resolvers.rules.violations import ViolationCode

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
    # PostgreSQL keeps NUL, and refuses to read it.
    if rb"\u0000" in text and _holds_nul(value):
        return ViolationCode.INVALID, None
    # Where all of it has few digits, no part is looked at.
    if has_enough(text.decode()) and _holds_card_number(value):
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


def _holds_nul(value: object) -> bool:
    if isinstance(value, dict):
        return any("\0" in name or _holds_nul(inner) for name, inner in value.items())
    if isinstance(value, list):
        return any(map(_holds_nul, value))
    return isinstance(value, str) and "\0" in value


def _holds_card_number(value: object) -> bool:
    if isinstance(value, dict):
        return any(card_numbers.in_free_text(name) or _holds_card_number(inner) for name, inner in value.items())
    if isinstance(value, list):
        return any(map(_holds_card_number, value))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return isinstance(value, (str, int)) and card_numbers.in_free_text(str(value))
