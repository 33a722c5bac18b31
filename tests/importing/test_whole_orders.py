"""Orders come in whole or not at all, however their rows are torn, doubled or moved about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import orjson
import pytest

from db.models import Order, OrderItem
from tests.importing.making import HEAD, ROW, customer, imported, item, make_shop, order, rows, rows_of, written

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
    assert result.stderr.startswith("line 2: items.2: Line 4: It is the same as one above.")


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


@pytest.mark.parametrize(
    "damaged",
    [
        b"A1\xff,C00000", b"A\xfc1,C00000,2018-03-14T10:07:26Z,SHIPPED,CHF,2,Cup,1,7.00",
        "A\u200b1,C00000,2018-03-14T10:07:26Z,SHIPPED,CHF,2,Cup,1,7.00".encode(),
        b"A1C00000,2018-03-14T10:07:26Z,SHIPPED,CHF,2,Cup,1,7.00", b"SHIPPED,CHF,2,Cup,1,7.00",
        b"1,2018-03-14T10:07:26Z",
    ],
)  # fmt: skip
def test_a_row_whose_number_is_damaged_brings_in_no_half_of_the_order_that_it_was(
    shop: str, tmp_path: Path, damaged: bytes
) -> None:
    lines = [HEAD, *rows_of("A1", "1"), b"\n" + damaged, *rows_of("B1", "1")]

    result = imported(shop, "orders", written(tmp_path / "orders.csv", lines))

    assert [line.split(":")[0] for line in result.stderr.splitlines()][:2] == ["line 2", "line 3"]
    assert "A1" not in {row["order_number"] for row in rows(shop, Order)}


@pytest.mark.parametrize("included", ["", "true", "false"])
def test_what_stands_on_each_row_is_refused_unless_the_total_sums_it(shop: str, tmp_path: Path, included: str) -> None:
    """A total is no check of parcels and papers, nor of taxes that are part of the prices."""
    head = (
        HEAD
        + b",taxIncluded,total,tax.name,tax.rate,tax.amount,shipment.carrier,document.kind,document.title,document.url"
    )
    tail = f",{included},%s,MwSt,7.7,1.50,Post,INVOICE,Rechnung,https://shop.example/1.pdf"
    total = "18.50" if included == "false" else "14.00"
    lines = [head, *(row + (tail % total).encode() for row in rows_of("A1", "1", "2"))]

    result = imported(shop, "orders", written(tmp_path / "orders.csv", lines))

    told = {line.split(": ")[1] for line in result.stderr.splitlines()}
    assert {"shipments", "documents"} <= told
    assert ("taxes" in told) is (included != "false")
    assert rows(shop, Order) == []


def test_rows_that_are_each_of_two_lists_by_each_of_the_other_are_refused(shop: str, tmp_path: Path) -> None:
    head = HEAD + b",adjustment.type,adjustment.name,adjustment.price"
    [one, two] = rows_of("A1", "1", "2")
    post, gift = b",SHIPPING,Post,5.00", b",SURCHARGE,Gift,2.00"
    lines = [head, one + post, two + post, one + gift, two + gift]

    result = imported(shop, "orders", written(tmp_path / "orders.csv", lines))

    assert rows(shop, Order) == []
    assert "adjustments.1: Line 3: It is the same as one above." in result.stderr


def test_a_mark_that_is_closed_in_a_row_below_swallows_no_row(shop: str, tmp_path: Path) -> None:
    [a, b, c] = [*rows_of("A1", "1"), *rows_of("B1", "1"), *rows_of("C1", "1")]
    lines = [HEAD + b",shippingAddress.street", a + b',"Weg 1', b + b',Weg 2"', c + b',"Weg 3\nbeim Hof, links"']

    result = imported(shop, "orders", written(tmp_path / "orders.csv", lines))

    assert {row["order_number"] for row in rows(shop, Order)} == {"B1", "C1"}
    assert "line 2: A quotation mark that opens in it is closed in a row below." in result.stderr
    streets = {row["order_number"]: row["shipping_address"]["street"] for row in rows(shop, Order)}
    assert streets["C1"] == "Weg 3, beim Hof, links"


def test_a_number_is_the_same_however_its_letters_are_composed(shop: str, tmp_path: Path) -> None:
    lines = [HEAD, *rows_of("B\u00e91", "1"), *rows_of("Be\u03011", "2"), *rows_of("B\u00fc1", "3")]
    imported(shop, "orders", written(tmp_path / "orders.csv", lines))

    assert {row["order_number"] for row in rows(shop, Order)} == {"B\u00e91", "B\u00fc1"}
    assert len(rows(shop, OrderItem)) == 3


def test_a_number_is_counted_where_it_is_one(shop: str, tmp_path: Path) -> None:
    """Not in custom data, nor under what stands there; and in whatever way JSON writes it."""
    twice = order(0, orderNumber="B\u00fc1", customData={"orderNumber": "x"})
    records = [
        json.dumps(twice).encode() + b"\n",
        json.dumps(twice | {"status": "RETURNED"}).encode() + b"\n",
        order(1, orderNumber="A1"),
        {"customData": {"orderNumber": "A1"}, **order(2, orderNumber="A2")},
    ]

    result = imported(shop, "orders", written(tmp_path / "orders.jsonl", records))

    assert {row["order_number"] for row in rows(shop, Order)} == {"A1", "A2"}
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["line 1", "line 2"]


def test_a_report_brings_in_nothing_that_was_blotted_and_leaves_numbers_as_they_are(shop: str, tmp_path: Path) -> None:
    report, number = tmp_path / "refused.jsonl", "4111111111111111"
    lines = [item(sku=number, name="Cup")]
    records = [
        order(1, orderNumber=number, customerNumber="late", items=lines, adjustments=[], total="49.80"),
        order(2, customerNumber="C00000", paymentMethod="4111 1111 1111 1111"),
        order(3, customerNumber="C00000", customData={"card": ["4111", "1111", "1111", "1111"]}),
    ]
    imported(shop, "orders", written(tmp_path / "orders.jsonl", records), "--refused", str(report))
    imported(shop, "customers", written(tmp_path / "c.jsonl", [customer(9, customerNumber="late")]))

    result = imported(shop, "orders", report)

    assert result.stdout.startswith("1 orders imported, 2 refused.")
    assert [(row["order_number"]) for row in rows(shop, Order)] == [number]
    assert [row["sku"] for row in rows(shop, OrderItem)] == [number]
