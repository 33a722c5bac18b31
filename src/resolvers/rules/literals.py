"""The home of how JSON, dates, times and decimals are written in the API, and in files that are imported. Pure."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Final

import orjson

# Python reads all of ISO 8601: week dates, basic forms, hours alone.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT(?!24)\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)
_MIDNIGHT = re.compile(r"24(:?00){0,2}([.,]0+)?", re.ASCII)  # of the next day; not every Python knows it
_ANY_TIME = re.compile(r"([\dW-]+)[T ]([\d:.,]+) ?(Z|[+-][\d:]+)", re.ASCII)
# Python reads exponents, blanks and underscores as well; 1E999999 would fill the memory.
_NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?", re.ASCII)

EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(3000, 1, 1, tzinfo=UTC)
"""Times are between them. PostgreSQL's driver sends the last one that Python knows as infinity."""
_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_TOO_DEEP: Final = "it is nested too deep"
_ESCAPED_COLON: Final = b"\\u003"
_NEARLY_64_BITS: Final = b"0" * 19


def parse_json(text: bytes | bytearray | str) -> object:
    """Return what *text* says in JSON; raise `ValueError` where it is none.

    A whole number of more than 64 bits, of which orjson makes the nearest float, stays what it is.
    """
    found: object = orjson.loads(text)
    written = text.encode() if isinstance(text, str) else text
    # A search for digits takes ten times as long as a search for zeros.
    if _NEARLY_64_BITS not in written.translate(_AS_ZEROS):
        return found
    try:
        return json.loads(written)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def parse_json_of_file(text: bytes | str) -> object:
    """Return what *text* says in JSON, no member of an object lost: raise `ValueError` where two have one name."""
    found, written = parse_json(text), text.encode() if isinstance(text, str) else text
    try:
        # A lost member takes its colon along; those in texts stand on both sides, unless they are escaped on one.
        is_whole = _ESCAPED_COLON not in written and written.count(b":") == orjson.dumps(found).count(b":")
    except TypeError:  # a number of more than 64 bits
        is_whole = False
    if not is_whole:
        _read_strictly(written)
    return found


def _read_strictly(text: bytes) -> None:
    try:
        json.loads(text, object_pairs_hook=_each_once)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def _each_once(members: list[tuple[str, object]]) -> None:
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        msg = "an object in it has two members of one name"
        raise ValueError(msg)


def parse_time(text: object) -> datetime:
    """Return the time in UTC that *text* means; raise `ValueError` unless it is RFC 3339 with an offset."""
    try:
        if _TIME.fullmatch(_string(text)):
            return datetime.fromisoformat(_string(text).upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    msg = "A DateTime is written as 2018-03-14T10:07:26Z, with Z or an offset."
    raise ValueError(msg)


def parse_any_time(text: object) -> datetime:
    """Return the time in UTC that *text* means in whatever spelling of ISO 8601; raise `ValueError` without an offset.

    With a blank in place of the T and before the offset, as databases write it.
    """
    found = _ANY_TIME.fullmatch(_string(text).upper())
    try:
        if found and _MIDNIGHT.fullmatch(found[2]):
            return datetime.fromisoformat(f"{found[1]}T00:00{found[3]}").astimezone(UTC) + timedelta(days=1)
        time = datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3]}") if found else None
        if time is not None and time.tzinfo is not None:
            return time.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    msg = "Write a time of ISO 8601 with Z or an offset, such as 2018-03-14T10:07:26Z or 2018-03-14 11:07:26 +0100."
    raise ValueError(msg)


def parse_date(text: object) -> date:
    """Return the date that *text* means; raise `ValueError` unless it is ``YYYY-MM-DD``."""
    try:
        day = date.fromisoformat(_string(text))
        if day.isoformat() == text:
            return day
    except ValueError:
        pass
    msg = "A Date is written as 1984-05-23."
    raise ValueError(msg)


def _string(value: object) -> str:
    if not isinstance(value, str):
        msg = "not a string"
        raise ValueError(msg)  # noqa: TRY004 - GraphQL reports a ValueError's own text
    return value


def parse_decimal(text: object) -> Decimal:
    """Return the decimal that *text* means; a JSON number is refused, because it may have lost digits already."""
    if isinstance(text, str) and _NUMBER.fullmatch(text):
        return Decimal(text)
    msg = 'A Decimal is written as a string, "19.90".'
    raise ValueError(msg)


def parse_quantity(number: object) -> Decimal:
    """Return the decimal that *number* means: a JSON number as it is written shortest, or a text of digits."""
    if type(number) is int:  # a bool is none
        return Decimal(number)
    if isinstance(number, float):
        text = format(Decimal(repr(number)), "f") if isfinite(number) else ""
    else:
        text = number if isinstance(number, str) else ""
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    msg = "Write a number, such as 2 or 1.5."
    raise ValueError(msg)
