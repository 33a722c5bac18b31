"""The home of how the oracle writes and reads values: times, amounts, folded text."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import get_currency_precision

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")


def time_text(value: datetime) -> str:
    """Return ``2018-03-14T10:07:26.5Z``: a fraction only where there is one."""
    value = value.astimezone(UTC)
    fraction = f".{value.microsecond:06}".rstrip("0").rstrip(".")
    # isoformat writes four digits of the year everywhere, strftime does not
    return value.replace(microsecond=0, tzinfo=None).isoformat() + fraction + "Z"


def read_time(value: Any) -> datetime:
    """Read an RFC 3339 time; raise `ValueError`."""
    if not isinstance(value, str) or _TIME.fullmatch(value) is None:
        msg = "not a time"
        raise ValueError(msg)
    return datetime.fromisoformat(value).astimezone(UTC)


def read_date(value: Any) -> date:
    """Read a calendar date; raise `ValueError`."""
    if not isinstance(value, str):
        msg = "not a date"
        raise ValueError(msg)  # noqa: TRY004 - graphql-core asks for one kind
    return date.fromisoformat(value)


def read_decimal(value: Any) -> Decimal:
    """Read a decimal in a string; raise `ValueError`."""
    try:
        return Decimal(value if isinstance(value, str) else "not a string")
    except InvalidOperation as error:
        raise ValueError(*error.args) from error


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """Return an object of type Money: the amount with as many digits as the currency has."""
    return {"amount": f"{amount:.{get_currency_precision(currency)}f}", "currency": currency}


def fold(text: str) -> str:
    """Return *text* as it is searched: compatible forms, case and accents do not matter."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))


def full_name(row: dict[str, Any]) -> str:
    """Return first and last name, as far as they are there."""
    return " ".join(name for name in (row["firstName"], row["lastName"]) if name is not None)
