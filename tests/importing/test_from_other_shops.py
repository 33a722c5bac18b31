"""What other shops export comes in by the scripts of docs/from-other-shops, to the cent."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from db.models import Customer, Order, OrderItem, OrderTax
from tests.gateway.processes import ROOT
from tests.importing.making import imported, make_shop, rows

pytestmark = pytest.mark.either_database

SCRIPTS = ROOT / "docs" / "from-other-shops"
FILES = Path(__file__).parent / "from_other_shops"
COME_FAR = {"SHIPPED", "PURCHASED"}
"""The statuses of most orders."""


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, SCRIPTS / script, *arguments], capture_output=True, check=True)  # noqa: S603 - our own


def turned(script: str, tmp_path: Path, *arguments: str | Path) -> tuple[Path, Path]:
    """Run a script; return the files of orders and customers that it writes."""
    made = run(script, *arguments)
    orders, customers = tmp_path / "orders.jsonl", tmp_path / "customers.jsonl"
    orders.write_bytes(made.stdout)
    customers.write_bytes(made.stderr)
    return orders, customers


def judged(url: str, kind: str, file: Path) -> tuple[str, list[tuple[str, str, str]]]:
    """Import a file; return the summary, and what was refused: whose line, which field, and why."""
    report = file.with_suffix(".refused")
    result = imported(url, kind, file, "--refused", str(report))
    name = "orderNumber" if kind == "orders" else "customerNumber"
    refused = [json.loads(line) for line in report.read_text("utf-8").splitlines()] if report.exists() else []
    reasons = [
        (each["record"][name].partition("@")[0], reason["field"], reason["code"])
        for each in refused
        for reason in each["reasons"]
    ]
    return result.stdout.partition(" See ")[0].strip(), sorted(reasons)


def bring(url: str, **files: Path) -> dict[str, list[tuple[str, str, str]]]:
    """Import files, and again; return what was refused, the same both times, by what the import tells."""
    came = {kind: judged(url, kind, file) for kind, file in files.items()}
    again = {kind: judged(url, kind, file) for kind, file in files.items()}
    for kind, (summary, refused) in came.items():
        number, rest = summary.removesuffix(".").split(maxsplit=1)
        assert again[kind] == (f"0 {rest}, {number} in already.", refused)
    return dict(came.values())


def sum_by_order(url: str, model: type[SQLModel], column: str, only: str = "") -> dict[str, Decimal]:
    """Return the sums of what orders have, of one type or of all, by their numbers."""
    numbers = {row["id"]: row["order_number"] for row in rows(url, Order)}
    sums = dict.fromkeys(numbers.values(), Decimal(0))
    for row in rows(url, model):
        if not only or row["type"] == only:
            sums[numbers[row["order_id"]]] += row[column]
    return sums


def count_by_order(url: str) -> Counter[str]:
    """Return how many items orders have, by their numbers."""
    numbers = {row["id"]: row["order_number"] for row in rows(url, Order)}
    return Counter(numbers[row["order_id"]] for row in rows(url, OrderItem))


def exported_rows(name: str) -> list[dict[str, str]]:
    with (FILES / name).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def amounts(exported: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, Decimal]:
    return {number: Decimal(told[name]) for number, told in exported.items()}


def test_an_export_of_orders_from_shopify_comes_in_to_the_cent(database_url: str, tmp_path: Path) -> None:
    file = FILES / "shopify.csv"
    exported = [row for row in exported_rows("shopify.csv") if row["Name"] != "#1014"]
    firsts = {row["Name"]: row for row in exported if row["Total"]}
    make_shop(database_url)

    orders, customers = turned("shopify.py", tmp_path, file, "de_CH")

    assert bring(database_url, customers=customers, orders=orders) == {
        "9 customers imported, 0 refused.": [],
        "13 orders imported, 1 refused.": [("#1014", "items.0.name", "NOT_ALLOWED")],
    }
    stored = rows(database_url, Order)
    assert {row["order_number"]: row["total"] for row in stored} == amounts(firsts, "Total")
    assert sum_by_order(database_url, OrderTax, "amount") == amounts(firsts, "Taxes")
    assert count_by_order(database_url) == Counter(row["Name"] for row in exported)
    assert {row["order_number"]: row["status"] for row in stored if row["status"] not in COME_FAR} == {
        "#1002": "REFUNDED", "#1003": "PAYMENT_PENDING", "#1004": "RETURNED_PARTIAL", "#1005": "CANCELED",
        "#1007": "PAYMENT_PENDING",
    }  # fmt: skip
    assert {row["customer_number"] for row in rows(database_url, Customer)} >= {"anna@example.com", "guest-1003"}
    [london] = {str(row["billing_address"]["street"]) for row in stored if row["order_number"] == "#1002"}
    assert london == "12 High Street, Flat 3"


def test_who_differs_at_the_end_of_a_long_address_is_another_customer(database_url: str, tmp_path: Path) -> None:
    make_shop(database_url)

    _, customers = turned("shopify.py", tmp_path, FILES / "shopify.csv", "de_CH")
    bring(database_url, customers=customers)

    names = {row["email_address"]: row["last_name"] for row in rows(database_url, Customer)}
    assert names["a.very.long.local.part.of.somebody.one@mail.example.com"] == "Tremblay"
    assert names["a.very.long.local.part.of.somebody.one@mail.example.org"] == "Lang"


def test_a_dump_of_the_rest_api_comes_in_in_its_own_form(database_url: str, tmp_path: Path) -> None:
    make_shop(database_url, customers=1)

    orders, _ = turned("rest.py", tmp_path, "C00000", str(FILES / "rest.ndjson"))
    result = imported(database_url, "orders", orders)

    assert result.stdout == "3 orders imported, 0 refused. 2 had no total that checks them: it was computed.\n"
    assert {row["order_number"]: (row["status"], str(row["total"])) for row in rows(database_url, Order)} == {
        "123": ("SHIPPED", "62.3"), "122": ("RETURNED_PARTIAL", "12.45"), "9": ("DELIVERED", "0"),
    }  # fmt: skip
