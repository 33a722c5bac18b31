"""The rules of records: any JSON is judged, all that is wrong is told with its field, the rest is what is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.enums import AddressType, Gender, OrderAdjustmentType, OrderStatus
from resolvers.addresses import rules as addresses
from resolvers.customers import rules as customers
from resolvers.orders import rules as orders
from resolvers.rules.countries import CODES
from resolvers.rules.inspection import Inspection
from resolvers.rules.time_zones import NAMES
from resolvers.rules.violations import ViolationCode
from resolvers.users import rules as users
from tests.conftest import FreshDatabase
from tests.importing.making import (
    HASH,
    Record,
    address,
    customer,
    imported,
    item,
    make_shop,
    order,
    user,
    written,
)

NOW = datetime.now(UTC)  # as the command does
Check = Callable[[Record, Inspection], object]
CHECKS: dict[str, tuple[Check, frozenset[str]]] = {
    "customers": (lambda record, inspection: customers.checked_customer(record, inspection, NOW), customers.FIELDS),
    "users": (lambda record, inspection: users.checked_user(record, inspection, NOW), users.FIELDS),
    "addresses": (lambda record, inspection: addresses.checked_address(record, inspection, NOW), addresses.FIELDS),
    "orders": (orders.checked_order, orders.FIELDS),
}
MAKERS = {"customers": customer, "users": user, "addresses": address, "orders": order}

texts = st.text(max_size=60)
telling = st.sampled_from(
    [
        "1", "19.90", "-0.5", "100000000001", "CHF", "JPY", "CH", "de_CH", "de-ch", "SHIPPED", "BILLING", "MALE",
        "2020-01-01T00:00:00Z", "1984-05-23", "a@b.ch", "Europe/Zurich", "buyer", HASH, "", " ", "x" * 300,
    ]
)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | telling,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["sku", "name", "city", "a"]), inner),
    max_leaves=5,
)


def violations(kind: str, record: Record) -> list[tuple[tuple[str, ...], ViolationCode]]:
    inspection = Inspection()
    CHECKS[kind][0](record, inspection)
    return [(violation.field, violation.code) for violation in inspection.violations]


@pytest.mark.parametrize("kind", CHECKS)
@given(data=st.data())
def test_whatever_stands_in_a_record_is_judged(kind: str, data: st.DataObject) -> None:
    """And each violation names a field of the record, or one that it lacks."""
    known = CHECKS[kind][1]
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(known)) | texts, values, max_size=4))

    for field, code in violations(kind, MAKERS[kind](1) | changes):
        assert field[0] in changes or (field[0], code) == ("total", ViolationCode.INVALID) or field[0] in known
        assert field[0] in known or code is ViolationCode.UNKNOWN


@pytest.mark.parametrize("kind", CHECKS)
def test_a_good_record_has_no_violations(kind: str) -> None:
    assert violations(kind, MAKERS[kind](1)) == []


@pytest.mark.parametrize("kind", CHECKS)
def test_an_empty_record_lacks_what_is_required(kind: str) -> None:
    assert {code for _, code in violations(kind, {})} == {ViolationCode.REQUIRED}


# ── Orders ────────────────────────────────────────────────────────────────────────────────────────

amounts = st.decimals(-10_000, 10_000, places=2).map(str)


@given(
    lines=st.lists(st.tuples(st.decimals(0, 10_000, places=2).map(str), st.integers(1, 99)), max_size=5),
    adjustments=st.lists(amounts, max_size=3),
    taxes=st.lists(amounts, max_size=3),
    tax_included=st.booleans(),
)
def test_the_total_is_the_sum_of_its_parts(
    lines: list[tuple[str, int]],
    adjustments: list[str],
    taxes: list[str],
    tax_included: bool,  # noqa: FBT001 - drawn
) -> None:
    total = sum((Decimal(price) * quantity for price, quantity in lines), Decimal(0))
    total += sum(map(Decimal, adjustments), Decimal(0))
    total += 0 if tax_included else sum(map(Decimal, taxes), Decimal(0))
    record = order(
        items=[item(unitPrice=price, quantity=quantity, linePrice=None) for price, quantity in lines],
        adjustments=[{"type": "SURCHARGE", "name": "x", "price": price} for price in adjustments],
        taxes=[{"name": "x", "rate": "7.7", "amount": amount} for amount in taxes],
        taxIncluded=tax_included,
        total=None,
    )
    inspection = Inspection()
    recorded = orders.checked_order(record, inspection)

    assert not inspection.violations
    assert recorded.order["total"] == total
    assert [line["position"] for line in recorded.parts["items"]] == list(range(1, len(lines) + 1))
    assert violations("orders", record | {"total": str(total)}) == []
    assert violations("orders", record | {"total": str(total + 1)}) == [(("total",), ViolationCode.INVALID)]


@pytest.mark.parametrize(
    ("currency", "price", "fits"),
    [
        ("JPY", "19", True),
        ("JPY", "19.00", True),
        ("JPY", "19.5", False),
        ("CHF", "19.90", True),
        ("CHF", "19.905", False),
        ("KWD", "19.905", True),
        ("KWD", "19.9051", False),
        ("CLF", "19.9051", True),
        ("DEM", "19.90", True),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(currency: str, price: str, fits: bool) -> None:  # noqa: FBT001 - a table
    line = {"sku": "1", "name": "x", "quantity": 1, "unitPrice": "0.0001", "linePrice": price}
    found = violations("orders", order(currency=currency, items=[line], adjustments=[], taxes=[], total=None))

    assert found == ([] if fits else [(("items", "0", "linePrice"), ViolationCode.INVALID)])


@pytest.mark.parametrize("currency", ["JPY", "CHF", "CLF"])
@pytest.mark.parametrize("name", ["unitPrice", "originalPrice"])
def test_the_price_of_one_unit_has_four_decimals_at_most(currency: str, name: str) -> None:
    for price, fits in (("0.0123", True), ("0.01230", True), ("0.01234", False)):
        line = {"sku": "1", "name": "x", "quantity": 1, "unitPrice": "1", "linePrice": "1", name: price}
        found = violations("orders", order(currency=currency, items=[line], adjustments=[], taxes=[], total=None))
        assert found == ([] if fits else [(("items", "0", name), ViolationCode.INVALID)])


@pytest.mark.parametrize(
    ("quantity", "stored"),
    [
        (2, "2"), (1.5, "1.5"), (0, "0"), (-0.125, "-0.125"), (1e9, "1000000000"), (0.1, "0.1"), ("1.000", "1"),
        ("1.5", "1.5"), (1e3, "1000"), (999999999.999, "999999999.999"),
    ],
)  # fmt: skip
def test_a_quantity_is_as_exact_as_it_is_written(quantity: object, stored: str) -> None:
    inspection = Inspection()
    recorded = orders.checked_order(order(items=[item(quantity=quantity, linePrice="1")], total=None), inspection)

    assert not inspection.violations
    assert recorded.parts["items"][0]["quantity"] == Decimal(stored)


@pytest.mark.parametrize(
    "quantity", [0.1 + 0.2, 0.0001, 1e9 + 1, -1e9 - 1, 1e300, "1,5", "1'000", "", None, True, "much", "1e3", [1]]
)
def test_what_is_no_quantity_is_refused(quantity: object) -> None:
    [(field, _)] = violations("orders", order(items=[item(quantity=quantity, linePrice="1")], total=None))

    assert field == ("items", "0", "quantity")


@pytest.mark.parametrize("type_", ["DISCOUNT", "PROMOTION"])
def test_a_discount_is_no_surcharge(type_: str) -> None:
    for price, fits in (("-1.00", True), ("0.00", True), ("1.00", False)):
        found = violations("orders", order(adjustments=[{"type": type_, "name": "x", "price": price}], total=None))
        assert found == ([] if fits else [(("adjustments", "0", "price"), ViolationCode.INVALID)])


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://post.example/track?n=1", True), ("HTTPS://post.example", True), ("https://post.example:8/a#b", True),
        ("http://post.example/", False), ("//post.example/", False), ("javascript:alert(1)", False),
        ("https://user@post.example/", False), ("https://post.example\\@evil.example/", False), ("https:///a", False),
        ('https://post.example/?a="onload=x', False), ("https://post.example/<b>", False),
        ("https://p\u00f6st.example/", False),
        ("https://%70ost.example/", False), ("https://[2001:db8::1]:8443/a", True),
        ("https://post.example/a b", False), (" https://post.example/", True),
    ],
)  # fmt: skip
def test_a_link_of_an_order_is_https(url: str, is_taken: bool) -> None:  # noqa: FBT001 - a table
    shipment, document = {"carrier": "Post", "trackingUrl": url}, {"kind": "INVOICE", "title": "x", "url": url}
    found = violations("orders", order(shipments=[shipment], documents=[document]))

    expected = [("shipments", "0", "trackingUrl"), ("documents", "0", "url")]
    assert [field for field, _ in found] == ([] if is_taken else expected)


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://shop.example/1.jpg", True), ("HTTP://shop.example/1.jpg", True), ("/images/1.jpg", True),
        ("1.jpg?at=10:00", True), ("javascript:alert(1)", False), ("data:image/svg+xml,x", False),
        ("JAVA-script:x", False),
    ],
)  # fmt: skip
def test_a_picture_is_of_the_web(url: str, is_taken: bool) -> None:  # noqa: FBT001 - a table
    found = violations("orders", order(items=[item(imageUrl=url)], total=None))

    assert [field for field, _ in found] == ([] if is_taken else [("items", "0", "imageUrl")])


def test_an_address_that_was_printed_may_be_long_and_have_lines() -> None:
    inspection = Inspection()
    street = "Postfach 12\r\n c/o Muster \n\nBahnhofstrasse 1"
    recorded = orders.checked_order(order(billingAddress={"street": street, "lastName": "x" * 200}), inspection)

    assert not inspection.violations
    assert recorded.order["billing_address"]["street"] == "Postfach 12, c/o Muster, Bahnhofstrasse 1"
    assert violations("orders", order(billingAddress={"lastName": "x" * 201})) == [
        (("billingAddress", "lastName"), ViolationCode.TOO_LONG)
    ]


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([item(unitPrice="100000000000", quantity=2, linePrice=None)], ("items", "0", "linePrice")),
        ([item(linePrice="100000000000"), item(linePrice="100000000000")], ("total",)),
    ],
)
def test_no_sum_leaves_its_bounds(parts: list[Record], field: tuple[str, ...]) -> None:
    assert violations("orders", order(items=parts, total=None)) == [(field, ViolationCode.INVALID)]


def test_a_thousand_items_are_an_order_and_one_more_is_not() -> None:
    assert violations("orders", order(items=[item()] * 1000, total=None)) == []
    assert violations("orders", order(items=[item()] * 1001, total=None)) == [(("items",), ViolationCode.TOO_MANY)]


def test_what_graphql_has_parsed_is_taken_as_well() -> None:
    """The mutations that record orders use the same rules on their inputs."""
    parsed = order(
        orderDate=NOW,
        status=OrderStatus.SHIPPED,
        total=Decimal("81.70"),
        items=[item(unitPrice=Decimal("24.90")), item(quantity=1, linePrice=Decimal("24.90"))],
        adjustments=[{"type": OrderAdjustmentType.SHIPPING, "name": "x", "price": Decimal(7)}],
    )

    assert violations("orders", parsed) == []


# ── What the rules accept, the databases accept ───────────────────────────────────────────────────

times = st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31)).map(lambda time: f"{time.isoformat()}Z")  # noqa: DTZ001 - Hypothesis wants them naive
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


def some(strategies: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Record]:
    return st.fixed_dictionaries({}, optional=strategies)


snapshots = some({"city": names, "country": st.sampled_from(sorted(CODES)), "firstName": names, "zipCode": names})
custom = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
quantities = st.integers(-(10**9), 10**9) | st.decimals(-(10**9), 10**9, places=3).map(float)
items = st.fixed_dictionaries({"sku": names, "name": names, "unitPrice": amounts, "quantity": quantities})
PLAUSIBLE: dict[str, st.SearchStrategy[Record]] = {
    "customers": some(
        {
            "firstName": names, "lastName": names, "company": names, "gender": st.sampled_from(list(Gender)),
            "dateOfBirth": st.dates().map(str), "locale": st.sampled_from(["de", "zh_Hant_TW", "es_419"]),
            "priceGroups": st.lists(names), "customData": custom, "createdAt": times,
        }
    ),
    "addresses": some(
        {
            "type": st.sampled_from(list(AddressType)), "isDefault": st.booleans(), "street": names, "city": names,
            "country": st.sampled_from(sorted(CODES)), "remarks": names, "title": names, "createdAt": times,
        }
    ),
    "users": some(
        {
            "firstName": names, "timeZone": st.sampled_from(sorted(NAMES)), "enabled": st.booleans(),
            "confirmed": st.booleans(), "confirmedAt": times, "createdAt": times,
        }
    ),
    "orders": some(
        {
            "orderDate": times, "status": st.sampled_from(list(OrderStatus)), "customData": custom, "total": st.none(),
            "billingAddress": snapshots, "shippingAddress": snapshots, "paymentMethod": names,
            "items": st.lists(items, max_size=3),
        }
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def shops(fresh_database: FreshDatabase) -> Any:
    with fresh_database("sqlite") as sqlite, fresh_database("postgresql") as postgresql:
        for url in (sqlite, postgresql):
            make_shop(url, customers=1)
        yield sqlite, postgresql


@pytest.mark.parametrize("kind", PLAUSIBLE)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_what_the_rules_accept_the_databases_accept(
    kind: str, shops: tuple[str, str], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    drawn = data.draw(st.lists(PLAUSIBLE[kind], min_size=20, max_size=40))
    salt = uuid4().hex  # not drawn: Hypothesis draws the same again
    keyed: Callable[[int], Record] = {
        "customers": lambda number: {"customerNumber": f"{salt}-{number}"},
        "users": lambda number: {"emailAddress": f"{salt}-{number}@example.com", "customerNumber": "C00000"},
        "addresses": lambda _: {"customerNumber": "C00000"},
        "orders": lambda number: {"orderNumber": f"{salt}-{number}", "customerNumber": "C00000"},
    }[kind]
    lines = [MAKERS[kind](0) | record | keyed(number) for number, record in enumerate(drawn)]
    accepted = sum(not violations(kind, line) for line in lines)
    for url in shops:
        directory: Path = tmp_path_factory.mktemp(kind)
        result = imported(url, kind, written(directory / "file.jsonl", lines))
        assert "The database refused it" not in result.output
        if kind != "addresses":  # an address book has two hundred places
            assert result.stdout.startswith(f"{accepted} ")
