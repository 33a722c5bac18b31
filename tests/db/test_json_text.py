from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import json_text, number_text
from db.columns import UtcDateTime
from db.currencies import MONEY_SCALE
from db.engine import Database, open_database
from resolvers.planner.templates import Statement, sql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

# PostgreSQL has no text with NUL, UTF-8 none with a lone surrogate.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
BIGINTS = st.integers(-(2**63), 2**63 - 1)
DIGITS = {"USD": 2, "JPY": 0, "KWD": 3, "CLF": 4, "XXX": 2}
generated = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
async def kept(shared_database_url: str) -> AsyncIterator[Database]:
    """A database whose tables nobody touches."""
    database = await open_database(shared_database_url)
    yield database
    await database.close()


async def read(database: Database, *columns: sa.ColumnElement[Any]) -> tuple[Any, ...]:
    """Return what the database makes of *columns*."""
    statement = Statement.written(sql(sa.select(*columns), database.dialect), database.dialect)
    return await database.read(statement.sql, statement.bound(None))  # type: ignore[arg-type]  # no inputs are fetched


def given_text(text: str | None) -> sa.ColumnElement[str]:
    return sa.bindparam(None, text, type_=sa.Text(), unique=True)


def given_amount(amount: int) -> sa.ColumnElement[int]:
    return sa.bindparam(None, amount, type_=sa.BigInteger(), unique=True)


@generated
@given(texts=st.lists(TEXTS, min_size=1, max_size=20))
async def test_a_quoted_text_is_that_text_as_json(kept: Database, texts: list[str]) -> None:
    row = await read(kept, *(json_text.quoted(given_text(text)) for text in texts))

    assert [json.loads(text) for text in row] == texts


async def test_every_control_character_is_escaped(kept: Database) -> None:
    text = "".join(chr(code) for code in [*range(1, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFD, 0xFFFF, 0x10FFFF])

    [quoted] = await read(kept, json_text.quoted(given_text(text)))

    assert json.loads(quoted) == text


async def test_a_part_that_is_null_makes_the_whole_null(kept: Database) -> None:
    whole = json_text.concat(json_text.or_null(json_text.in_quotes(given_text("a"))))
    null = json_text.concat(json_text.or_null(json_text.in_quotes(given_text(None))))

    assert await read(kept, whole, null) == ('"a"', "null")


async def test_a_boolean_is_true_or_false_and_never_null(kept: Database) -> None:
    conditions = [given_text("a") == given_text(text) for text in ("a", "b", None)]

    assert await read(kept, *(json_text.boolean(condition) for condition in conditions)) == ("true", "false", "false")


@generated
@given(amounts=st.lists(BIGINTS, min_size=1, max_size=20), currency=st.sampled_from(sorted(DIGITS)))
async def test_an_amount_has_the_digits_of_its_currency(kept: Database, amounts: list[int], currency: str) -> None:
    step = MONEY_SCALE // 10 ** DIGITS[currency]
    amounts = [int(amount / Decimal(step)) * step for amount in amounts]  # never more digits than the currency

    row = await read(kept, *(amount_text(amount, currency) for amount in amounts))

    assert list(row) == [decimal(amount, currency) for amount in amounts]


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (199_000, "USD", "19.90"),
        (-500, "USD", "-0.05"),
        (0, "USD", "0.00"),
        (19_900_000, "JPY", "1990"),
        (-10_000, "JPY", "-1"),
        (0, "JPY", "0"),
        (12_340, "KWD", "1.234"),
        (-10, "KWD", "-0.001"),
        (-1, "CLF", "-0.0001"),
        (2**63 - 1, "CLF", "922337203685477.5807"),
        (-(2**63) + 1, "CLF", "-922337203685477.5807"),
        (-(2**63), "CLF", "-922337203685477.5808"),
        (9_223_372_036_854_770_000, "JPY", "922337203685477"),
        (-9_223_372_036_854_770_000, "JPY", "-922337203685477"),
    ],
)
async def test_an_amount_is_written_to_its_last_digit(kept: Database, amount: int, currency: str, text: str) -> None:
    assert await read(kept, amount_text(amount, currency)) == (text,)


async def test_no_amount_has_no_text(kept: Database) -> None:
    none = sa.bindparam(None, None, type_=sa.BigInteger(), unique=True)

    assert await read(kept, number_text.decimal_text(none, given_text("USD"))) == (None,)


def amount_text(amount: int, currency: str) -> sa.ColumnElement[str]:
    return number_text.decimal_text(given_amount(amount), given_text(currency))


def decimal(amount: int, currency: str) -> str:
    return f"{Decimal(amount).scaleb(-4):.{DIGITS[currency]}f}"


@generated
@given(
    amounts=st.lists(BIGINTS | st.integers(-(10**6), 10**6), min_size=1, max_size=20),
    currency=st.sampled_from(sorted(DIGITS)),
)
async def test_a_price_has_the_digits_of_its_currency_and_more_where_it_needs_them(
    kept: Database, amounts: list[int], currency: str
) -> None:
    texts = [number_text.price_text(given_amount(amount), given_text(currency)) for amount in amounts]
    row = await read(kept, *texts)

    for amount, text in zip(amounts, row, strict=True):
        exact = Decimal(amount).scaleb(-4)
        usual = decimal(amount, currency)
        assert text == (usual if Decimal(usual) == exact else f"{exact.normalize():f}")


