"""The list of all orders of a shop, for staff."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from db.enums import AdminScope
from tests.api.orders.test_record_orders import an_erp, order_of
from tests.api.services import rows
from tests.api.signing_in import HANS
from tests.api.staff import as_admin, as_back_end
from tests.importing import making

if TYPE_CHECKING:
    from db.engine import Database
    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio

FIND = """query Find($filter: OrderFilter, $first: Int, $last: Int, $after: String) {
  orders(first: $first, last: $last, after: $after, filter: $filter) {
    totalCount nodes { orderNumber customer { customerNumber } } pageInfo { hasNextPage endCursor }
  }
}"""


async def found(shop: Shop, **filter_: Any) -> list[str]:
    answer = json.loads(await shop.body(FIND, {"filter": filter_}))["data"]["orders"]
    assert answer["totalCount"] == len(answer["nodes"])
    return [node["orderNumber"] for node in answer["nodes"]]


async def a_shop_of_orders(database: Database) -> Shop:
    """Return a shop for the requests of a system that reads orders: three of Hans, and one of somebody else."""
    erp, hans = await an_erp(database)
    company = (await erp.by(api_key=(await as_back_end(erp)).context.api_key).do("createCustomer", company="Muster"))[
        "customer"
    ]
    made = [
        order_of(hans, 1, orderNumber="A-1", orderDate="2024-01-01T10:00:00Z", status="SHIPPED", username=HANS),
        order_of(hans, 2, orderNumber="A-2", orderDate="2024-03-01T10:00:00Z", status="DELIVERED"),
        order_of(hans, 3, orderNumber="B-20", orderDate="2024-02-01T10:00:00Z", status="SHIPPED"),
    ]
    cups = [making.item(name="Espressotasse weiß", sku="20-7", unitPrice="24.90", quantity=1, linePrice="24.90")]
    other = order_of(
        hans, 4, orderNumber="B-2", orderDate="2024-02-01T10:00:00Z", status="RETURNED",
        customerNumber=company["customerNumber"], items=cups, adjustments=[], total="24.90",
    )  # fmt: skip
    outcome = await erp.do("recordOrders", orders=[*made, other])
    assert outcome["created"] == 4, outcome
    return await as_back_end(erp, AdminScope.ORDERS_READ)


async def test_orders_of_all_customers_come_newest_first_page_by_page(database: Database) -> None:
    erp = await a_shop_of_orders(database)
    of_one_time = sorted(row.id for row in await rows(database, models.Order) if row.order_number in {"B-20", "B-2"})
    numbers = {row.id: row.order_number for row in await rows(database, models.Order)}

    first = json.loads(await erp.body(FIND, {"first": 2}))["data"]["orders"]
    rest = json.loads(await erp.body(FIND, {"first": 2, "after": first["pageInfo"]["endCursor"]}))["data"]["orders"]
    last = json.loads(await erp.body(FIND, {"last": 1}))["data"]["orders"]

    shown = [node["orderNumber"] for node in first["nodes"] + rest["nodes"]]
    assert shown == ["A-2", *(numbers[key] for key in reversed(of_one_time)), "A-1"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (4, True, False)
    assert len({node["customer"]["customerNumber"] for node in first["nodes"] + rest["nodes"]}) == 2
    assert [node["orderNumber"] for node in last["nodes"]] == ["A-1"]


async def test_they_are_found_by_number_words_status_and_time(database: Database) -> None:
    erp = await a_shop_of_orders(database)

    assert await found(erp, orderNumber="B-2") == ["B-2"]
    assert await found(erp, orderNumber="b-2") == []
    assert sorted(await found(erp, search="b-2")) == ["B-2", "B-20"]
    assert await found(erp, search="WEISS espresso") == ["B-2"]
    assert await found(erp, search="20-7") == ["B-2"]
    assert await found(erp, search="tasse", statuses=["SHIPPED"]) == []
    assert await found(erp, search="%") == []
    assert await found(erp, statuses=["SHIPPED"], orderedFrom="2024-01-15T00:00:00Z") == ["B-20"]
    assert await found(erp, orderedUntil="2024-02-01T10:00:00Z") == ["A-1"]
    assert await found(erp, mine=True) == []
    assert len(await found(erp, search=None)) == 4


async def test_what_is_recorded_anew_is_found_as_it_is(database: Database) -> None:
    reader = await a_shop_of_orders(database)
    writer, (hans, *_) = await as_back_end(reader, AdminScope.ORDERS_WRITE), await rows(database, models.Customer)
    [order] = [row for row in await rows(database, models.Order) if row.order_number == "A-1"]
    number = {row.id: row.customer_number for row in await rows(database, models.Customer)}[order.customer_id]
    line = making.item(name="Wasserkocher", sku="30-1", unitPrice="10.00", quantity=1, linePrice="10.00")

    outcome = await writer.do(
        "recordOrders",
        orders=[order_of(hans, 1, orderNumber="A-1", customerNumber=number, items=[line], adjustments=[], total="10")],
    )

    assert outcome["replaced"] == 1, outcome
    assert await found(reader, search="wasserkocher") == ["A-1"]
    assert sorted(await found(reader, search="crema")) == ["A-2", "B-20"]


@pytest.mark.either_database
async def test_only_staff_who_may_read_orders_have_the_list(database: Database) -> None:
    erp = await a_shop_of_orders(database)
    hans = await erp.by(api_key=None).sign_in()
    boss = await as_admin(erp.by(api_key=None), "boss@paloma.example", AdminScope.ORDERS_READ)

    assert len(await found(boss)) == 4
    for asker, code in (
        (erp.by(api_key=None), "UNAUTHENTICATED"),
        (hans, "FORBIDDEN"),
        (await as_back_end(erp, AdminScope.CUSTOMERS_WRITE), "FORBIDDEN"),
    ):
        answer = json.loads(await asker.body(FIND))
        assert answer["data"] == {"orders": None}
        assert [(error["extensions"]["code"], error["path"]) for error in answer["errors"]] == [(code, ["orders"])]
