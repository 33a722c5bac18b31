"""What other shops export comes in by the scripts of docs/from-other-shops, to the cent."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlmodel import SQLModel

from db.enums import ChannelKind
from db.models import Account, Address, Customer, Order, OrderAdjustment, OrderItem, OrderTax
from tests.gateway.processes import ROOT
from tests.importing.making import Record, imported, make_shop, rows, written

pytestmark = pytest.mark.either_database

SCRIPTS = ROOT / "docs" / "from-other-shops"
FILES = Path(__file__).parent / "from_other_shops"
COME_FAR = {"SHIPPED", "PURCHASED"}
"""The statuses of most orders."""


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, SCRIPTS / script, *arguments], capture_output=True, check=True)  # noqa: S603 - our own


def turned(script: str, tmp_path: Path, *arguments: str | Path) -> tuple[Path, Path]:
    """Run a script; return the files of orders and customers that it writes."""
    run(script, *arguments, tmp_path)
    return tmp_path / "orders.jsonl", tmp_path / "customers.jsonl"


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


def bring_magento(url: str, tmp_path: Path) -> dict[str, list[tuple[str, str, str]]]:
    """Make a shop, and import what Magento exports; return as `bring` does."""
    make_shop(url, kind=ChannelKind.B2C)
    run("magento.py", "base", FILES / "magento_customer.csv", FILES / "magento_customer_address.csv", tmp_path)
    return bring(url, **{kind: tmp_path / f"{kind}.jsonl" for kind in ("customers", "users", "addresses")})


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


def woocommerce_orders() -> dict[str, Record]:
    """Return the orders of both pages, as they were exported, by their numbers."""
    pages = (FILES / "woocommerce.json").read_text("utf-8").replace("]\n[", ",")
    return {told["number"]: told for told in json.loads(pages)}


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


def test_an_export_of_orders_from_woocommerce_comes_in_to_the_cent(database_url: str, tmp_path: Path) -> None:
    exported = woocommerce_orders()
    assert len(exported) == 20
    for no_order in ("5013", "5017"):
        exported.pop(no_order)
    for refused in ("5018", "5019", "5020"):
        exported.pop(refused)
    make_shop(database_url)

    orders, customers = turned("woocommerce.py", tmp_path, FILES / "woocommerce.json", "de_CH")

    assert bring(database_url, customers=customers, orders=orders) == {
        "8 customers imported, 1 refused.": [("guest-5020", "emailAddress", "INVALID")],
        "15 orders imported, 3 refused.": [
            ("5018", "orderDate", "REQUIRED"), ("5019", "total", "INVALID"), ("5020", "customerNumber", "UNKNOWN"),
        ],
    }  # fmt: skip
    assert {row["order_number"]: row["total"] for row in rows(database_url, Order)} == amounts(exported, "total")
    assert sum_by_order(database_url, OrderTax, "amount") == amounts(exported, "total_tax")
    assert sum_by_order(database_url, OrderAdjustment, "price", "SHIPPING") == amounts(exported, "shipping_total")
    less = sum_by_order(database_url, OrderAdjustment, "price", "PROMOTION")
    assert {number: -price for number, price in less.items()} == amounts(exported, "discount_total")
    assert count_by_order(database_url) == {number: len(told["line_items"]) for number, told in exported.items()}


def test_what_woocommerce_writes_in_its_own_way_is_read(database_url: str, tmp_path: Path) -> None:
    make_shop(database_url)

    orders, customers = turned("woocommerce.py", tmp_path, FILES / "woocommerce.json", "de_CH")
    bring(database_url, customers=customers, orders=orders)

    stored = {row["order_number"]: row for row in rows(database_url, Order)}
    assert {number: row["status"] for number, row in stored.items() if row["status"] not in COME_FAR} == {
        "5003": "PAYMENT_PENDING", "5004": "RETURNED_PARTIAL", "5008": "REFUNDED", "5009": "REFUNDED",
        "JP-5010": "PAYMENT_PENDING", "5014": "CANCELED", "5015": "UNKNOWN",
    }  # fmt: skip
    assert stored["5002"]["order_date"] == datetime(2024, 3, 2, 23, 30, tzinfo=UTC)
    assert stored["5002"]["billing_address"]["company"] == "Probe & Söhne GmbH"
    assert stored["5003"]["billing_address"] is None
    assert stored["5014"]["billing_address"]["street"] == "c/o Muster, Hintere Gasse 2"
    assert [value for value in stored["5014"]["shipping_address"].values() if value] == ["CH"]


def test_the_parts_of_orders_from_woocommerce_are_what_they_were(database_url: str, tmp_path: Path) -> None:
    make_shop(database_url)

    orders, customers = turned("woocommerce.py", tmp_path, FILES / "woocommerce.json", "de_CH")
    bring(database_url, customers=customers, orders=orders)

    items = {(row["sku"], row["name"], str(row["quantity"].normalize())) for row in rows(database_url, OrderItem)}
    assert items >= {
        ("10-1001", "Kaffee & Kuchen, Set", "2"), ("without-Gutschein", "Gutschein", "3"),
        ("without-Ausgelaufener Artikel", "Ausgelaufener Artikel", "1"), ("70-1", "Käse, am Stück (kg)", "0.75"),
        ("70-3", "Storniert", "0"),
    }  # fmt: skip
    assert {(row["name"], row["rate"]) for row in rows(database_url, OrderTax)} >= {
        ("19% MwSt.", "19"), ("7% MwSt.", "7"), ("MwSt. 7,7%", "7.7"), ("Steuer", "0"), ("MwSt.", "2.6"),
    }  # fmt: skip
    assert {(row["type"], row["name"], str(row["price"])) for row in rows(database_url, OrderAdjustment)} >= {
        ("SURCHARGE", "Nachnahmegebühr", "4.2"), ("DISCOUNT", "Treuerabatt", "-2.4"), ("SURCHARGE", "Fee", "1"),
        ("PROMOTION", "summer, club&friends", "-5.12"), ("DISCOUNT", "Rounding", "-0.01"),
    }  # fmt: skip


def test_an_export_of_customers_from_magento_comes_in(database_url: str, tmp_path: Path) -> None:
    assert bring_magento(database_url, tmp_path) == {
        "14 customers imported, 3 refused.": [
            ("hugo", "lastName", "TOO_LONG"), ("ida", "dateOfBirth", "INVALID"), ("jan", "createdAt", "INVALID"),
        ],
        "14 users imported, 3 refused.": [
            ("hugo", "lastName", "TOO_LONG"), ("ida", "customerNumber", "UNKNOWN"), ("jan", "createdAt", "INVALID"),
        ],
        "15 addresses imported, 9 refused.": [
            ("gina", "street", "TOO_LONG"), ("gina", "street", "TOO_LONG"), ("hugo", "customerNumber", "UNKNOWN"),
            ("hugo", "customerNumber", "UNKNOWN"), ("ida", "customerNumber", "UNKNOWN"), ("nora", "city", "REQUIRED"),
            ("olaf", "title", "TOO_LONG"), ("petra", "country", "REQUIRED"), ("quirin", "company", "TOO_LONG"),
        ],
    }  # fmt: skip


def test_the_customers_of_magento_are_who_they_were(database_url: str, tmp_path: Path) -> None:
    exported = {row["email"].lower(): row for row in exported_rows("magento_customer.csv") if row["_website"] == "base"}
    bring_magento(database_url, tmp_path)

    stored = {row["email_address"].lower(): row for row in rows(database_url, Customer)}
    assert exported.keys() - stored.keys() == {"hugo@example.com", "ida@example.com", "jan@example.com"}
    genders = {"Female": "FEMALE", "Male": "MALE", "1": "MALE", "2": "FEMALE"}
    for email, row in stored.items():
        told = exported[email]
        assert (row["first_name"].split()[0], row["last_name"]) == (told["firstname"], told["lastname"])
        assert row["gender"] == genders.get(told["gender"], "UNKNOWN")
        assert f"{row['created_at']:%Y-%m-%d %H:%M:%S}" == told["created_at"]
        assert str(row["date_of_birth"] or "") == told["dob"][:10]
    assert stored["dora@example.com"]["first_name"] == "Dora Maria"
    assert stored["emil@example.com"]["price_groups"] == ["retailer"]
    assert stored["cleo@example.com"]["locale"] == "en_US"


def test_who_had_a_password_of_argon2id_in_magento_keeps_it(database_url: str, tmp_path: Path) -> None:
    bring_magento(database_url, tmp_path)

    accounts = {row["canonical_email_address"].partition("@")[0]: row for row in rows(database_url, Account)}
    hashes = {name: row["password_hash"] for name, row in accounts.items() if row["password_hash"]}
    assert hashes.keys() == {"anna", "dora", "fritz"}
    assert PasswordHasher().verify(hashes["anna"], "ein Beispiel von einem Passwort")
    assert {name for name, row in accounts.items() if row["confirmed_at"] is None} == {"fritz"}


def test_an_address_of_magento_comes_in_for_each_of_its_purposes(database_url: str, tmp_path: Path) -> None:
    bring_magento(database_url, tmp_path)

    numbers = {row["id"]: row["customer_number"] for row in rows(database_url, Customer)}
    stored = [row | {"number": numbers[row["customer_id"]]} for row in rows(database_url, Address)]
    assert sorted((row["type"], row["is_default"]) for row in stored if row["number"] == "anna@example.com") == [
        ("BILLING", True), ("SHIPPING", False), ("SHIPPING", True),
    ]  # fmt: skip
    assert {(row["street"], row["remarks"]) for row in stored} >= {
        ("Hafenweg 3, 2. OG links", None),
        ("12 High Street, Flat 3", None),
        ("Dorfstrasse 4", "Ferienhaus Sonnenschein\nc/o Familie Beispiel"),
    }
    assert {row["phone_number"] for row in stored} >= {"+41 44 555 01 23", "+49 7531 555 01"}
    assert "Andere Gasse 5" not in {row["street"] for row in stored}


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        ("105", (True, [("SURCHARGE", "5")])), ("70", (True, [("DISCOUNT", "-30")])),
        ("112.15", (False, [("SURCHARGE", "5.00")])),
    ],
)  # fmt: skip
def test_an_order_with_a_tip_has_its_taxes_where_the_others_of_the_shop_have_them(
    tmp_path: Path, total: str, expected: tuple[bool, list[tuple[str, str]]]
) -> None:
    """Its total is neither with them nor without; prices without taxes are 100 here in both."""
    with (FILES / "shopify.csv").open(encoding="utf-8", newline="") as opened:
        first = next(table := csv.DictReader(opened))
    plain = first | {"Subtotal": "100", "Shipping": "0", "Discount Code": "", "Taxes": "7.15"}
    plain |= {"Lineitem price": "100", "Lineitem quantity": "1", "Tax 1 Value": "7.15"}
    # A shop of prices with taxes has totals without more, and another one adds them.
    others = "100" if expected[0] else "107.15"
    orders = [plain | {"Name": f"#{number}", "Total": others} for number in range(3)] + [
        plain | {"Name": "#9", "Total": total}
    ]
    file = tmp_path / "orders.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, table.fieldnames or ())
        writer.writeheader()
        writer.writerows(orders)

    made, _ = turned("shopify.py", tmp_path, file, "de_CH")

    last = json.loads(made.read_text("utf-8").splitlines()[-1])
    assert (last["taxIncluded"], [(each["type"], each["price"]) for each in last["adjustments"]]) == expected


@pytest.mark.parametrize("script", ["shopify.py", "woocommerce.py", "magento.py", "rest.py"])
def test_who_calls_a_script_wrongly_is_told_how_to(script: str) -> None:
    made = subprocess.run([sys.executable, SCRIPTS / script], capture_output=True, check=False, text=True)  # noqa: S603 - our own

    assert made.returncode == 1
    assert f"    python {script} " in made.stderr


def test_what_is_no_export_of_shopify_is_told(tmp_path: Path) -> None:
    file = written(tmp_path / "orders.csv", [b"Name;Email\n#1;a@example.com\n"])
    made = subprocess.run(  # noqa: S603 - our own
        [sys.executable, SCRIPTS / "shopify.py", file, "de_CH", tmp_path], capture_output=True, check=False, text=True
    )

    assert (made.returncode, "it has no column Email" in made.stderr) == (1, True)


def test_a_dump_of_the_rest_api_comes_in_in_its_own_form(database_url: str, tmp_path: Path) -> None:
    make_shop(database_url, customers=1)

    orders = tmp_path / "orders.jsonl"
    orders.write_bytes(run("rest.py", "C00000", FILES / "rest.ndjson").stdout)
    result = imported(database_url, "orders", orders)

    assert result.stdout == "3 orders imported, 0 refused. 2 had no total that checks them: it was computed.\n"
    assert {row["order_number"]: (row["status"], str(row["total"])) for row in rows(database_url, Order)} == {
        "123": ("SHIPPED", "62.3"), "122": ("RETURNED_PARTIAL", "12.45"), "9": ("DELIVERED", "0"),
    }  # fmt: skip
