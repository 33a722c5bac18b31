"""The home of how JSON, dates, times and decimals are written in the API, and in files that are imported. Pure."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Final

import orjson

# Python reads all of ISO 8601: week dates, basic forms, hours alone.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT(?!24)\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)
_ANY_TIME = re.compile(
    r"(?P<day>[\dW-]+)[T ](?P<hour>\d\d)(?:(?P<colon>:?)(?P<minute>[0-5]\d)(?:(?P=colon)(?P<second>[0-5]\d))?)?"
    r"(?P<fraction>[.,]\d{1,40})? ?(?:Z|(?P<sign>[+-])(?P<hours>\d\d)(?::?(?P<minutes>[0-5]\d))?)",
    re.ASCII,
)
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})", re.ASCII)
_MINUS: Final = "\u2212"
"""The sign that ISO 8601 prints."""
# Python reads exponents, blanks and underscores as well; 1E999999 would fill the memory.
_NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?", re.ASCII)

EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(3000, 1, 1, tzinfo=UTC)
"""Times are between them. PostgreSQL's driver sends the last one that Python knows as infinity."""
_AS_ZEROS = bytes.maketrans(b"123456789E", b"000000000e")
_TOO_DEEP: Final = "it is nested too deep"
_MANY_DIGITS: Final = b"0" * 16
_LARGE_EXPONENT: Final = b"e000"
"""What a number may have that no float holds, once points and signs are left out."""
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
    """Return what *text* says in JSON, nothing lost.

    Raise `ValueError` where two members of an object have one name, and where a number has more digits than a float.
    """
    found: object = orjson.loads(text)
    written = text.encode() if isinstance(text, str) else text
    digits = written.translate(_AS_ZEROS, b".+-")
    # A lost member takes its colon along; those in texts stand on both sides, unless they are escaped on one.
    if (
        _MANY_DIGITS not in digits
        and _LARGE_EXPONENT not in digits
        and _ESCAPED_COLON not in written
        and written.count(b":") == orjson.dumps(found).count(b":")
    ):
        return found
    return _read_strictly(written)


def _read_strictly(text: bytes) -> object:
    try:
        return json.loads(text, object_pairs_hook=_each_once, parse_float=_kept)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def _kept(text: str) -> float:
    found = float(text)
    if Decimal(text) != Decimal(repr(found)):
        msg = "a number in it has more digits than are kept"
        raise ValueError(msg)
    return found


def _each_once(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) < len(members):
        msg = "an object in it has two members of one name"
        raise ValueError(msg)
    return found


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
    if _TIME.fullmatch(_string(text)):  # nearly every one, at half the price
        return parse_time(text)
    found = _ANY_TIME.fullmatch(_string(text).upper().replace(_MINUS, "-"))
    try:
        if found:
            return datetime.combine(_day(found["day"]), time(), UTC) + _of_day(found) - _offset(found)
    except (ValueError, OverflowError):
        pass
    msg = "Write a time of ISO 8601 with Z or an offset, such as 2018-03-14T10:07:26Z or 2018-03-14 11:07:26 +0100."
    raise ValueError(msg)


def _day(text: str) -> date:
    if ordinal := _ORDINAL.fullmatch(text):
        day = date(int(ordinal[1]), 1, 1) + timedelta(days=int(ordinal[2]) - 1)
        if day.year != int(ordinal[1]):
            msg = "no day of that year"
            raise ValueError(msg)
        return day
    return date.fromisoformat(text)


def _of_day(found: re.Match[str]) -> timedelta:
    """Return how long after midnight it is: the fraction is of the last unit that is told; 24:00 is the day's end."""
    of_day = timedelta(hours=int(found["hour"]), minutes=int(found["minute"] or 0), seconds=int(found["second"] or 0))
    if fraction := found["fraction"]:
        microseconds = 1_000_000 if found["second"] else 60_000_000 if found["minute"] else 3_600_000_000
        of_day += timedelta(microseconds=microseconds * int(fraction[1:]) // 10 ** (len(fraction) - 1))
    if of_day > timedelta(days=1):
        msg = "no time of a day"
        raise ValueError(msg)
    return of_day


def _offset(found: re.Match[str]) -> timedelta:
    if not found["sign"]:
        return timedelta()
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    if offset >= timedelta(days=1):
        msg = "no offset"
        raise ValueError(msg)
    return -offset if found["sign"] == "-" else offset


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
