from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.rules.custom_data import violation_of
from resolvers.rules.literals import parse_json
from resolvers.schema import schema

TYPES: dict[str, Any] = dict(schema._schema.type_map)  # noqa: SLF001 - Strawberry offers no other way


def parsed(scalar: str, value: object) -> Any:
    return TYPES[scalar].parse_value(value)


def printed(scalar: str, value: object) -> Any:
    return TYPES[scalar].serialize(value)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2018-03-14T10:07:26Z", datetime(2018, 3, 14, 10, 7, 26, tzinfo=UTC)),
        ("2018-03-14t10:07:26z", datetime(2018, 3, 14, 10, 7, 26, tzinfo=UTC)),
        ("2018-03-14T10:07:26.5Z", datetime(2018, 3, 14, 10, 7, 26, 500_000, tzinfo=UTC)),
        ("2018-03-14T12:07:26+02:00", datetime(2018, 3, 14, 10, 7, 26, tzinfo=UTC)),
        ("2018-03-14T05:37:26-04:30", datetime(2018, 3, 14, 10, 7, 26, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ],
)
def test_a_time_of_rfc_3339_is_read_in_utc(text: str, time: datetime) -> None:
    assert parsed("DateTime", text) == time
    assert parsed("DateTime", text).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        1_521_022_046,
        1_521_022_046.5,
        True,
        None,
        "",
        "1521022046",
        "2018-03-14",
        "2018-03-14T10:07:26",
        "2018-03-14 10:07:26Z",
        "2018-03-14T10:07Z",
        "2018-03-14T10Z",
        "20180314T100726Z",
        "2018-W11-3T10:07:26Z",
        "2018-03-14T10:07:26,5Z",
        "2018-03-14T10:07:26.Z",
        "2018-03-14T10:07:26+0200",
        "2018-03-14T10:07:26+02",
        "2018-03-14T10:07:26+02:00:30",
        "2018-02-30T10:07:26Z",
        "2018-03-14T25:07:26Z",
        "2018-03-14T10:07:26Z ",
        "2018-03-14T10:07:26Z\n",
        "\uff12\uff10\uff11\uff18-03-14T10:07:26Z",
        "0000-03-14T10:07:26Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_any_other_time_is_refused(text: object) -> None:
    with pytest.raises(Exception, match="2018-03-14T10:07:26Z, with Z or an offset"):
        parsed("DateTime", text)


@settings(deadline=None)
@given(time=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=2, minutes=30))])))
def test_a_time_is_read_as_it_was_printed(time: datetime) -> None:
    if time.replace(tzinfo=None) - datetime.min < timedelta(days=1):  # noqa: DTZ901 - its UTC has no year
        time += timedelta(days=1)

    text = printed("DateTime", time)

    assert parsed("DateTime", text) == time
    assert (text[10], text[-1]) == ("T", "Z")


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2018, 3, 14, 10, 7, 20, tzinfo=UTC), "2018-03-14T10:07:20Z"),
        (datetime(2018, 3, 14, 10, 7, 26, 120, tzinfo=UTC), "2018-03-14T10:07:26.00012Z"),
        (datetime(999, 1, 1, tzinfo=UTC), "0999-01-01T00:00:00Z"),
    ],
)
def test_a_time_is_printed_with_a_fraction_only_where_there_is_one(time: datetime, text: str) -> None:
    assert printed("DateTime", time) == text


@pytest.mark.parametrize("text", ["0001-01-01", "1984-05-23", "2024-02-29", "9999-12-31"])
def test_a_date_is_read_and_printed(text: str) -> None:
    assert parsed("Date", text) == date.fromisoformat(text)
    assert printed("Date", parsed("Date", text)) == text


@pytest.mark.parametrize(
    "text",
    [
        19_840_523,
        None,
        "",
        "19840523",
        "1984-5-23",
        "1984-W21-3",
        "1984-05-23T00:00:00Z",
        "23.05.1984",
        "2023-02-29",
        "\uff11\uff19\uff18\uff14-05-23",
        " 1984-05-23",
    ],
)
def test_any_other_date_is_refused(text: object) -> None:
    with pytest.raises(Exception, match="1984-05-23"):
        parsed("Date", text)


@pytest.mark.parametrize("text", ["0", "19.90", "-0.05", "1234567890.123456789", "007"])
def test_a_decimal_is_read_to_its_last_digit(text: str) -> None:
    assert parsed("Decimal", text) == Decimal(text)
    assert printed("Decimal", Decimal("19.90")) == "19.90"


@pytest.mark.parametrize(
    "text",
    [
        19.9,
        20,
        True,
        None,
        "",
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "1e3",
        "1E999999",
        "1_000",
        "1,50",
        " 1",
        "1\n",
        "+1",
        ".5",
        "5.",
        "\uff11",
        "9" * 50,
    ],
)
def test_any_other_decimal_is_refused(text: object) -> None:
    with pytest.raises(Exception, match=r'A Decimal is written as a string, "19\.90"'):
        parsed("Decimal", text)


@given(
    st.recursive(
        st.integers() | st.text() | st.booleans() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whole_numbers_in_json_stay_what_they_are(value: object) -> None:
    assert parse_json(json.dumps(value)) == value


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**40])
def test_custom_data_does_not_take_a_whole_number_that_can_not_be_kept(number: int) -> None:
    assert violation_of(parse_json(f'{{"id": {number}}}')) is not None
    assert violation_of(parse_json(f'{{"id": "{number}"}}')) is None


@pytest.mark.parametrize(
    "text",
    ["{", "[1,]", "NaN", "", "9" * 5000, "[9999999999999999999," + "[" * 1000 + "]" * 1001],
    ids=["open", "comma", "NaN", "nothing", "endless", "deep"],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)
