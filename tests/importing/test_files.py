"""The formats: where records begin and end, whatever stands in between."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.models import Order, OrderItem
from gateway.importing.batches import batches
from gateway.importing.csv_columns import COLUMNS
from gateway.importing.csv_entries import OrderRows, csv_entries
from gateway.importing.entries import LONGEST_LINE, START, Entry, Position
from gateway.importing.job import Kind
from gateway.importing.json_lines import json_entries
from resolvers.rules.violations import Violation, ViolationCode
from tests.importing.making import (
    LISTS,
    Record,
    address,
    content,
    customer,
    imported,
    make_shop,
    order,
    rows,
    user,
    written,
)


def json_read(text: bytes, start: Position = START) -> list[Entry]:
    return list(json_entries(io.BytesIO(text), start))


def csv_read(text: bytes, kind: Kind = Kind.CUSTOMERS, start: Position = START) -> list[Entry]:
    return list(csv_entries(kind, io.BytesIO(text), start))


def told(entries: list[Entry]) -> list[Any]:
    """Return of each entry its line and its fields, or that it has faults."""
    return [(entry.line, "refused" if entry.faults else entry.fields) for entry in entries]


# ── JSON Lines ────────────────────────────────────────────────────────────────────────────────────


def test_lines_are_numbered_as_editors_do() -> None:
    text = b'\xef\xbb\xbf{"a": 1}\r\n\n  \n{"a": 2}\n{"a": 3}'

    assert told(json_read(text)) == [(1, {"a": 1}), (4, {"a": 2}), (5, {"a": 3})]


def test_a_line_of_any_length_is_passed_over() -> None:
    text = b'{"a": 1}\n' + b"x" * (LONGEST_LINE * 5 + 7) + b'\n{"a": 2}\n'

    first, long, last = json_read(text)

    assert [entry.line for entry in (first, long, last)] == [1, 2, 3]
    assert (long.faults[0].code, last.fields) == (ViolationCode.TOO_LONG, {"a": 2})
    assert last.end == Position(len(text), 3)


def test_the_longest_line_is_read() -> None:
    text = b'{"a":"' + b"x" * (LONGEST_LINE - 9) + b'"}\n'

    assert len(text) == LONGEST_LINE
    assert not json_read(text)[0].faults
    assert json_read(b" " + text)[0].faults


@given(st.binary())
def test_reading_on_from_any_entry_finds_the_others(text: bytes) -> None:
    entries = json_read(text)

    for position, entry in enumerate(entries, 1):
        assert json_read(text, entry.end) == entries[position:]


# ── CSV ───────────────────────────────────────────────────────────────────────────────────────────


def test_cells_become_fields() -> None:
    text = (
        b"\xef\xbb\xbfcustomerNumber,firstName,priceGroups,customData\r\n"
        b'1,"Zo\xc3\xab, or ""Zo""",a; b,"{""x"": [1]}"\r\n'
        b"\r\n"
        b"2,,,\r\n"
    )

    assert told(csv_read(text)) == [
        (2, {"customerNumber": "1", "firstName": 'Zoë, or "Zo"', "priceGroups": ["a", "b"], "customData": {"x": [1]}}),
        (4, {"customerNumber": "2"}),
    ]


@pytest.mark.parametrize(
    ("cell", "value"), [("true", True), ("FALSE", False), ("True", True), ("yes", "yes"), ("1", "1")]
)
def test_booleans_are_those_of_spreadsheets(cell: str, value: object) -> None:
    [entry] = csv_read(f"customerNumber,enabled\n1,{cell}\n".encode(), Kind.USERS)

    assert entry.fields["enabled"] == value


def test_a_record_is_known_by_its_first_line() -> None:
    entries = csv_read(b'customerNumber,company\n1,"two\nlines"\n2,one\n')

    assert told(entries) == [
        (2, {"customerNumber": "1", "company": "two\nlines"}),
        (4, {"customerNumber": "2", "company": "one"}),
    ]
    assert entries[-1].end.lines == 4


