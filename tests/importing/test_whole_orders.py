"""Orders come in whole or not at all, however their rows are torn, doubled or moved about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from db.models import Order, OrderItem
from tests.importing.making import HEAD, ROW, imported, make_shop, order, rows, rows_of, written

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.either_database


@pytest.fixture
def shop(database_url: str) -> str:
    make_shop(database_url, customers=3)
    return database_url


def test_rows_of_an_order_that_stand_apart_bring_in_no_half(shop: str, tmp_path: Path) -> None:
    lines = [HEAD, *rows_of("1", "a"), *rows_of("2", "a", "b"), *rows_of("1 ", "b"), *rows_of("3", "c")]

    result = imported(shop, "orders", written(tmp_path / "orders.csv", lines))

    assert result.stdout.startswith("2 orders imported, 2 refused.")
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["line 2", "line 5"]
    assert {row["order_number"] for row in rows(shop, Order)} == {"2", "3"}


def test_orders_without_numbers_do_not_share_one(shop: str, tmp_path: Path) -> None:
    file = written(tmp_path / "orders.jsonl", [order(0, orderNumber=" "), order(1, orderNumber="")])

    told = imported(shop, "orders", file).stderr.splitlines()

    assert [line.rpartition(" ")[2] for line in told] == ["(REQUIRED)", "(REQUIRED)"]


@pytest.mark.parametrize("damaged", [b"2;C00000;b;1", b"2", b'"2, b'])
def test_a_row_that_may_be_of_its_neighbours_brings_in_no_half(shop: str, tmp_path: Path, damaged: bytes) -> None:
    """The orders beside it have no total that tells whether a line is missing."""
    lines = [HEAD, *rows_of("1", "a"), *rows_of("2", "a"), b"\n" + damaged, *rows_of("3", "a"), *rows_of("4", "a")]

    result = imported(shop, "orders", written(tmp_path / "orders.csv", lines))

    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["line 3", "line 4", "line 5"]
    assert {row["order_number"] for row in rows(shop, Order)} == {"1", "4"}


def test_a_damaged_row_whose_number_is_told_spoils_no_neighbour(shop: str, tmp_path: Path) -> None:
    lines = [HEAD, *rows_of("1", "a"), b'\n"2",C00000', *rows_of("3", "a")]

    assert imported(shop, "orders", written(tmp_path / "orders.csv", lines)).stdout.startswith(
        "2 orders imported, 1 ref"
    )


def test_a_value_without_a_column_spoils_no_neighbour(shop: str, tmp_path: Path) -> None:
    """All of the row is read, wherever its number stands."""
    lines = [b"item.code," + HEAD + b","]
    for number, lost in (("1", b""), ("2", b"lost"), ("3", b"")):
        [row] = rows_of(number, "a")
        lines.append(row.replace(b"\n", b'\n"a\nb",' if lost else b"\n,") + b"," + lost)

    result = imported(shop, "orders", written(tmp_path / "orders.csv", lines))

    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["line 3"]
    assert {row["order_number"] for row in rows(shop, Order)} == {"1", "3"}


def test_rows_without_values_are_none_wherever_they_stand(shop: str, tmp_path: Path) -> None:
    blank = [b"\n,,,,,,,,", b"\n , ,\t,,,,,,", b'\n"","",,,,,,,', b"\n,,,", b"\n"]
    first, second = rows_of("1", "a", "b")
    lines = [HEAD, *blank, first, *blank, second, *blank, *rows_of("2", "a"), *blank]

    result = imported(shop, "orders", written(tmp_path / "orders.csv", lines))

    assert result.stdout.startswith("2 orders imported, 0 refused."), result.output
    assert len(rows(shop, OrderItem)) == 3


def test_what_stands_on_every_row_is_refused_where_no_total_checks_it(shop: str, tmp_path: Path) -> None:
    head = HEAD + b",total,adjustment.type,adjustment.name,adjustment.price"
    lines = [head]
    for number, total in (("1", ""), ("2", "21.00"), ("3", "28.00")):
        lines += [row + f",{total},SHIPPING,Post,7.00".encode() for row in rows_of(number, "a", "b")]

    result = imported(shop, "orders", written(tmp_path / "orders.csv", lines))

    assert {row["order_number"] for row in rows(shop, Order)} == {"3"}
    told = result.stderr.splitlines()
    assert "adjustments: It stands on each of the 2 rows" in told[0]
    assert "total: It is not the sum of lines, adjustments, and taxes that are not included: 28.00." in told[1]


def test_a_row_that_stands_twice_is_refused_where_no_total_checks_it(shop: str, tmp_path: Path) -> None:
    lines = [HEAD, *rows_of("1", "a", "b", "b"), *rows_of("2", "a", "b", "a")]

    result = imported(shop, "orders", written(tmp_path / "orders.csv", lines))

    assert {row["order_number"] for row in rows(shop, Order)} == {"2"}
    assert result.stderr.startswith("line 2: items.2: Line 4: It is the same as the line above.")


def test_a_part_is_told_with_the_line_that_it_stands_on(shop: str, tmp_path: Path) -> None:
    lines = [HEAD, *rows_of("1", "a", "b"), b"\n" + ROW.format("1", "c").replace("7.00", "much").encode()]

    result = imported(shop, "orders", written(tmp_path / "orders.csv", lines))

    assert result.stderr.startswith("line 2: items.2.unitPrice: Line 4: ")


def test_how_many_totals_were_computed_is_told(shop: str, tmp_path: Path) -> None:
    file = written(tmp_path / "orders.jsonl", [order(0, total=None), order(1, total=None), order(2)])

    result = imported(shop, "orders", file)

    assert result.stdout == "3 orders imported, 0 refused. 2 had no total that checks them: it was computed.\n"


def test_a_record_that_is_not_whole_is_not_in_the_report(shop: str, tmp_path: Path) -> None:
    """Imported from there, it would be in with less, or more, than stands in its file."""
    report = tmp_path / "refused.jsonl"
    first, second = rows_of("3", "a", "b")
    orders = [
        *rows_of("1", "a", "b", "b"),
        *rows_of("2", "a", "b"), b"\n2,too few",
        first, second.replace(b",SHIPPED,", b",RETURNED,"),
        *(row + b",{a" for row in rows_of("4", "a")),
    ]  # fmt: skip
    lines = [HEAD + b",customData", *(row if row.endswith((b"few", b"{a")) else row + b"," for row in orders)]
    imported(shop, "orders", written(tmp_path / "orders.csv", lines), "--refused", str(report))

    again = imported(shop, "orders", report)

    assert [orjson.loads(line)["record"] for line in report.read_bytes().splitlines()] == [{}] * 4
    assert again.stdout.startswith("0 orders imported, 4 refused.")
