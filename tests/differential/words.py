"""The home of awkward values: texts, times, amounts and JSON that have broken somebody's encoder, collation or LIKE."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

NOW = datetime(2026, 3, 14, 10, 7, 26, 500_000, tzinfo=UTC)
"""When every operation is sent."""

TEXTS = (
    "Müller",
    "muller",
    "O'Brien",
    'say "hi"',
    "back\\slash",
    "\\",
    "100% wool",
    "1000 wool",
    "under_score",
    "underXscore",
    "😀 👩‍👩‍👧",
    "cafe\u0301",
    "café",
    "שלום עולם",
    "مَرحبا",
    "\u0001\u001f\u007f",
    "line\u2028end\u2029",
    "tab\tnew\nline\r",
    "İstanbul",
    "straße",
    "ﬁne ﬂour",
    "\U0001d518\U0001d52b\U0001d526",  # Uni in Fraktur
    "",
    " ",
    "null",
    '{"a": 1}',
    "'; --",
    "\ufeffmark",
    "</script>",
    "\uffff\U0010ffff",
    "Zebra",
    "apple",
    "Ärger",
    "日本語",
)

SEARCHES = (
    # a word that many have, and one that nobody has
    "so- nowhere",
    "c nowhere",
    # wildcards, more often than the rest
    "%",
    "_",
    "%",
    "_",
    "10%",
    "%:",
    "",
    " ",
    "%",
    "_",
    "\\",
    "100%",
    "r_s",
    "\\s",
    "MULLER",
    "müller wool",
    "wool  100",
    "CAFÉ",
    "café",
    "STRASSE",
    "fine",
    "istanbul",
    "😀",
    "שלום",
    "مرحبا",
    "uni",
    '"',
    "'",
    "日本",
    "no such word",
    "\u2028",
    "a",
    "e o",
    "SKU",
    "sku-1 wool",
    "1000",
    "\x01",
)

_DAY = datetime(2025, 6, 1, 12, 0, 0, tzinfo=UTC)
TIMES = (
    _DAY,
    _DAY,
    _DAY.replace(microsecond=500_000),
    _DAY.replace(microsecond=1),
    _DAY.replace(microsecond=120_000),
    _DAY + timedelta(days=30),
    _DAY + timedelta(days=30, microseconds=999_999),
    _DAY - timedelta(days=400),
    datetime(2018, 3, 14, 10, 7, 26, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(900, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_990, tzinfo=UTC),
)

DIGITS = {"CHF": 2, "EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4}
AMOUNTS = tuple(
    Decimal(amount)
    for amount in ("0", "10", "10", "19.9", "-0.05", "-5", "1990", "1990", "0.001", "0.0001", "-12.345", "100000000000")
)

JSON: tuple[Any, ...] = (
    None,
    {},
    [],
    {"b": 1, "a": [True, False, None, {"z": '\u0001"\\😀', "": 0.5}]},
    ["nested", ["deep", {"x": {"y": {"z": []}}}]],
    {"cost centre": "4711", "number": 9007199254740993, "negative": -1.25},
    "a text",
    "",
    False,
    True,
)


def amount(value: Decimal, currency: str) -> Decimal:
    """Return *value* with no more digits than *currency* has."""
    return value.quantize(Decimal(1).scaleb(-DIGITS[currency]))