@pytest.mark.parametrize(
    "damaged",
    [
        b'2,"never closed',
        b'2,"closed" and more',
        b'2,a"b",c',
        b"2",
        b"2,b,c",
        b"2,\xff",
        b"2,\xed\xa0\x80",
        b"2," + b"x" * (LONGEST_LINE + 5),
        b'2,"' + b"x" * (LONGEST_LINE + 5),
        b"2," + b"x" * 200_000,
        b'"2,b',
        b"2,a\rb",
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_a_damaged_row_spoils_no_other(damaged: bytes) -> None:
    text = b'customerNumber,company\n1,"A"\n' + damaged + b'\n3,"C, Inc."\n4,D\n5,"E"'

    entries = csv_read(text)

    assert [entry.line for entry in entries if entry.faults] == [3]
    assert [entry.fields["company"] for entry in entries if not entry.faults] == ["A", "C, Inc.", "D", "E"]
    assert all(csv_read(text, start=entry.end) == entries[position:] for position, entry in enumerate(entries, 1))


@pytest.mark.parametrize("cell", [b"{a}", b'"{""a"": 1, ""a"": 1}"', b'"{""a"": {""b"": [], ""b"" : []}}"'])
def test_custom_data_that_is_no_json_is_told(cell: bytes) -> None:
    [entry] = csv_read(b"customerNumber,customData\n1," + cell + b"\n")

    told = "Write JSON, in an object each name once."
    assert entry.faults == [Violation(("customData",), ViolationCode.INVALID, explanation=told)]


@pytest.mark.parametrize(
    ("line", "is_refused"),
    [
        (rb'{"orderNumber": "1", "items": [1], "items": [2]}', True),
        (rb'{"orderNumber": "1", "customData": {"a": 1, "\u0061": 2}}', True),
        (rb'{"orderNumber": "1", "items": [], "items" : []}', True),
        (rb'{"orderNumber": "1", "customData": {"a": 123456789012345678901, "a": 1}}', True),
        (rb'{"orderNumber": "1", "customData": {"a": 123456789012345678901, "b": 1}}', False),
        (rb'{"orderNumber": "1", "paymentMethod": "a\u003ab", "items": [], "items": []}', True),
        (rb'{"orderNumber": "1", "paymentMethod": "a\u003Ab: c", "items": []}', False),
        (rb'{"orderNumber": "1", "items": [{"quantity": 1.0000000000000001}]}', "digits"),
        (rb'{"orderNumber": "1", "customData": {"x": 0.1234567890123456789}}', "digits"),
        (rb'{"orderNumber": "1", "customData": {"x": 12345678901234567.5}}', "digits"),
        (rb'{"orderNumber": "1", "customData": {"x": 1e-400}}', "digits"),
        (rb'{"orderNumber": "1", "customData": {"x": [0.1, 1e-300, 1.5E+100, "1234567890123456.7"]}}', False),
        (rb'{"orderNumber" : "1", "paymentMethod": "a \u0022: b \": c", "items": [{"sku": 1}, {"sku": 1}]}', False),
    ],
)
def test_nothing_of_json_is_lost(line: bytes, *, is_refused: bool | str) -> None:
    [entry] = json_read(line)

    twice, digits = "an object in it has two members of one name", "a number in it has more digits than are kept"
    expected = {True: [f"It can't be read: {twice}."], False: [], "digits": [f"It can't be read: {digits}."]}
    assert [fault.message for fault in entry.faults] == expected[is_refused]


class Counting(io.BytesIO):
    """A file that counts what is read of it."""

    read_bytes = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        self.read_bytes += len(line)
        return line


def test_marks_that_are_never_closed_are_not_followed_to_the_end_again_and_again() -> None:
    file = Counting(b"customerNumber,company\n" + b'7" x,"8\n' * 40_000 + b"1,A\n")

    entries = list(csv_entries(Kind.CUSTOMERS, file, START))

    assert [entry.fields.get("company") for entry in entries if not entry.faults] == ["A"]
    assert len(entries) == 40_001
    assert file.read_bytes < 16 * 2**20 + 8 * len(file.getvalue())


@pytest.mark.parametrize("row", [b"1," * 600_000, b'"1\n' + b"2,\n" * 400_000, b"1,a\n2," + b"x" * 1_100_000])
def test_no_row_of_orders_fills_the_memory_before_it_is_refused(row: bytes) -> None:
    rows = OrderRows(io.BytesIO(b"orderNumber,customerNumber\n" + row), ())

    with pytest.raises((ValueError, csv.Error)):
        list(rows.quickly())


def write_csv(records: list[Record]) -> bytes:
    """Write records as spreadsheets do."""
    names = list(dict.fromkeys(name for record in records for name in record))
    out = io.StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode()


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["customerNumber", "firstName", "company"]),
            st.text(alphabet=st.characters(codec="utf-8")),
            min_size=1,
        ),
        min_size=1,
    )
)
def test_what_is_written_as_csv_is_read(records: list[Record]) -> None:
    text = write_csv([{"locale": "de_CH"} | record for record in records])

    assert [entry.fields for entry in csv_read(text)] == [
        {"locale": "de_CH"} | {name: value for name, value in record.items() if value.strip()} for record in records
    ]


