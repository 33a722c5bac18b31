from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.columns import MoneyColumn, UtcDateTime
from db.engine import Database, open_database
from db.ids import new_id
from resolvers.planner import BadArgumentError, Ordering
from resolvers.planner.templates import Statement, sql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOW = datetime(2026, 3, 14, 10, 7, 26, tzinfo=UTC)
ID = "ord_01HV2JCC9T33QXEAXPHCJEC4FA"
# asyncpg takes the first and the last time there is for infinite.
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds UTC
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
KINDS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (UtcDateTime(), TIMES),
    (sa.Text(), TEXTS),
    (MoneyColumn(), st.integers(-(2**63), 2**63 - 1)),
    (sa.Integer(), st.integers(0, 11)),
]
ROWS = st.lists(st.one_of(*(st.tuples(st.just(type_), values) for type_, values in KINDS)), min_size=1, max_size=10)


def ordering(type_: Any, key: object = None, name: str = "KEY", direction: str = "DESC") -> Ordering:
    bound = sa.bindparam(None, key, type_=sa.BigInteger() if isinstance(type_, MoneyColumn) else type_, unique=True)
    return Ordering(
        name,
        sa.func.coalesce(bound, bound, type_=type_),
        sa.bindparam(None, ID, type_=sa.Text(), unique=True),
        direction,
    )


@pytest.fixture
async def kept(shared_database_url: str) -> AsyncIterator[Database]:
    database = await open_database(shared_database_url)
    yield database
    await database.close()


@pytest.mark.anyio
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
async def test_a_cursor_is_read_as_it_was_written(kept: Database, rows: list[tuple[Any, Any]]) -> None:
    orders = [ordering(type_, key) for type_, key in rows]
    columns: list[Any] = [order.cursor() for order in orders]
    statement = Statement.written(sql(sa.select(*columns), kept.dialect), kept.dialect)
    cursors = await kept.read(statement.sql, statement.bound(None))  # type: ignore[arg-type]  # no inputs are fetched

    parsed = [order.parse(str(cursor)) for order, cursor in zip(orders, cursors, strict=True)]

    assert parsed == [(key, ID) for _, key in rows]


TIME = "2018-03-14T10:07:26Z"


@pytest.mark.parametrize(
    ("type_", "cursor"),
    [
        (UtcDateTime(), ""),
        (UtcDateTime(), "KEY:DESC:"),
        (UtcDateTime(), f"KEY:DESC:{TIME}"),
        (UtcDateTime(), f"KEY:DESC:{TIME}:"),
        (UtcDateTime(), f"KEY:DESC:{TIME}:{ID.lower()}"),
        (UtcDateTime(), f"KEY:DESC:{TIME}:{ID}\n"),
        (UtcDateTime(), f"KEY:ASC:{TIME}:{ID}"),
        (UtcDateTime(), f"OTHER:DESC:{TIME}:{ID}"),
        (UtcDateTime(), f"key:desc:{TIME}:{ID}"),
        (UtcDateTime(), f" KEY:DESC:{TIME}:{ID}"),
        (UtcDateTime(), f"KEY:DESC:{ID}"),
        (UtcDateTime(), f"KEY:DESC::{ID}"),
        (UtcDateTime(), f"KEY:DESC:2018-03-14:{ID}"),
        (UtcDateTime(), f"KEY:DESC:2018-02-30T10:07:26Z:{ID}"),
        (UtcDateTime(), f"KEY:DESC:2018-03-14T10:07:26:{ID}"),
        (UtcDateTime(), f"KEY:DESC:2018-03-14T10:07:26+00:00:{ID}"),
        (UtcDateTime(), f"KEY:DESC:0000-03-14T10:07:26Z:{ID}"),
        (UtcDateTime(), f"KEY:DESC:2018-03-14T10:07:26.1234567Z:{ID}"),
        (MoneyColumn(), f"KEY:DESC::{ID}"),
        (MoneyColumn(), f"KEY:DESC:1.5:{ID}"),
        (MoneyColumn(), f"KEY:DESC:+1:{ID}"),
        (MoneyColumn(), f"KEY:DESC:01:{ID}"),
        (MoneyColumn(), f"KEY:DESC:1_000:{ID}"),
        (MoneyColumn(), f"KEY:DESC: 1:{ID}"),
        (MoneyColumn(), f"KEY:DESC:-0:{ID}"),
        (MoneyColumn(), f"KEY:DESC:\u0661:{ID}"),
        (MoneyColumn(), f"KEY:DESC:{2**63}:{ID}"),
        (MoneyColumn(), f"KEY:DESC:{-(2**63) - 1}:{ID}"),
        (MoneyColumn(), f"KEY:DESC:{'9' * 5000}:{ID}"),
        (sa.Text(), f"KEY:DESC:text:cus{ID}"),
        (sa.Text(), "KEY:DESC:text"),
    ],
)
def test_a_cursor_of_another_make_is_refused(type_: Any, cursor: str) -> None:
    with pytest.raises(BadArgumentError, match="cursor") as refused:
        ordering(type_).checked(cursor)

    assert refused.value.code == "BAD_USER_INPUT"


@settings(deadline=None)
@given(key=TEXTS)
def test_a_text_in_a_cursor_may_hold_colons(key: str) -> None:
    assert ordering(sa.Text()).parse(f"KEY:DESC:a:{key}:{ID}") == (f"a:{key}", ID)


@settings(deadline=None, max_examples=200)
@given(cursor=st.text(max_size=50) | st.from_regex(rf"KEY:DESC:[-+0-9T:.Zee ]*:{ID}"))
def test_a_cursor_is_parsed_or_refused(cursor: str) -> None:
    for type_, _values in KINDS:
        try:
            _key, row_id = ordering(type_).parse(cursor)
        except BadArgumentError:
            continue
        assert cursor.startswith("KEY:DESC:")
        assert cursor.endswith(row_id)


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_a_cursor_serves_its_own_order_alone(direction: str) -> None:
    other = "ASC" if direction == "DESC" else "DESC"
    row_id = new_id("ord", NOW)

    assert ordering(sa.Text(), direction=direction).parse(f"KEY:{direction}:a:{row_id}") == ("a", row_id)
    with pytest.raises(BadArgumentError):
        ordering(sa.Text(), direction=other).parse(f"KEY:{direction}:a:{row_id}")
