"""The home of the API's scalars."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry

from db.columns import printed
from resolvers.rules.literals import parse_date, parse_decimal, parse_time

_RFC_3339 = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"

JSON = NewType("JSON", object)

_DATE = strawberry.scalar(
    name="Date",
    description="A calendar date of ISO 8601, such as 1984-05-23.",
    specified_by_url=_RFC_3339,
    serialize=str,
    parse_value=parse_date,
)
_DATE_TIME = strawberry.scalar(
    name="DateTime",
    description="A point in time of RFC 3339 in UTC, such as 2018-03-14T10:07:26Z.",
    specified_by_url=_RFC_3339,
    serialize=printed,
    parse_value=parse_time,
)
_DECIMAL = strawberry.scalar(
    name="Decimal",
    description='An exact decimal as a string, such as "19.90".',
    serialize=str,
    parse_value=parse_decimal,
)
_JSON = strawberry.scalar(
    name="JSON", description="Any JSON value.", serialize=lambda value: value, parse_value=lambda value: value
)

SCALARS: dict[Any, Any] = {date: _DATE, datetime: _DATE_TIME, Decimal: _DECIMAL, JSON: _JSON}
"""The scalar of each Python type."""
