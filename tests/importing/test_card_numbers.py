"""A full card number is not imported, whatever record it stands in, and no report tells it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from db.models import Address, Customer, Order, OrderAdjustment, OrderItem, OrderTax, User
from tests.importing.making import (
    LISTS,
    Record,
    address,
    customer,
    imported,
    item,
    make_shop,
    order,
    postal_address,
    rows,
    user,
    written,
)

CARD = "4111 1111 1111 1111"
PLAIN = CARD.replace(" ", "")
MAIL = f"{PLAIN}@example.com"
NUMBER = "4111-1111-1111-1111"
WIDE = "\uff14" + "\uff11" * 15

pytestmark = pytest.mark.either_database


def parts(kind: str, made: Record) -> list[tuple[str, Record]]:
    """Return for each place of a text in one of the parts of an order the record with a card number there."""
    name = LISTS[kind]
    numbered = {"sku", "code", "imageUrl", "trackingNumber", "trackingUrl", "url"}
    texts = {
        "item": ["sku", "code", "name", "unit", "imageUrl"],
        "shipment": ["carrier", "trackingNumber", "trackingUrl"],
        "document": ["title", "url"],
    }.get(name, ["name"])
    return [
        (f"{kind}.0.{field}", order() | {kind: [made | {field: NUMBER if field in numbered else CARD}]})
        for field in texts
    ]


RECORDS: dict[str, list[tuple[str, Record]]] = {
    "customers": [
        ("customerNumber", customer(7, customerNumber=NUMBER)),
        ("emailAddress", customer(7, emailAddress=MAIL)),
        *((field, customer(7) | {field: CARD}) for field in ("firstName", "lastName", "company")),
        ("priceGroups.1", customer(7, priceGroups=["retail", PLAIN])),
        *(("customData", customer(7, customData=value)) for value in (CARD, int(PLAIN), {"a": [{CARD: 1}]})),
    ],
    "users": [
        ("customerNumber", user(0, customerNumber=NUMBER)),
        ("emailAddress", user(0, emailAddress=MAIL)),
        *((field, user(0) | {field: CARD}) for field in ("firstName", "lastName")),
        ("roles.0", user(0, roles=[NUMBER])),
    ],
    "addresses": [
        ("customerNumber", address(0, customerNumber=NUMBER)),
        ("emailAddress", address(0, emailAddress=MAIL)),
        *(
            (field, address(0) | {field: CARD})
            for field in ("firstName", "lastName", "company", "street", "city", "region", "phoneNumber", "remarks")
        ),
        ("zipCode", address(0, zipCode=PLAIN)),
    ],
    "orders": [
        *((field, order(0) | {field: NUMBER}) for field in ("orderNumber", "customerNumber")),
        ("username", order(0, username=MAIL)),
        *((field, order(0) | {field: CARD}) for field in ("paymentMethod", "shippingMethod", "customData")),
        *(
            (f"{part}.{field}", order(0) | {part: postal_address() | {field: CARD}})
            for part in ("billingAddress", "shippingAddress")
            for field in ("lastName", "company", "street", "city", "region", "phoneNumber", "emailAddress")
        ),
        *parts("items", item()),
        *parts("adjustments", order()["adjustments"][0]),
        *parts("taxes", order()["taxes"][0]),
        *parts("shipments", order()["shipments"][0]),
        *parts("documents", order()["documents"][0]),
    ],
}
TABLES = (Customer, User, Address, Order, OrderItem, OrderAdjustment, OrderTax)


def numbered(number: int, case: tuple[str, Record]) -> Record:
    """Return the record of a case; orders have numbers of their own."""
    field, record = case
    return record if "orderNumber" not in record or field == "orderNumber" else record | {"orderNumber": f"N{number}"}


def stored(url: str) -> list[str]:
    return [str(row) for table in TABLES for row in rows(url, table)]


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_with_a_full_card_number_is_refused_by_line_and_field(
    database_url: str, tmp_path: Path, kind: str
) -> None:
    make_shop(database_url, customers=1)
    before = stored(database_url)
    file = written(tmp_path / "file.jsonl", [numbered(number, each) for number, each in enumerate(RECORDS[kind])])
    report = tmp_path / "refused.jsonl"

    printed = imported(database_url, kind, file, "--dry-run")
    filed = imported(database_url, kind, file, "--refused", str(report))

    told: list[Any] = [orjson.loads(line) for line in report.read_bytes().splitlines()]
    assert [(each["line"], each["reasons"][0]["field"]) for each in told] == [
        (line, field) for line, (field, _) in enumerate(RECORDS[kind], 1)
    ]
    assert {(len(each["reasons"]), each["reasons"][0]["code"]) for each in told} == {(1, "NOT_ALLOWED")}
    assert (printed.exit_code, filed.exit_code) == (1, 1)
    assert "1111" not in printed.output + filed.output + report.read_text("utf-8")
    assert stored(database_url) == before


def test_numbers_that_pass_by_chance_come_in(database_url: str, tmp_path: Path) -> None:
    make_shop(database_url, customers=1)
    chance = {"sku": "4006381333931", "code": PLAIN, "imageUrl": f"https://shop.example/{PLAIN}.jpg"}
    telephoned = postal_address(phoneNumber="+378282246310005")
    file = written(tmp_path / "file.jsonl", [order(0, orderNumber=PLAIN, items=[item(**chance)] * 2, total=None)])
    book = written(tmp_path / "book.jsonl", [address(0, phoneNumber=telephoned["phoneNumber"])])

    assert imported(database_url, "orders", file).exit_code == 0
    assert imported(database_url, "addresses", book).exit_code == 0


def test_a_field_or_column_that_there_is_not_tells_no_card_number(database_url: str, tmp_path: Path) -> None:
    make_shop(database_url, customers=1)
    unknown = written(tmp_path / "file.jsonl", [customer(7) | {name: 1} for name in (CARD, PLAIN, f"x{PLAIN}")])
    header = written(tmp_path / "file.csv", [f"10001,{CARD},{PLAIN},{WIDE}\n".encode()])

    results = [imported(database_url, "customers", file) for file in (unknown, header)]

    assert "UNKNOWN" in results[0].output
    assert "No such columns" in results[1].output
    assert not any(text in result.output for result in results for text in ("1111", "\uff11", "uff11"))
