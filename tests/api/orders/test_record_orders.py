"""recordOrders: what a shop's own systems record, all of it or nothing, once for each number."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from db.enums import AdminScope
from tests.api.services import a_user, rows
from tests.api.signing_in import HANS, a_shop
from tests.api.staff import as_admin, as_back_end
from tests.importing import making

if TYPE_CHECKING:
    from db.engine import Database
    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio

PARTS = (models.OrderItem, models.OrderAdjustment, models.OrderTax, models.OrderShipment, models.OrderDocument)
SHIPMENT = {
    "carrier": "Post CH", "trackingNumber": "99.00.123", "trackingUrl": "https://post.example/99",
    "shippedAt": "2024-02-28T10:00:00Z",
}  # fmt: skip
INVOICE = {"kind": "INVOICE", "title": "Rechnung", "url": "https://shop.example/1.pdf", "issuedOn": "2024-02-28"}


async def an_erp(database: Database) -> tuple[Shop, models.Customer]:
    """Return a shop for the requests of a system that records orders, and a customer with a user."""
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    [customer] = await rows(database, models.Customer)
    return await as_back_end(shop, AdminScope.ORDERS_WRITE), customer


def order_of(customer: models.Customer, number: int = 1, **values: Any) -> dict[str, Any]:
    least: dict[str, Any] = {"customerNumber": customer.customer_number, "shipments": [], "documents": []}
    made = making.order(number, **least | values)
    return {name: value for name, value in made.items() if value is not None}


def violations(outcome: Any) -> dict[tuple[str, ...], str]:
    return {tuple(found["field"]): found["code"] for found in outcome["violations"]}


async def test_an_order_is_recorded_with_all_that_belongs_to_it(database: Database) -> None:
    erp, customer = await an_erp(database)
    sent = order_of(
        customer, username=HANS.upper(), shipments=[SHIPMENT], documents=[INVOICE],
        items=[making.item(quantity=1.5, unitPrice="0.0123", linePrice="0.02")], total="7.02",
    )  # fmt: skip

    outcome = await erp.do("recordOrders", orders=[sent])

    [user] = await rows(database, models.User)
    [row] = await rows(database, models.Order)
    assert (outcome["created"], outcome["replaced"]) == (1, 0)
    assert [found["id"] for found in outcome["orders"]] == [row.id]
    assert (row.customer_id, row.user_id, row.updated_at) == (customer.id, user.id, erp.context.clock.now())
    body = await erp.body(
        """query($id: ID!) { node(id: $id) { ... on Order {
          items { quantity unitPrice { amount } linePrice { amount } } total { amount }
          lines: items { id }
          shipments { carrier trackingNumber trackingUrl shippedAt deliveredAt }
          documents { kind title url issuedOn } updatedAt
        } } }""",
        {"id": row.id},
    )
    assert b'"quantity":1.5,"unitPrice":{"amount":"0.0123"},"linePrice":{"amount":"0.02"}' in body
    found = json.loads(body)["data"]["node"]
    assert found["total"] == {"amount": "7.02"}
    assert found["shipments"] == [SHIPMENT | {"deliveredAt": None}]
    assert found["documents"] == [INVOICE]
    assert found["lines"] == [{"id": f"{row.id}:1"}]


@pytest.mark.parametrize(
    ("quantity", "shown"),
    [(2, b"2"), (0, b"0"), (-1, b"-1"), (-0.125, b"-0.125"), (1e9, b"1000000000"), (20.1, b"20.1")],
)
async def test_a_quantity_is_shown_as_short_as_it_is(database: Database, quantity: float, shown: bytes) -> None:
    erp, customer = await an_erp(database)
    line = making.item(quantity=quantity, unitPrice="1.0", originalPrice="1.10", linePrice="1")
    await erp.do("recordOrders", orders=[order_of(customer, items=[line], adjustments=[], total="1")])
    [row] = await rows(database, models.Order)

    body = await erp.body(
        "query($id: ID!) { node(id: $id) { ... on Order { items { quantity unitPrice { amount } } } } }", {"id": row.id}
    )

    assert b'{"quantity":' + shown + b',"unitPrice":{"amount":"1.00"}}' in body


async def test_an_order_that_is_there_is_replaced_and_keeps_its_id(database: Database) -> None:
    erp, customer = await an_erp(database)
    await erp.do("recordOrders", orders=[order_of(customer, 1, shipments=[SHIPMENT]), order_of(customer, 2)])
    before = {row.order_number: row.id for row in await rows(database, models.Order)}
    erp.advance(seconds=1)
    changed = order_of(customer, 2, items=[making.item()], total="56.80", status="DELIVERED", documents=[INVOICE])

    outcome = await erp.do("recordOrders", orders=[order_of(customer, 3), changed])

    after = {row.order_number: row for row in await rows(database, models.Order)}
    numbers = [f"N{number:07}" for number in (1, 2, 3)]
    assert (outcome["created"], outcome["replaced"]) == (1, 1)
    assert [found["orderNumber"] for found in outcome["orders"]] == [numbers[2], numbers[1]]
    assert {number: after[number].id for number in before} == before
    assert (after[numbers[1]].status, str(after[numbers[1]].total)) == ("DELIVERED", "56.8")
    assert after[numbers[1]].updated_at == erp.context.clock.now() != after[numbers[0]].updated_at
    counts = {model: len(await rows(database, model)) for model in PARTS}
    assert counts == dict(zip(PARTS, (2 + 1 + 2, 3, 3, 1, 1), strict=True))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"customerNumber": "nobody"}, {("customerNumber",): "UNKNOWN"}),
        ({"username": "nobody@corp.com"}, {("username",): "UNKNOWN"}),
        ({"username": "eva@corp.com"}, {("username",): "NOT_ALLOWED"}),
        ({"customerNumber": "C-2"}, {("customerNumber",): "INVALID"}),
        ({"total": "1.00"}, {("total",): "INVALID"}),
        ({"items": [making.item(quantity=0.0001)]}, {("items", "0", "quantity"): "INVALID"}),
        ({"items": [making.item(sku="")]}, {("items", "0", "sku"): "REQUIRED"}),
        ({"orderNumber": "N0000001"}, {("orderNumber",): "TAKEN"}),
        ({"shipments": [SHIPMENT | {"trackingUrl": "http://a.b"}]}, {("shipments", "0", "trackingUrl"): "INVALID"}),
        ({"paymentMethod": "4111 1111 1111 1111"}, {("paymentMethod",): "NOT_ALLOWED"}),
        ({"customData": {"a": 2**64}}, {("customData",): "INVALID"}),
    ],
)  # fmt: skip
async def test_if_one_is_wrong_none_is_recorded(
    database: Database, values: dict[str, Any], expected: dict[tuple[str, ...], str]
) -> None:
    erp, customer = await an_erp(database)
    await a_user(erp.context, "eva@corp.com")
    await erp.by(api_key=(await as_back_end(erp)).context.api_key).do("createCustomer", customer_number="C-2")
    await erp.do("recordOrders", orders=[order_of(customer, 2)])
    before = await rows(database, models.Order)

    outcome = await erp.do("recordOrders", orders=[order_of(customer, 1), order_of(customer, 2) | values])

    assert violations(outcome) == {("orders", "1", *field): code for field, code in expected.items()}
    assert await rows(database, models.Order) == before


async def test_a_hundred_are_recorded_at_once_and_no_more(database: Database) -> None:
    erp, customer = await an_erp(database)
    hundred = [order_of(customer, number) for number in range(100)]

    refused = await erp.do("recordOrders", orders=[*hundred, order_of(customer, 100)])
    assert [(found["field"], found["code"], found["limit"]) for found in refused["violations"]] == [
        (["orders"], "TOO_MANY", 100)
    ]
    outcome = await erp.do("recordOrders", orders=hundred)

    assert outcome["created"] == 100
    assert [found["orderNumber"] for found in outcome["orders"]] == [one["orderNumber"] for one in hundred]
    assert (await erp.do("recordOrders", orders=[]))["created"] == 0


async def test_who_records_the_same_at_once_leaves_one_order(database: Database) -> None:
    erp, customer = await an_erp(database)

    outcomes = await asyncio.gather(*(erp.do("recordOrders", orders=[order_of(customer)]) for _ in range(5)))

    assert sorted(outcome["created"] for outcome in outcomes) == [0, 0, 0, 0, 1]
    assert len(await rows(database, models.Order)) == 1
    assert len(await rows(database, models.OrderItem)) == 2


async def test_orders_are_recorded_by_who_has_the_scope(database: Database) -> None:
    erp, customer = await an_erp(database)
    shop = erp.by(api_key=None)
    hans, reader = await shop.sign_in(), await as_back_end(shop, AdminScope.ORDERS_READ)
    boss = await as_admin(shop, "boss@paloma.example", AdminScope.ORDERS_WRITE)

    for caller, expected in ((shop, "UNAUTHENTICATED"), (hans, "FORBIDDEN"), (reader, "FORBIDDEN")):
        assert await caller.do("recordOrders", orders=[order_of(customer)]) == expected
    assert await rows(database, models.Order) == []
    assert await boss.outcome("recordOrders", orders=[order_of(customer)]) == "RecordOrdersSuccess"