@given(st.lists(st.text(alphabet='12,"\n\rx', max_size=12)))
def test_reading_csv_on_from_any_entry_finds_the_others(lines: list[str]) -> None:
    text = b"customerNumber,company\n" + "\n".join(lines).encode()
    entries = csv_read(text)

    assert [entry.line for entry in entries] == sorted(entry.line for entry in entries)
    for position, entry in enumerate(entries, 1):
        assert csv_read(text, start=entry.end) == entries[position:]


# ── CSV: orders ───────────────────────────────────────────────────────────────────────────────────

HEADER = b"orderNumber,status,customerNumber,item.sku,item.quantity,adjustment.name,tax.rate,billingAddress.city\n"


def orders_read(*lines: bytes) -> list[Entry]:
    return csv_read(HEADER + b"\n".join(lines) + b"\n", Kind.ORDERS)


def test_consecutive_rows_of_a_number_are_one_order() -> None:
    entries = orders_read(b"1,SHIPPED,C,a,1,post,7.7,Bern", b"1,,,b,2,,,", b"1,SHIPPED,C,,,gift,,", b"2,SHIPPED,C,,,,,")

    assert told(entries) == [
        (
            2,
            {
                "orderNumber": "1",
                "status": "SHIPPED",
                "customerNumber": "C",
                "billingAddress": {"city": "Bern"},
                "items": [{"sku": "a", "quantity": "1"}, {"sku": "b", "quantity": "2"}],
                "adjustments": [{"name": "post"}, {"name": "gift"}],
                "taxes": [{"rate": "7.7"}],
                "shipments": [],
                "documents": [],
            },
        ),
        (
            5,
            {
                "orderNumber": "2",
                "status": "SHIPPED",
                "customerNumber": "C",
                "items": [],
                "adjustments": [],
                "taxes": [],
                "shipments": [],
                "documents": [],
            },
        ),
    ]
    assert [entry.end.lines for entry in entries] == [4, 5]


def test_rows_of_an_order_that_contradict_each_other_are_told() -> None:
    [entry] = orders_read(b"1,SHIPPED,C,a,1,,,", b"1,RETURNED,C,b,1,,,Bern")

    assert [(fault.field, fault.message) for fault in entry.faults] == [
        (("status",), "Line 3 contradicts line 2."),
        (("billingAddress", "city"), "Line 3 contradicts line 2."),
    ]


def test_an_order_with_a_damaged_row_is_refused_as_a_whole() -> None:
    entries = orders_read(b"1,S,C,a,1,,,", b"2,S,C,a,1,,,", b'2,S,C,"a', b"2,S,C,b,1,,,", b"3,S,C,a,1,,,")

    assert [(entry.line, bool(entry.faults)) for entry in entries] == [(2, False), (3, True), (6, False)]
    assert entries[1].faults[0].message.startswith("Line 4: It is no CSV")


