"""What other shops export comes in by the scripts of docs/from-other-shops, to the cent."""

from __future__ import annotations

import csv
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from db.models import Customer, Order, OrderItem
from tests.gateway.processes import ROOT
from tests.importing.making import imported, make_shop, rows

pytestmark = pytest.mark.either_database

SCRIPTS = ROOT / "docs" / "from-other-shops"
FILES = Path(__file__).parent / "from_other_shops"


def turned(script: str, tmp_path: Path, *arguments: str) -> tuple[Path, Path]:
    """Run a script; return the files of orders and customers that it writes."""
    made = subprocess.run([sys.executable, SCRIPTS / script, *arguments], capture_output=True, check=True)  # noqa: S603 - our own
    orders, customers = tmp_path / "orders.jsonl", tmp_path / "customers.jsonl"
    orders.write_bytes(made.stdout)
    customers.write_bytes(made.stderr)
    return orders, customers


def test_an_export_of_orders_from_shopify_comes_in_to_the_cent(database_url: str, tmp_path: Path) -> None:
    file = FILES / "shopify.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        exported = list(csv.DictReader(opened))
    totals = {row["Name"]: Decimal(row["Total"]) for row in exported if row["Total"]}
    make_shop(database_url)

    orders, customers = turned("shopify.py", tmp_path, str(file), "de_CH")
    results = [imported(database_url, "customers", customers), imported(database_url, "orders", orders)]

    assert [result.stdout for result in results] == [
        "7 customers imported, 0 refused.\n",
        "11 orders imported, 0 refused.\n",
    ]
    stored = rows(database_url, Order)
    assert {row["order_number"]: row["total"] for row in stored} == totals
    assert len(rows(database_url, OrderItem)) == len(exported) == 17
    assert {row["order_number"]: row["status"] for row in stored if row["status"] not in {"SHIPPED", "PURCHASED"}} == {
        "#1002": "REFUNDED", "#1003": "PAYMENT_PENDING", "#1004": "RETURNED_PARTIAL", "#1005": "CANCELED",
        "#1007": "PAYMENT_PENDING",
    }  # fmt: skip
    assert {row["customer_number"] for row in rows(database_url, Customer)} >= {"anna@example.com", "guest-1003"}
    [london] = {str(row["billing_address"]["street"]) for row in stored if row["order_number"] == "#1002"}
    assert london == "12 High Street, Flat 3"


def test_a_dump_of_the_rest_api_comes_in_in_its_own_form(database_url: str, tmp_path: Path) -> None:
    make_shop(database_url, customers=1)

    orders, _ = turned("rest.py", tmp_path, "C00000", str(FILES / "rest.ndjson"))
    result = imported(database_url, "orders", orders)

    assert result.stdout == "3 orders imported, 0 refused. 2 had no total that checks them: it was computed.\n"
    assert {row["order_number"]: (row["status"], str(row["total"])) for row in rows(database_url, Order)} == {
        "123": ("SHIPPED", "62.3"), "122": ("RETURNED_PARTIAL", "12.45"), "9": ("DELIVERED", "0"),
    }  # fmt: skip
