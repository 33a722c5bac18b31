"""The home of planted rows: made from the tables themselves, with a value in every column that no other row has.

A text holds a canary such as ⟦A⟧17: it names its owner, and its number belongs to this row alone. A table or column
that is added later is planted without being told.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlmodel import SQLModel

from db import models
from db.columns import MoneyColumn, QuantityColumn, UtcDateTime
from db.ids import new_id

Made = TypeVar("Made", bound=SQLModel)

NOW = datetime(2026, 3, 14, 10, 7, 26, tzinfo=UTC)
_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CANARY = re.compile(r"⟦\w⟧([0-9A-Z]+)")

CURRENCIES = {"A": "CHF", "B": "EUR", "C": "GBP", "T": "USD", "O": "SEK"}
"""A currency of its own for each owner, of two digits; three letters have no room for a canary."""
SNAPSHOTS = {"billing_address", "shipping_address"}
"""JSON columns whose keys are the fields of PostalAddress."""


@dataclass
class Planting:
    """Plants rows; *snapshot* names the fields of an address in an order."""

    snapshot: tuple[str, ...]
    rows: list[SQLModel] = field(default_factory=list)
    rows_of: dict[type[SQLModel], list[SQLModel]] = field(default_factory=lambda: defaultdict(list))
    owner_of: dict[str, SQLModel] = field(default_factory=dict)
    """The row of each canary, by its number."""
    number: int = 0

    def plant(self, model: type[Made], owner: str, **given: Any) -> Made:
        """Return a new row of *model* that belongs to *owner*; columns not *given* are filled."""
        numbers: list[str] = []
        table = cast("sa.Table", sa.inspect(model).local_table)
        values = {
            column.key: given[column.key] if column.key in given else self._value(model, column, owner, numbers)
            for column in table.columns
        }
        row = model(**values)
        self.rows.append(row)
        self.rows_of[model].append(row)
        self.owner_of |= dict.fromkeys(numbers, row)
        return row

    def next(self) -> int:
        """Return a number that was never returned."""
        self.number += 1
        return self.number

    def _value(self, model: type[SQLModel], column: sa.Column[Any], owner: str, numbers: list[str]) -> Any:
        number, type_ = self.next(), column.type
        if column.foreign_keys and not column.nullable:
            message = f"{model.__name__}.{column.key} refers to a row: population.py has to give it"
            raise LookupError(message)
        if column.foreign_keys:
            return None
        if column.primary_key and issubclass(model, models.Entity):
            return new_id(model.letters, NOW + timedelta(milliseconds=number))
        if isinstance(type_, sa.Enum):
            return list(type_.enum_class)[number % len(type_.enum_class)]  # type: ignore[arg-type]  # all have classes
        if isinstance(type_, sa.JSON):
            return self._json(column, owner, numbers)
        if isinstance(type_, sa.String):
            return self._text(column, owner, numbers)
        # The database allows few places.
        return 1 if column.key == "place" else _plain(type_, number)

    def _json(self, column: sa.Column[Any], owner: str, numbers: list[str]) -> Any:
        if column.key in SNAPSHOTS:
            return {name: self.canary(owner, numbers) for name in self.snapshot}
        text = self.canary(owner, numbers)
        if column.key == "landing_pages":
            return {"RESET": [text]}
        if column.key == "outcome":
            return {"type": text, "ids": {}}
        return {"planted": text} if column.nullable else [text]

    def _text(self, column: sa.Column[Any], owner: str, numbers: list[str]) -> str:
        if column.key == "currency":
            return CURRENCIES[owner]
        length: int | None = getattr(column.type, "length", None)
        if length is not None and length < len("⟦A⟧1234"):
            return owner + _base_36(self.next())[1 - length :]
        text = self.canary(owner, numbers)
        # Searched texts are folded when they are written.
        return text.casefold() if column.key == "search_text" else text

    def canary(self, owner: str, numbers: list[str]) -> str:
        """Return a text that stands nowhere else; note its number in *numbers*."""
        numbers.append(number := _base_36(self.next()))
        return f"⟦{owner}⟧{number}"


def canaries(text: str) -> set[str]:
    """Return the numbers of the canaries in *text*."""
    return set(_CANARY.findall(text))


def _plain(type_: sa.types.TypeEngine[Any], number: int) -> Any:
    if isinstance(type_, UtcDateTime):
        return _EPOCH + timedelta(hours=number)
    if isinstance(type_, MoneyColumn | QuantityColumn):
        return Decimal(number) + Decimal("0.01")
    if isinstance(type_, sa.types.TypeDecorator):
        type_ = type_.impl_instance
    if isinstance(type_, sa.Date):
        return date(2001, 1, 1) + timedelta(days=number)
    if isinstance(type_, sa.Boolean):
        return True
    if isinstance(type_, sa.Integer):
        return 1000 + number
    if isinstance(type_, sa.LargeBinary):
        return hashlib.sha256(str(number).encode()).digest()
    message = f"no value is known for a column of type {type_!r}"
    raise LookupError(message)


def _base_36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
