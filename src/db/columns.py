"""The home of the column types: the same value means the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from db.currencies import MONEY_SCALE, MOST_MONEY
from db.quantities import MOST_QUANTITY, QUANTITY_SCALE

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

_SQLITE_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


# SQLModel declares `sa_type` as a class and takes instances as well: hence Any.
def text(length: int | None) -> Any:  # noqa: ANN401
    """Return a text column of at most *length* characters, compared and sorted by code point."""
    return sa.String(length, collation="C").with_variant(sa.String(length), "sqlite")


def enum(members: type[StrEnum]) -> Any:  # noqa: ANN401
    """Return a column that holds one of *members* by name, checked by the database."""
    return sa.Enum(
        members,
        native_enum=False,
        create_constraint=True,
        name=members.__name__,
        length=40,
        values_callable=lambda names: [name.value for name in names],
    )


def printed(time: datetime) -> str:
    """Return *time* in UTC with Z, with a fraction only where there is one; as `db.json_text.rfc3339` does in SQL."""
    text = time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return text.rstrip("0").rstrip(".") + "Z"


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A point in time in UTC, to the microsecond.

    TIMESTAMPTZ on PostgreSQL; on SQLite text of fixed width, so that it sorts as time does.
    """

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of *dialect*."""
        if dialect.name == "postgresql":
            return postgresql.TIMESTAMP(timezone=True)
        return sa.String(27)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - differs by dialect
        """Refuse naive times; write text for SQLite."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return utc
        return utc.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401 - differs by dialect
        """Read the driver's value as an aware time."""
        if value is None or dialect.name == "postgresql":
            return value  # type: ignore[no-any-return]  # asyncpg returns aware datetimes
        return datetime.strptime(value, _SQLITE_TIME).replace(tzinfo=UTC)


def moment(value: datetime) -> sa.BindParameter[datetime]:
    """Return a point in time for an SQL function: there, SQLAlchemy would write it as the database's own type."""
    return sa.literal(value, UtcDateTime())


class Day(sa.types.TypeDecorator[date]):
    """A calendar date between the first and the last one that Python knows."""

    impl = sa.Date
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> date | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Raise `ValueError` for the first and the last date: asyncpg would send them as infinities."""
        if value in {date.min, date.max}:
            msg = f"{value} is out of range"
            raise ValueError(msg)
        return value


class _ScaledColumn(sa.types.TypeDecorator[Decimal]):
    """A decimal in Python, an integer of its smallest part in the database."""

    impl = sa.BigInteger
    cache_ok = True
    scale: ClassVar[int]
    """How many of the smallest part are one."""
    most: ClassVar[int]

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Scale to an integer; raise `ValueError` where digits would be lost, or a sum might be."""
        if value is None:
            return None
        # copy_abs() is exact; abs() and the operators would round to the digits of the caller's context.
        if not value.is_finite() or value.copy_abs() > self.most:
            msg = f"it is at most {self.most:,}"
            raise ValueError(msg)
        numerator, denominator = value.as_integer_ratio()
        scaled, lost = divmod(numerator * self.scale, denominator)
        if lost:
            msg = f"it is at most as exact as 1/{self.scale:,}"
            raise ValueError(msg)
        return scaled

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Scale back."""
        return None if value is None else Decimal(value) / self.scale


class MoneyColumn(_ScaledColumn):
    """An amount of money, in 1/10,000 of the unit."""

    scale, most = MONEY_SCALE, MOST_MONEY


class QuantityColumn(_ScaledColumn):
    """A quantity, in 1/1,000 of the unit."""

    scale, most = QUANTITY_SCALE, MOST_QUANTITY


def rank(column: Any, members: type[StrEnum]) -> sa.ColumnElement[int]:  # noqa: ANN401 - a column of the enum
    """Return the position in the enum *members* of the member that *column* holds."""
    return sa.case(
        {
            sa.literal_column(f"'{member}'"): sa.literal_column(str(at), sa.Integer())
            for at, member in enumerate(members)
        },
        value=column,
    )
