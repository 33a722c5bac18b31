"""The grammar of files: what other systems write is read where it can mean one thing, and refused where it can't."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import sqlalchemy as sa

from db.enums import ChannelKind
from db.models import Account, Address, Customer, Order, OrderItem, User
from resolvers.orders.rules import checked_order
from resolvers.rules.inspection import Inspection
from resolvers.users.rules import checked_user
from tests.importing.making import (
    HEAD,
    ROW,
    Record,
    address,
    content,
    customer,
    imported,
    item,
    make_shop,
    order,
    rows,
    rows_of,
    user,
    within,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

    from db.engine import Database

pytestmark = pytest.mark.either_database

TIME = datetime(2018, 3, 14, 10, 7, 26, tzinfo=UTC)


@pytest.fixture
def shop(database_url: str) -> str:
    make_shop(database_url, customers=3)
    return database_url


def checked(**values: Any) -> tuple[Any, list[tuple[str, ...]]]:
    inspection = Inspection(of_file=True)
    recorded = checked_order(order(**values), inspection)
    return recorded.order, [violation.field for violation in inspection.violations]


# ── Spellings ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "2018-03-14T10:07:26.000+0000", "2018-03-14 11:07:26 +0100", "2018-03-14 11:07:26+01", "20180314T100726Z",
        "2018-03-14t10:07:26z", "2018-W11-3T10:07:26Z", "2018-073T10:07:26Z", "2018073T100726Z",
        "2018-03-14T09:07:26\u221201", "2018-03-14T10.1238888888888889Z", "2018-03-14T10:07,43333333333334Z",
        " 2018-03-14T10:07:26Z ", "2018-03-14T10:07:26,000Z",
    ],
)  # fmt: skip
def test_a_time_with_an_offset_is_read_in_every_spelling(text: str) -> None:
    found, wrong = checked(orderDate=text)

    assert (found["order_date"], wrong) == (TIME, [])


@pytest.mark.parametrize(
    "text",
    [
        "2018-03-14T10:07:26:50Z",
        "2018-03-14T10:07:26+0190",
        "2018-03-14T10:07:26.Z",
        "2018-03-14T10:0726Z",
        "2018-366T10:07:26Z",
        "2018-000T10:07:26Z",
        "2018-03-14T10:07:26+24:00",
        "2018-03-14T10:07:26",
        "2018-03-14",
        "14.03.2018 10:07:26 +0100",
        "03/14/2018",
        "1521022046",
        "now",
    ],
)
def test_what_may_be_another_time_is_refused(text: str) -> None:
    assert checked(orderDate=text)[1] == [("orderDate",)]


@pytest.mark.parametrize("clock", ["24:00:00Z", "24:00+00:00", "2400Z", "24:00:00.000 +0000", "24:00:00+00"])
def test_the_end_of_a_day_is_the_beginning_of_the_next_one(clock: str) -> None:
    found, wrong = checked(orderDate=f"2018-02-28T{clock}")

    assert (found["order_date"], wrong) == (datetime(2018, 3, 1, tzinfo=UTC), [])


@pytest.mark.parametrize(
    "text", ["2018-03-14T24:00:01Z", "2018-03-14T24:30Z", "2018-02-29T24:00Z", "2018-03-14T25:00Z"]
)
def test_what_is_after_the_end_of_a_day_is_no_time(text: str) -> None:
    assert checked(orderDate=text)[1] == [("orderDate",)]


@pytest.mark.parametrize("unseen", ["\u200b", "\u00a0", "\u2060", "\ufe0f", "\u3164", "\u034f", "\t"])
def test_what_nobody_sees_makes_no_other_number(unseen: str) -> None:
    inner = f"N{unseen}1"
    _, wrong = checked(orderNumber=inner, items=[item(sku=inner)], customerNumber=f"{unseen}{inner}")

    assert {field[-1] for field in wrong} == {"orderNumber", "sku", "customerNumber"}


def test_a_time_zone_is_read_in_any_case() -> None:
    inspection = Inspection(of_file=True)
    found = checked_user(user(1, timeZone="america/NEW_YORK"), inspection, TIME)

    assert (found.columns["time_zone"], inspection.violations) == ("America/New_York", [])


def test_names_and_codes_are_read_in_any_case_and_between_blanks() -> None:
    found, wrong = checked(
        status="payment pending", currency="chf ", orderNumber=" N1\u00a0", billingAddress={"country": "ch"},
        taxIncluded="TRUE", locale=" de-ch\u00a0",
    )  # fmt: skip

    assert wrong == []
    assert (found["status"], found["currency"], found["order_number"]) == ("PAYMENT_PENDING", "CHF", "N1")
    assert (found["billing_address"]["country"], found["tax_included"], found["locale"]) == ("CH", True, "de_CH")


def test_the_api_has_one_spelling_of_each() -> None:
    inspection = Inspection()
    checked_order(order(currency="chf", status="shipped", orderDate="2018-03-14 10:07:26Z"), inspection)

    assert {violation.field for violation in inspection.violations} == {("currency",), ("status",), ("orderDate",)}


def test_an_order_without_locale_has_that_of_its_customer(shop: str, tmp_path: Path) -> None:
    imported(shop, "customers", written(tmp_path / "c.jsonl", [customer(7, customerNumber="X", locale="en_US")]))
    records = [order(0, customerNumber="X", locale=None), order(1, customerNumber="X", locale="und")]
    records.append(order(2, customerNumber="X", locale=" "))

    assert imported(shop, "orders", written(tmp_path / "o.jsonl", records)).exit_code == 0
    assert {row["order_number"]: row["locale"] for row in rows(shop, Order)} == {
        "N0000000": "en_US", "N0000001": "de_CH", "N0000002": "en_US",
    }  # fmt: skip


# ── The first look ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content_", "told"),
    [
        ("orderNumber,status\n1,SHIPPED\n".encode("utf-16"), "UTF-16"),
        ("orderNumber,status\n1,SHIPPED\n".encode("utf-16-le"), "UTF-16"),
        (b"PK\x03\x04\x14\x00\x06\x00", "zip archive"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (
            b"Name,Email,Financial Status,orderDat\n",
            "'Email', 'Financial Status' (is it status?), 'orderDat' (is it orderDate?)",
        ),
        (HEAD + b",status\n", "Twice: status"),
    ],
)
def test_what_is_no_such_file_is_told_at_once(shop: str, tmp_path: Path, content_: bytes, told: str) -> None:
    result = imported(shop, "orders", written(tmp_path / "orders.csv", [content_]))

    assert result.exit_code == 2
    assert told in " ".join(result.output.split())
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_is_read_and_a_header_may_have_blanks(shop: str, tmp_path: Path, separator: str) -> None:
    head = HEAD.replace(b"orderNumber", b" Order Number ").replace(b",", separator.encode())
    lines = [
        b"sep=" + separator.encode() + b"\n",
        head,
        *(row.replace(b",", separator.encode()) for row in rows_of("1", "a")),
    ]

    result = imported(shop, "orders", written(tmp_path / "orders.csv", lines))

    assert result.stdout.startswith("1 orders imported, 0 refused."), result.output
    assert [row["sku"] for row in rows(shop, OrderItem)] == ["a"]


def test_columns_are_left_out_where_the_operator_says_so(shop: str, tmp_path: Path) -> None:
    lines = [HEAD + b",Tags,Vendor,", *(row + b",x,y," for row in rows_of("1", "a"))]
    file = written(tmp_path / "orders.csv", lines)

    assert imported(shop, "orders", file, "--ignore-column", "tags").exit_code == 2
    assert imported(shop, "orders", file, "--ignore-column", "tags", "--ignore-column", " VENDOR").exit_code == 0


def test_a_value_without_a_column_is_no_value_that_may_be_lost(shop: str, tmp_path: Path) -> None:
    lines = [HEAD + b",", b"\n" + ROW.format("1", "a").encode() + b",lost"]

    assert "Its cell 10 has a value" in imported(shop, "orders", written(tmp_path / "orders.csv", lines)).output


# ── Again ─────────────────────────────────────────────────────────────────────────────────────────


def test_orders_come_in_by_the_same_file_once_their_customers_are_there(shop: str, tmp_path: Path) -> None:
    file = written(tmp_path / "orders.jsonl", [order(0), order(1, customerNumber="late")])
    first = imported(shop, "orders", file)
    imported(shop, "customers", written(tmp_path / "c.jsonl", [customer(7, customerNumber="late")]))

    again = imported(shop, "orders", file)

    assert first.stdout.startswith("1 orders imported, 1 refused.")
    assert again.stdout == "1 orders imported, 0 refused, 1 in already.\n"
    assert len(rows(shop, Order)) == 2


def test_a_mended_file_brings_in_what_was_refused_and_changes_nothing_else(shop: str, tmp_path: Path) -> None:
    files: dict[str, tuple[list[Record], list[Record]]] = {
        "customers": ([customer(7), customer(8, gender="?")], [customer(7), customer(8)]),
        "users": ([user(0), user(1, timeZone="?")], [user(0), user(1)]),
        "addresses": ([address(0), address(0, type="?")], [address(0), address(0, street="Weg 2")]),
        "orders": ([order(0), order(1, status="?")], [order(0), order(1)]),
    }
    for kind, (damaged, mended) in files.items():
        assert imported(shop, kind, written(tmp_path / f"{kind}.jsonl", damaged)).exit_code == 1
        before = content(shop)
        result = imported(shop, kind, written(tmp_path / f"{kind}.jsonl", mended))
        assert result.stdout == f"1 {kind} imported, 0 refused, 1 in already.\n", result.output
        assert all(
            row in content(shop)[name] for name, stored in before.items() for row in stored if name != "Customer"
        )
        # The keys in another order, and a line that is there twice, are the same record.
        turned = [orjson.dumps(dict(reversed(record.items()))) + b"\n" for record in mended] * 2
        if kind != "orders":
            again = imported(shop, kind, written(tmp_path / f"{kind}.jsonl", turned))
            assert again.stdout == f"0 {kind} imported, 0 refused, 4 in already.\n"
    counts = {model: len(rows(shop, model)) for model in (Customer, User, Address, Order)}
    assert counts == {Customer: 5, User: 2, Address: 2, Order: 2}


@pytest.mark.parametrize("kind", [ChannelKind.B2C, ChannelKind.B2B])
def test_a_user_who_has_moved_to_another_address_is_in_already(
    database_url: str, tmp_path: Path, kind: ChannelKind
) -> None:
    """And would sign in by the old one again, with the old password."""
    make_shop(database_url, customers=1, kind=kind)
    file = written(tmp_path / "users.jsonl", [user(0, customerNumber="C00000")])
    imported(database_url, "users", file)

    async def move(database: Database) -> None:
        async with database.unit_of_work() as session:
            moved = sa.update(Account).values(
                email_address="new@example.com", canonical_email_address="new@example.com"
            )
            await session.exec(moved)

    within(database_url, move)

    assert imported(database_url, "users", file).stdout == "0 users imported, 0 refused, 1 in already.\n"
    assert [row["email_address"] for row in rows(database_url, Account)] == ["new@example.com"]


def test_a_record_that_is_in_under_its_number_and_differs_is_refused(shop: str, tmp_path: Path) -> None:
    imported(shop, "orders", written(tmp_path / "a.jsonl", [order(0)]))
    before = content(shop)

    result = imported(shop, "orders", written(tmp_path / "b.jsonl", [order(0, items=[item()], total=None)]))

    assert result.stderr.startswith("line 1: orderNumber: The shop has another order of this number.")
    assert content(shop) == before


# ── What was refused ──────────────────────────────────────────────────────────────────────────────


def test_refused_records_are_mended_in_the_report_and_imported_from_it(shop: str, tmp_path: Path) -> None:
    report = tmp_path / "refused.jsonl"
    lines = [HEAD, *rows_of("1", "a", "b"), *rows_of("2", "a", "c")]
    file = written(
        tmp_path / "orders.csv", [line.replace(b",SHIPPED,", b",SENT,") if b"\n2," in line else line for line in lines]
    )
    imported(shop, "orders", file, "--refused", str(report))

    told = orjson.loads(report.read_bytes())
    assert (told["line"], [reason["field"] for reason in told["reasons"]]) == (4, ["status"])
    assert report.stat().st_mode & 0o777 == 0o600
    report.write_bytes(report.read_bytes().replace(b'"SENT"', b'"SHIPPED"'))

    assert imported(shop, "orders", report).stdout.startswith("1 orders imported, 0 refused.")
    assert sorted(row["sku"] for row in rows(shop, OrderItem)) == ["a", "a", "b", "c"]


def test_a_record_in_the_report_holds_no_card_number_and_no_password(shop: str, tmp_path: Path) -> None:
    report = tmp_path / "refused.jsonl"
    records = [
        user(0, passwordHash="banana", firstName="4111 1111 1111 1111"),
        user(1, customerNumber="nobody"),
        b'{"4111111111111111": 4111111111111111, "customerNumber": 18446744073709551616}\n',
    ]

    imported(shop, "users", written(tmp_path / "users.jsonl", records), "--refused", str(report))

    first, second, third = [json.loads(line)["record"] for line in report.read_bytes().splitlines()]
    assert "1111" not in report.read_text("utf-8")
    assert "banana" not in report.read_text("utf-8")
    assert (first["firstName"], second["passwordHash"]) == ("\0xxxx xxxx xxxx xxxx", user(1)["passwordHash"])
    assert third == {"\0xxxxxxxxxxxxxxxx": "\0xxxxxxxxxxxxxxxx", "customerNumber": 2**64}


def test_a_record_in_the_report_holds_nothing_that_may_be_a_card_in_pieces_or_a_password(
    shop: str, tmp_path: Path
) -> None:
    report = written(tmp_path / "refused.jsonl", [b"old and open to all"])
    report.chmod(0o644)
    pieces = ["4111", "1111", "1111", "1111"]
    good_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"
    records = [
        user(0, customerNumber="nobody", passwordHash=good_hash, **{"password": "a secret", "Pass Wort": "a secret"}),
        user(1, customerNumber="nobody", **{f"a{number:02}": 1 for number in range(30)}, passwordHash="a secret"),
    ]
    imported(shop, "users", written(tmp_path / "users.jsonl", records), "--refused", str(report))
    assert report.stat().st_mode & 0o777 == 0o600
    assert b"a secret" not in report.read_bytes()
    assert orjson.loads(report.read_bytes().splitlines()[0])["record"]["passwordHash"] == good_hash

    cards = [customer(7, customData={"card": pieces}), customer(8, customData=pieces, gender="?")]
    imported(shop, "customers", written(tmp_path / "customers.jsonl", cards), "--refused", str(report))
    assert b"4111" not in report.read_bytes()


def test_a_record_with_thousands_of_faults_has_a_short_report(shop: str, tmp_path: Path) -> None:
    report = tmp_path / "refused.jsonl"
    empty = order(1, items=[{}] * 1000, **{"x" * 50_000: 1})
    imported(shop, "orders", written(tmp_path / "orders.jsonl", [empty]), "--refused", str(report))

    reasons = orjson.loads(report.read_bytes())["reasons"]
    assert len(reasons) == 100
    assert max(len(reason["field"]) for reason in reasons) == 100


def test_what_could_not_be_read_is_no_record_to_mend(shop: str, tmp_path: Path) -> None:
    report = tmp_path / "refused.jsonl"
    imported(shop, "orders", written(tmp_path / "orders.jsonl", [b"{\n"]), "--refused", str(report))

    assert "mend the line of its file" in imported(shop, "orders", report).stderr