def test_a_row_without_number_may_belong_to_its_neighbours() -> None:
    """An order that lacks a line would be worse than none."""
    entries = orders_read(b"1,S,C,a,1,,,", b"2,S,C,a,1,,,", b",S,C,b,1,,,", b"3,S,C,a,1,,,", b"4,S,C,a,1,,,")

    assert [entry.line for entry in entries if entry.faults] == [3, 5]
    assert [(entry.line, entry.concerns_next) for entry in entries] == [
        (2, False),
        (3, False),
        (4, True),
        (5, False),
        (6, False),
    ]


def test_no_batch_ends_where_the_next_order_depends_on_the_last() -> None:
    lines = [b"%d,S,C,a,1,,," % number for number in range(499)]
    entries = orders_read(*lines, b",S,C,a,1,,,", b"500,S,C,a,1,,,", b"501,S,C,a,1,,,")

    assert [len(batch) for batch in batches(entries, 0)] == [501, 1]


def test_rows_without_numbers_do_not_fill_the_memory() -> None:
    entries = orders_read(*[b",S,C,a,1,,,"] * 2500)

    assert [len(batch) for batch in batches(entries, 0)] == [1000, 1000, 500]


def test_an_order_without_end_needs_no_memory() -> None:
    [entry] = orders_read(*[b"1,,,a,1,,,"] * 5000)

    items: Any = entry.fields["items"]
    assert len(items) == 1001


def test_an_order_of_many_damaged_rows_is_told_once_and_for_all() -> None:
    [entry] = orders_read(*[b"1,too few"] * 5000)

    assert len(entry.faults) == 100


def test_an_order_of_many_long_rows_is_refused() -> None:
    [entry] = orders_read(*[b"1,,," + b"a" * 100_000 + b",1,,,"] * 100)

    assert "longer than" in entry.faults[0].message


# ── The same in both formats ──────────────────────────────────────────────────────────────────────


def flat(record: Record) -> list[Record]:
    """Return the rows of CSV that tell what *record* does."""
    own: Record = {}
    parts: list[Record] = []
    for name, value in record.items():
        if isinstance(value, dict) and name != "customData":
            own |= {f"{name}.{inner}": cell for inner, cell in value.items()}
        elif name in LISTS:
            part = LISTS[name]
            parts += [{f"{part}.{inner}": cell for inner, cell in each.items()} for each in value]
        elif isinstance(value, list):
            own[name] = ";".join(value)
        elif name == "customData":
            own[name] = orjson.dumps(value).decode()
        else:
            own[name] = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    first, *others = parts or [{}]
    number = {"orderNumber": record["orderNumber"]} if parts else {}
    return [own | first, *(number | each for each in others)]


def test_both_formats_tell_the_same(database_url: str, tmp_path: Path) -> None:
    make_shop(database_url)
    make_shop(database_url, code="other")
    files: dict[str, list[Record]] = {
        "customers": [customer(number) for number in range(3)],
        "users": [user(number) for number in range(3)],
        "addresses": [address(number) for number in range(3)],
        "orders": [order(number, 3, username="User0@example.com" if number % 3 == 0 else None) for number in range(9)],
    }
    for kind, records in files.items():
        assert {name for record in records for row in flat(record) for name in row} == COLUMNS[Kind(kind)]
        lines = written(tmp_path / f"{kind}.jsonl", records)
        table = written(tmp_path / f"{kind}.csv", [write_csv([row for record in records for row in flat(record)])])
        for file, shop in ((lines, "shop"), (table, "other")):
            result = imported(database_url, kind, file, "--channel", shop)
            assert (result.exit_code, result.stderr) == (0, "")

    assert len(rows(database_url, Order)) == 18
    assert len(rows(database_url, OrderItem)) == 36
    for name, stored in content(database_url).items():
        if name == "Channel":
            continue
        halves = [sorted(repr(row) for row in stored if row.get("channel_id") == shop) for shop in ("shop", "other")]
        assert halves[0] == [each.replace("'other'", "'shop'") for each in halves[1]], name
        # Rows that belong to no channel themselves are there once for each.
        assert all(stored.count(row) % 2 == 0 for row in stored if "channel_id" not in row), name
