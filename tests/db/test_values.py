from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import StatementError
from sqlmodel import col, select

from db.engine import Database, open_database
from db.models import Channel, Customer, Order, PaymentInstrument
from tests.db.rows import NOW, channel, customer, fresh_id, order

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

TIMES = [
    datetime(1, 1, 2, tzinfo=UTC),
    datetime(999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2018, 3, 14, 10, 7, 26, 500_000, tzinfo=UTC),
    datetime(2018, 3, 14, 12, 7, 26, 1, tzinfo=timezone(timedelta(hours=2))),
    datetime(9999, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC),
]
AMOUNTS = [
    Decimal(text) for text in ("0", "-0.05", "19.90", "1990", "1.2345", "1.50000", "-100000000000", "99999999999.9999")
]
# By code point; a locale would put "a" before "B", and "ä" beside "a". The last two differ in UTF-16 only.
TEXTS = ["", " ", "-", "10", "9", "B", "Z", "_", "a", "aa", "b", "ä", "ﬁ", "\U0001f600"]


@pytest.fixture
async def kept(shared_database_url: str) -> AsyncIterator[Database]:
    """A database that all values are put into: none of them gets into another's way."""
    database = await open_database(shared_database_url)
    yield database
    await database.close()


async def shop(database: Database) -> Channel:
    async with database.unit_of_work() as session:
        session.add(made := channel(id=(key := fresh_id(Channel)), code=key))
    return made


async def round_trip(database: Database, *rows: Any) -> list[Any]:
    async with database.unit_of_work() as session:
        for row in rows:
            session.add(row)
            await session.flush()
    async with database.unit_of_work() as session:
        return [await session.get_one(type(row), row.id) for row in rows]


@pytest.mark.parametrize("time", TIMES, ids=str)
async def test_times_come_back_in_utc(kept: Database, time: datetime) -> None:
    [read] = await round_trip(kept, customer(await shop(kept), created_at=time))

    assert read.created_at == time
    assert read.created_at.utcoffset() == timedelta(0)


async def test_times_sort_as_time_does(kept: Database) -> None:
    own = await shop(kept)
    await round_trip(kept, *(customer(own, created_at=time) for time in TIMES[::-1]))

    async with kept.unit_of_work() as session:
        chosen = select(Customer.created_at).where(Customer.channel_id == own.id).order_by(col(Customer.created_at))
        assert (await session.exec(chosen)).all() == sorted(TIMES)


@pytest.mark.parametrize("amount", AMOUNTS, ids=str)
async def test_amounts_come_back_to_the_digit(kept: Database, amount: Decimal) -> None:
    own = await shop(kept)
    buyer = customer(own)
    [_, read] = await round_trip(kept, buyer, order(buyer, total=amount))

    assert read.total == amount


async def test_an_amount_never_loses_digits(kept: Database) -> None:
    own = await shop(kept)
    buyer = customer(own)
    with pytest.raises(StatementError, match="1/10,000"):
        await round_trip(kept, buyer, order(buyer, total=Decimal("0.00001")))


@pytest.mark.parametrize("text", ["100000000000.0001", "-1e12", "1e9999", "1e999999", "Infinity", "NaN", "sNaN"])
async def test_an_amount_is_never_so_large_that_a_sum_overflows(kept: Database, text: str) -> None:
    buyer = customer(await shop(kept))
    with pytest.raises(StatementError, match="at most 100,000,000,000"):
        await round_trip(kept, buyer, order(buyer, total=Decimal(text)))


async def test_an_amount_is_not_rounded_unnoticed(kept: Database) -> None:
    buyer = customer(await shop(kept))
    with pytest.raises(StatementError, match="1/10,000"):
        await round_trip(kept, buyer, order(buyer, total=Decimal("19.90000000000000000000000000001")))


async def test_text_sorts_by_code_point(kept: Database) -> None:
    own = await shop(kept)
    await round_trip(kept, *(customer(own, customer_number=text) for text in TEXTS[::-1]))

    async with kept.unit_of_work() as session:
        column = Customer.customer_number
        chosen = select(column).where(Customer.channel_id == own.id).order_by(col(column))
        assert (await session.exec(chosen)).all() == sorted(TEXTS)


@pytest.mark.parametrize(
    "value", [None, {}, {"b": [1, 2.5, None], "a": {"ä": "\U0001f600"}}, [], "text", 0, 1.0, 12345678901234567, False]
)
async def test_json_comes_back_with_its_keys_in_order(kept: Database, value: object) -> None:
    [read] = await round_trip(kept, customer(await shop(kept), custom_data=value))

    assert repr(read.custom_data) == repr(value)


async def test_json_is_stored_compactly(kept: Database) -> None:
    own = await shop(kept)
    await round_trip(kept, customer(own, custom_data={"a": [1, 2], "ä": None}))
    mark = "?" if kept.dialect.name == "sqlite" else "$1"

    row = await kept.read(f"SELECT custom_data FROM customers WHERE channel_id = {mark}", (own.id,))

    assert row == ('{"a":[1,2],"ä":null}',)


async def test_dates_and_bytes_come_back(kept: Database) -> None:
    buyer = customer(await shop(kept), date_of_birth=date(1984, 5, 23))
    instrument = PaymentInstrument(
        id=fresh_id(PaymentInstrument), customer_id=buyer.id, type="VISA", expires_on=date(2024, 12, 31)
    )
    [read, paid] = await round_trip(kept, buyer, instrument)

    assert read.date_of_birth == date(1984, 5, 23)
    assert paid.expires_on == date(2024, 12, 31)


async def test_orders_keep_their_snapshots(kept: Database) -> None:
    buyer = customer(await shop(kept))
    snapshot = {"street": "High Street 1", "city": "London"}
    [_, read] = await round_trip(kept, buyer, order(buyer, billing_address=snapshot, order_date=NOW))

    assert isinstance(read, Order)
    assert (read.billing_address, read.shipping_address) == (snapshot, None)