@generated
@given(
    quantities=st.lists(
        BIGINTS | st.integers(-3000, 3000) | st.sampled_from([0, 1, 1500, -125]), min_size=1, max_size=20
    )
)
async def test_a_quantity_is_written_as_short_as_it_is(kept: Database, quantities: list[int]) -> None:
    row = await read(kept, *(number_text.quantity_text(given_amount(quantity)) for quantity in quantities))

    assert row == tuple(f"{(Decimal(quantity) / 1000).normalize():f}" for quantity in quantities)


@generated
@given(times=st.lists(st.datetimes(timezones=st.just(UTC)), min_size=1, max_size=20))
async def test_a_time_is_written_as_rfc_3339(kept: Database, times: list[datetime]) -> None:
    row = await read(kept, *(json_text.rfc3339(given_time(time)) for time in times))

    assert [datetime.fromisoformat(text) for text in row] == times
    for text in row:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z", text)


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(1, 1, 1, 0, 0, 1, tzinfo=UTC), "0001-01-01T00:00:01Z"),
        (datetime(2018, 3, 14, 10, 7, 26, tzinfo=UTC), "2018-03-14T10:07:26Z"),
        (datetime(2018, 3, 14, 10, 7, 26, 500_000, tzinfo=UTC), "2018-03-14T10:07:26.5Z"),
        (datetime(2018, 3, 14, 10, 7, 20, 1, tzinfo=UTC), "2018-03-14T10:07:20.000001Z"),
        (datetime(2018, 3, 14, 10, 0, 0, 120, tzinfo=UTC), "2018-03-14T10:00:00.00012Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 999_998, tzinfo=UTC), "9999-12-31T23:59:59.999998Z"),
    ],
)
async def test_a_fraction_is_written_only_where_there_is_one(kept: Database, time: datetime, text: str) -> None:
    assert await read(kept, json_text.rfc3339(given_time(time))) == (text,)


def given_time(time: datetime) -> sa.ColumnElement[datetime]:
    return sa.bindparam(None, time, type_=UtcDateTime(), unique=True)


@pytest.mark.parametrize("day", [date(1, 1, 2), date(1984, 5, 23), date(2024, 2, 29), date(9999, 12, 30)])
async def test_a_date_is_written_as_iso_8601(kept: Database, day: date) -> None:
    assert await read(kept, json_text.iso_date(sa.bindparam(None, day, type_=sa.Date()))) == (day.isoformat(),)


async def test_a_thousand_parts_are_no_limit(kept: Database) -> None:
    parts: list[str | sa.ColumnElement[str]] = []
    for number in range(1_000):
        parts += [f"it's {number} ", given_text(f"'{number}' ")]

    assert await read(kept, json_text.concat(parts)) == (
        "".join(f"it's {number} '{number}' " for number in range(1_000)),
    )


async def test_keys_may_be_long_and_many(kept: Database) -> None:
    names = [f"{'k' * 80}{number}" for number in range(300)]
    members = [part for name in names for part in (",", json_text.key(name), json_text.quoted(given_text(name[-3:])))]

    [text] = await read(kept, json_text.concat(["{", *members[1:], "}"]))

    assert list(json.loads(text).items()) == [(name, name[-3:]) for name in names]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"street": 'It\'s "High"\n\\ä\U0001f600'}, 'It\'s "High"\n\\ä\U0001f600'),
        ({"street": ""}, ""),
        ({"street": None}, None),
        ({"city": "London"}, None),
        ({}, None),
        ({"street": 5}, "5"),
        ({"street": 1e22}, "1e+22"),
        ({"street": 1.50}, "1.5"),
        ({"street": 12345678901234567890}, "12345678901234567890"),
        ({"street": True}, "true"),
        ({"street": False}, "false"),
        ({"street": [1.0, {}]}, "[1.0,{}]"),
    ],
)
async def test_a_member_is_read_as_text(kept: Database, value: object, text: str | None) -> None:
    document = given_text(json.dumps(value, separators=(",", ":")))
    stored = sa.cast(document, sa.JSON) if kept.dialect.name == "postgresql" else document
    street = json_text.member(stored, json_text.literal("street"))

    assert await read(kept, street) == (text,)
    if text is not None:
        assert await read(kept, json_text.quoted(street)) == (json.dumps(text, ensure_ascii=False),)


@generated
@given(texts=st.lists(TEXTS, max_size=30))
async def test_an_array_has_its_rows_in_order(kept: Database, texts: list[str]) -> None:
    rows = json_text.array_values(given_text(json.dumps(texts))).subquery()

    [text] = await read(
        kept, sa.select(json_text.concat(json_text.array(json_text.quoted(rows.c.value)))).scalar_subquery()
    )

    assert json.loads(text) == texts


async def test_an_array_leaves_out_what_is_null(kept: Database) -> None:
    rows = json_text.array_values(given_text('["a","b","c"]')).subquery()
    some = sa.case((rows.c.value != "b", json_text.quoted(rows.c.value)), else_=sa.null())

    assert await read(kept, sa.select(json_text.concat(json_text.array(some))).scalar_subquery()) == ('["a","c"]',)


def test_a_key_is_escaped() -> None:
    assert json_text.key('a"\\ä') == '"a\\"\\\\\\u00e4":'
