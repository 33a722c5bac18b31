"""Each kind of file on both databases: what comes in, what is refused, and that nothing comes in twice."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from db.enums import AddressType, ChannelKind, Gender, OrderAdjustmentType, OrderStatus
from db.journal import Import
from db.models import Address, Channel, Customer, Order, OrderAdjustment, OrderItem, OrderTax, Role, User, UserRole
from tests.importing.making import (
    HASH,
    address,
    content,
    customer,
    imported,
    item,
    make_shop,
    order,
    postal_address,
    rows,
    user,
    users,
    written,
)


@pytest.fixture
def shop(database_url: str) -> str:
    """A channel with three customers."""
    make_shop(database_url, customers=3)
    return database_url


def refusals(file: Path) -> dict[int, list[tuple[str, str]]]:
    """Return of each line in a report the fields and codes."""
    return {
        each["line"]: [(reason["field"], reason["code"]) for reason in each["reasons"]]
        for each in map(orjson.loads, file.read_bytes().splitlines())
    }


def refused(url: str, kind: str, tmp_path: Path, *lines: object, options: tuple[str, ...] = ()) -> Any:
    """Import *lines*; return what was refused."""
    report = tmp_path / "refused.jsonl"
    result = imported(url, kind, written(tmp_path / "file.jsonl", lines), "--refused", str(report), *options)
    assert result.exit_code in {0, 1}, result.output
    found = refusals(report)
    assert result.exit_code == (1 if found else 0), result.output
    return found


# ── Customers ─────────────────────────────────────────────────────────────────────────────────────


def test_customers_come_in_with_all_that_is_told(shop: str, tmp_path: Path) -> None:
    assert refused(shop, "customers", tmp_path, customer(7), {"customerNumber": "8"}) == {}

    stored = {row["customer_number"]: row for row in rows(shop, Customer)}
    told, least = stored["C00007"], stored["8"]
    assert (told["first_name"], told["last_name"], told["company"]) == ("Zoë", "Müller 7", "Müller & Söhne")
    assert (told["email_address"], told["locale"]) == ("customer7@example.com", "de_CH")
    assert (told["gender"], told["date_of_birth"]) == (Gender.FEMALE, date(1984, 5, 23))
    assert (told["price_groups"], told["custom_data"]) == (["retail", "club"], {"points": 7})
    assert told["created_at"] == told["updated_at"] == datetime(2015, 2, 11, 18, 16, 31, tzinfo=UTC)
    assert told["search_text"] == "c00007 zoe muller 7 muller & sohne customer7@example.com"
    assert (least["locale"], least["gender"], least["price_groups"]) == ("de_CH", Gender.UNKNOWN, [])
    assert least["created_at"] > told["created_at"]


def test_the_locale_of_a_customer_is_one_of_the_shop(shop: str, tmp_path: Path) -> None:
    refused(shop, "customers", tmp_path, customer(7, locale="en_GB"), customer(8, locale="fr"))

    stored = {row["customer_number"]: row["locale"] for row in rows(shop, Customer)}
    assert (stored["C00007"], stored["C00008"]) == ("en_US", "de_CH")


def test_no_locale_of_a_known_language_shuts_anybody_out(shop: str, tmp_path: Path) -> None:
    given = ["no_NO", "de-FR", "zh-Hant-TW", "sr-Latn", "und", "en-GB-oed", "de-CH-1996"]
    numbers = range(20, 20 + len(given))
    locales = dict(zip(numbers, given, strict=True))

    for kind, make in (("customers", customer), ("users", user), ("orders", order)):
        lines = [make(number, locale=locale) for number, locale in locales.items()]
        assert refused(shop, kind, tmp_path, *lines, make(50, locale="deutsch")) == {8: [("locale", "INVALID")]}

    found = {row["order_number"]: row["locale"] for row in rows(shop, Order)}
    expected = ["no", "de", "zh_Hant_TW", "sr_Latn", "de_CH", "en_GB", "de_CH"]
    assert [found[f"N{number:07}"] for number in numbers] == expected
    fits = {row["customer_number"]: row["locale"] for row in rows(shop, Customer)}
    assert [fits[f"C{number:05}"] for number in numbers] == ["de_CH"] * 5 + ["en_US", "de_CH"]


def test_a_customer_number_is_taken_once(shop: str, tmp_path: Path) -> None:
    found = refused(shop, "customers", tmp_path, customer(0), customer(8), customer(8, firstName="Other"))

    assert found == {1: [("customerNumber", "TAKEN")], 3: [("customerNumber", "TAKEN")]}


# ── Users ─────────────────────────────────────────────────────────────────────────────────────────


def test_users_come_in_with_all_that_is_told(shop: str, tmp_path: Path) -> None:
    least = {"customerNumber": "C00001", "emailAddress": "least@example.com", "roles": ["viewer", "buyer"]}

    assert refused(shop, "users", tmp_path, user(0), least) == {}

    stored = {row["email_address"]: row for row in users(shop)}
    told, few = stored["User0@example.com"], stored["least@example.com"]
    assert told["canonical_email_address"] == "user0@example.com"
    assert (told["first_name"], told["time_zone"], told["locale"]) == ("Zoë", "Europe/Zurich", "de_CH")
    assert (told["password_hash"], told["enabled"]) == (HASH, True)
    assert told["confirmed_at"] == datetime(2015, 2, 12, 18, 16, 31, tzinfo=UTC)
    assert (few["password_hash"], few["enabled"], few["confirmed_at"]) == (None, True, None)
    roles = {row["id"]: row["code"] for row in rows(shop, Role)}
    held = {(row["user_id"], roles[row["role_id"]]) for row in rows(shop, UserRole)}
    assert held == {(told["id"], "buyer"), (few["id"], "viewer"), (few["id"], "buyer")}


def test_users_refer_to_customers_and_roles(shop: str, tmp_path: Path) -> None:
    found = refused(
        shop,
        "users",
        tmp_path,
        user(0, customerNumber="nobody"),
        user(1, roles=["buyer", "king"]),
        user(2, roles=[]),
        user(0),
        user(1, customerNumber="C00000", emailAddress="USER0@example.com"),
    )

    assert found == {
        1: [("customerNumber", "UNKNOWN")],
        2: [("roles.1", "UNKNOWN")],
        3: [("roles", "REQUIRED")],
        5: [("emailAddress", "TAKEN")],
    }


def test_a_consumer_has_one_user_who_is_admin(database_url: str, tmp_path: Path) -> None:
    make_shop(database_url, customers=3, kind=ChannelKind.B2C)
    found = refused(database_url, "users", tmp_path, user(0, roles=[]), user(1, customerNumber="C00000"))

    assert found == {2: [("customerNumber", "TAKEN")]}
    [granted] = rows(database_url, UserRole)
    assert {row["id"]: row["code"] for row in rows(database_url, Role)}[granted["role_id"]] == "customer-admin"


# ── Addresses ─────────────────────────────────────────────────────────────────────────────────────


def test_addresses_come_in_with_all_that_is_told(shop: str, tmp_path: Path) -> None:
    least = {"customerNumber": "C00001", "type": "SHIPPING", "street": "A 1", "city": "B", "country": "DE"}

    assert refused(shop, "addresses", tmp_path, address(0), least) == {}

    stored = {row["street"]: row for row in rows(shop, Address)}
    told = stored["Bahnhofstrasse 0"]
    assert (told["type"], told["is_default"], told["country"]) == (AddressType.CONTACT, True, "CH")
    assert (told["zip_code"], told["remarks"]) == ("8001", "Ring twice.\nThen wait.")
    assert (stored["A 1"]["first_name"], stored["A 1"]["zip_code"], stored["A 1"]["is_default"]) == (None, None, True)


def test_a_customer_is_found_by_the_addresses_of_its_book(shop: str, tmp_path: Path) -> None:
    refused(shop, "addresses", tmp_path, address(0), address(0, emailAddress="Zwei@example.com"), address(1))

    stored = {row["customer_number"]: row["search_text"] for row in rows(shop, Customer)}
    assert stored["C00000"] == "c00000 place0@example.com zwei@example.com"
    assert stored["C00001"] == "c00001 place1@example.com"
    assert stored["C00002"] == "c00002"


def test_the_first_of_a_type_is_the_default_until_another_asks(shop: str, tmp_path: Path) -> None:
    def book() -> list[str]:
        return sorted(row["street"] for row in rows(shop, Address) if row["is_default"])

    refused(shop, "addresses", tmp_path, address(0, street="1"), address(0, street="2"))
    assert book() == ["1"]
    refused(shop, "addresses", tmp_path, address(0, street="3", isDefault=True), address(0, street="4"))
    assert book() == ["3"]
    refused(
        shop,
        "addresses",
        tmp_path,
        address(0, street="5", isDefault=True),
        address(0, street="6", isDefault=True),
        address(0, street="7", type="BILLING", isDefault=True),
    )
    assert book() == ["6", "7"]


def test_an_address_book_has_two_hundred_places(shop: str, tmp_path: Path) -> None:
    refused(shop, "addresses", tmp_path, *(address(0, street=str(number)) for number in range(150)))
    found = refused(shop, "addresses", tmp_path, *(address(0, street=str(number)) for number in range(150, 202)))

    assert found == {line: [("customerNumber", "TOO_MANY")] for line in (51, 52)}


# ── Orders ────────────────────────────────────────────────────────────────────────────────────────


def test_orders_come_in_with_all_that_is_told(shop: str, tmp_path: Path) -> None:
    refused(shop, "users", tmp_path, user(0))

    assert refused(shop, "orders", tmp_path, order(0, username="USER0@example.com")) == {}

    [stored], [placed_by] = rows(shop, Order), rows(shop, User)
    assert (stored["order_number"], stored["user_id"]) == ("N0000000", placed_by["id"])
    assert (stored["order_date"], stored["status"]) == (datetime(2010, 1, 10, 10, 0, 26, tzinfo=UTC), OrderStatus.DRAFT)
    assert (stored["currency"], stored["total"], stored["tax_included"]) == ("CHF", Decimal("81.70"), True)
    assert stored["billing_address"] == postal_address()
    assert (stored["payment_method"], stored["custom_data"]) == ("Rechnung", {"channel": "web"})
    assert stored["search_text"] == "n0000000 kaffeebohnen crema, 1 kg espresso cups 10-1001 20-0000"
    [first, second] = sorted(rows(shop, OrderItem), key=lambda row: int(row["position"]))
    assert (first["sku"], first["code"], first["unit"]) == ("10-1001", "CREMA-1KG", "Beutel")
    assert (first["quantity"], first["unit_price"], first["line_price"]) == (2, Decimal("24.9"), Decimal("49.8"))
    assert (first["original_price"], second["position"], second["currency"]) == (Decimal("29.9"), 2, "CHF")
    [adjustment], [tax] = rows(shop, OrderAdjustment), rows(shop, OrderTax)
    assert (adjustment["type"], adjustment["price"]) == (OrderAdjustmentType.SHIPPING, Decimal(7))
    assert (tax["rate"], tax["amount"]) == ("7.7", Decimal("5.84"))


def test_what_an_order_does_not_tell_is_computed(shop: str, tmp_path: Path) -> None:
    lines = [item(unitPrice="0.333", quantity=10, linePrice=None)]
    least = {name: order()[name] for name in ("orderNumber", "customerNumber", "orderDate", "locale", "status")}

    found = refused(
        shop,
        "orders",
        tmp_path,
        least | {"currency": "KWD", "items": lines, "taxIncluded": False, "taxes": order()["taxes"]},
        least
        | {"orderNumber": "2", "currency": "JPY", "items": [item(unitPrice="3", originalPrice=None, linePrice="5")]},
        least | {"orderNumber": "3", "currency": "CHF", "items": []},
    )

    assert found == {}
    assert {row["order_number"]: row["total"] for row in rows(shop, Order)} == {
        "N0000000": Decimal("9.170"),
        "2": Decimal(5),
        "3": 0,
    }


def test_orders_refer_to_customers_and_users(shop: str, tmp_path: Path) -> None:
    refused(shop, "users", tmp_path, user(1))
    found = refused(
        shop,
        "orders",
        tmp_path,
        order(1, customerNumber="nobody"),
        order(2, username="nobody@example.com"),
        order(3, username="user1@example.com"),
        order(4, username="nö@example.com"),
        order(5),
        order(5, locale="en"),
        order(6),
    )

    assert found == {
        1: [("customerNumber", "UNKNOWN")],
        2: [("username", "UNKNOWN")],
        3: [("username", "NOT_ALLOWED")],
        4: [("username", "UNKNOWN")],
        # Which of the two is right?
        5: [("orderNumber", "TAKEN")],
        6: [("orderNumber", "TAKEN")],
    }


def test_orders_of_one_time_sort_as_the_file_does(shop: str, tmp_path: Path) -> None:
    refused(shop, "orders", tmp_path, *(order(number, orderDate="2020-01-01T00:00:00Z") for number in range(1200)))

    by_id = sorted(rows(shop, Order), key=lambda row: str(row["id"]))
    assert [row["order_number"] for row in by_id] == [f"N{number:07}" for number in range(1200)]


# ── Runs ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_imported_once(shop: str, tmp_path: Path) -> None:
    file = written(tmp_path / "orders.jsonl", [order(0), order(1, total="1.00")])
    first = imported(shop, "orders", file)
    before = content(shop)

    again = [imported(shop, "orders", file), imported(shop, "orders", file, "--resume")]

    assert (first.exit_code, first.stdout) == (1, "1 orders imported, 1 refused.\n")
    assert first.stderr.startswith("line 2: total: It is not the sum")
    assert [each.stdout for each in again] == [
        "0 orders imported, 1 refused, 1 in already.\n",
        "0 orders imported, 1 refused, 1 in already.\n",
    ]
    assert "Nothing is left" in again[1].stderr
    assert content(shop) == before


def test_the_journal_tells_what_became_of_a_file(shop: str, tmp_path: Path) -> None:
    file = written(tmp_path / "orders.jsonl", [order(0), b"\n", order(1, total="1.00"), b"\n"])
    imported(shop, "orders", file)

    [entry] = rows(shop, Import)
    assert (entry["kind"], entry["imported"], entry["refused"], entry["lines"]) == ("orders", 1, 1, 3)
    assert entry["finished_at"] >= entry["started_at"]


def test_what_another_shop_has_does_not_matter(shop: str, tmp_path: Path) -> None:
    make_shop(shop, code="other")
    file = written(tmp_path / "customers.jsonl", [customer(0)])

    assert imported(shop, "customers", file, "--channel", "other").exit_code == 0
    assert imported(shop, "customers", file).exit_code == 1
    assert len(rows(shop, Channel)) == 2


def test_a_dry_run_finds_the_same_and_changes_nothing(shop: str, tmp_path: Path) -> None:
    """Also what is twice in the file, or too much, in different batches."""
    files: dict[str, list[Any]] = {
        "customers": [*(customer(number) for number in range(1200)), customer(5), b"{", customer(1100)],
        "users": [
            *(user(number % 3, emailAddress=f"u{number}@example.com") for number in range(600)),
            user(0),
            user(0),
            user(0, firstName="other"),
        ],
        "addresses": [address(0, street=str(number)) for number in range(700)],
        "orders": [*(order(number) for number in range(600)), order(3), order(700), order(599)],
    }
    for kind, lines in files.items():
        file = written(tmp_path / f"{kind}.jsonl", lines)
        before = content(shop), rows(shop, Import), _bytes(shop)
        dry = imported(shop, kind, file, "--dry-run", "--refused", str(tmp_path / "dry"))
        assert (content(shop), rows(shop, Import), _bytes(shop)) == before
        real = imported(shop, kind, file, "--refused", str(tmp_path / "real"))

        assert (tmp_path / "dry").read_bytes() == (tmp_path / "real").read_bytes() != b""
        assert dry.exit_code == real.exit_code == 1
        assert dry.stdout.replace("would be ", "").replace("/dry", "/real") == real.stdout


def _bytes(url: str) -> bytes:
    """Return the file of SQLite; of PostgreSQL nothing, as a look at it leaves traces."""
    return Path(url.removeprefix("sqlite:///")).read_bytes() if url.startswith("sqlite") else b""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["orders", "orders.txt"], "the suffix tells no format"),
        (["orders", "orders.jsonl", "--dry-run", "--resume"], "--dry-run begins at the beginning"),
        (["cats", "orders.jsonl"], "cats"),
        (["orders", "none.jsonl"], "none.jsonl can't be read: No such file or directory"),
        (["orders", "pipe.jsonl"], "is no file"),
        (["orders", "orders.jsonl", "--channel", "nowhere"], "There is no channel 'nowhere'"),
        (["orders", "orders.jsonl", "--refused", "no/such/place"], "no/such/place can't be written"),
        (["orders", "orders.jsonl", "--refused", "orders.jsonl"], "orders.jsonl is the file to import"),
        (["orders", "empty.csv"], "The first line of a CSV file names its columns"),
        (["orders", "wrong.csv"], "No such columns: 'ordernumbr' (is it orderNumber?), 'foo'"),
        (["orders", "short.csv"], "The column orderNumber is missing"),
    ],
)
def test_what_cannot_begin_says_why(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "orders.jsonl", [order(0)])
    written(tmp_path / "orders.txt", [order(0)])
    written(tmp_path / "empty.csv", [b""])
    written(tmp_path / "wrong.csv", [b"ordernumbr, Status ,foo\n"])
    written(tmp_path / "short.csv", [b"status\n"])
    os.mkfifo("pipe.jsonl")
    pipe = os.open("pipe.jsonl", os.O_RDWR)  # so that opening it does not wait
    result = imported(shop, arguments[0], Path(arguments[1]), *arguments[2:])
    os.close(pipe)

    assert result.exit_code == 2
    assert words in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert rows(shop, Order) == []


def test_what_could_not_begin_begins_when_it_is_mended(shop: str, tmp_path: Path) -> None:
    file = written(tmp_path / "orders.jsonl", [order(0)])

    assert imported(shop, "orders", file, "--refused", f"{tmp_path}/no/such/place").exit_code == 2
    assert imported(shop, "orders", file).exit_code == 0


def test_an_empty_file_is_imported(shop: str, tmp_path: Path) -> None:
    result = imported(shop, "orders", written(tmp_path / "orders.jsonl", [b"\n"]))

    assert (result.exit_code, result.output) == (0, "0 orders imported, 0 refused.\n")


def test_a_report_that_cannot_be_written_stops_the_import(shop: str, tmp_path: Path) -> None:
    """The disk is full: no checkpoint may tell of lines that the report lacks."""
    result = imported(shop, "orders", written(tmp_path / "orders.jsonl", [order(0), b"{"]), "--refused", "/dev/full")

    assert result.exit_code == 2
    assert "/dev/full can't be written: No space left on device" in " ".join(result.output.split())
    assert rows(shop, Order) == []


def test_importing_needs_the_tables(tmp_path: Path) -> None:
    result = imported(f"sqlite:///{tmp_path}/new.db", "orders", written(tmp_path / "orders.jsonl", [order(0)]))

    assert result.exit_code == 2
    assert "Run: gateway migrate" in result.output
