"""The list of customers, for staff."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from db.enums import AdminScope
from tests.api.addresses.booking import added
from tests.api.services import a_user
from tests.api.signing_in import HANS, a_shop
from tests.api.staff import as_admin, as_back_end

if TYPE_CHECKING:
    from db.engine import Database
    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio

FIND = """query Find($filter: CustomerFilter, $first: Int, $after: String) {
  customers(first: $first, after: $after, filter: $filter) {
    totalCount nodes { company } pageInfo { hasNextPage endCursor }
  }
}"""


async def a_back_end(database: Database) -> Shop:
    return await as_back_end(await a_shop(database))


async def found(shop: Shop, **filter_: Any) -> list[str]:
    answer = json.loads(await shop.body(FIND, {"filter": filter_}))["data"]["customers"]
    assert answer["totalCount"] == len(answer["nodes"])
    return [node["company"] for node in answer["nodes"]]


async def create(shop: Shop, company: str, **fields: Any) -> dict[str, Any]:
    shop.advance(seconds=1)
    made: dict[str, Any] = (await shop.do("createCustomer", company=company, **fields))["customer"]
    return made


async def test_customers_come_newest_first_page_by_page(database: Database) -> None:
    erp = await a_back_end(database)
    for company in ("A", "B", "C"):
        await create(erp, company)

    first = json.loads(await erp.body(FIND, {"first": 2}))["data"]["customers"]
    rest = json.loads(await erp.body(FIND, {"first": 2, "after": first["pageInfo"]["endCursor"]}))["data"]["customers"]

    assert [node["company"] for node in first["nodes"]] == ["C", "B"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert [node["company"] for node in rest["nodes"]] == ["A"]


async def test_they_are_found_by_words_by_number_and_by_address(database: Database) -> None:
    erp = await a_back_end(database)
    await create(erp, "Käserei Muster", customer_number="K-1", email_address="Info@Kaese.ch")
    await create(erp, "Muster AG", email_address="info@muster.ch")
    erp.advance(seconds=1)
    await a_user(erp.context, HANS)
    hans = await erp.by(api_key=None).sign_in()
    await hans.do("updateCustomer", company="Hans")
    await added(hans, emailAddress="lieferung@hans.ch")

    assert await found(erp, search="muster") == ["Hans", "Muster AG", "Käserei Muster"]
    assert await found(erp, search="hans corp") == ["Hans"]
    assert await found(erp, search="MUSTER kaserei") == ["Käserei Muster"]
    assert await found(erp, search="%") == []
    assert await found(erp, customerNumber="K-1") == ["Käserei Muster"]
    assert await found(erp, customerNumber="k-1") == []
    assert await found(erp, emailAddress="INFO@kaese.ch ") == ["Käserei Muster"]
    assert await found(erp, emailAddress=HANS) == ["Hans"]
    assert await found(erp, emailAddress="lieferung@hans.ch") == ["Hans"]
    assert await found(erp, emailAddress="nfo@kaese.ch") == []
    assert await found(erp, emailAddress="no address") == []
    assert await found(erp, emailAddress="info@muster.ch", search="kaserei") == []
    assert await found(erp, search=None) == ["Hans", "Muster AG", "Käserei Muster"]


async def test_an_address_in_a_name_is_nobody_s(database: Database) -> None:
    erp = await a_back_end(database)
    await create(erp, "see boss@corp.com please")
    await create(erp, "Corp", email_address="x.boss@corp.com")

    assert await found(erp, emailAddress="boss@corp.com") == []
    assert await found(erp, emailAddress="X.BOSS@corp.com") == ["Corp"]


@pytest.mark.either_database
async def test_others_are_refused_in_words(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    hans = await shop.sign_in()

    for asker, code in (
        (shop, "UNAUTHENTICATED"),
        (hans, "FORBIDDEN"),
        (shop.by(api_key="api_unknown"), "UNAUTHENTICATED"),
    ):
        answer = json.loads(await asker.body(FIND))
        assert answer["data"] == {"customers": None}
        assert [(error["extensions"]["code"], error["path"]) for error in answer["errors"]] == [(code, ["customers"])]
        assert "authenticateAdmin" in answer["errors"][0]["message"] or code == "FORBIDDEN"


@pytest.mark.either_database
async def test_an_api_key_is_no_viewer_and_a_bearer_token_comes_first(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    erp, hans = await as_back_end(shop, AdminScope.ORDERS_READ), await shop.sign_in()
    both = hans.by(api_key=erp.context.api_key)

    assert json.loads(await erp.body("{ viewer { permissions } roles { code } }"))["data"]["viewer"] is None
    assert json.loads(await both.body("{ viewer { user { username } } }"))["data"]["viewer"]["user"]["username"] == HANS
    assert json.loads(await both.body(FIND))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    # In the wrong place a key is worth nothing.
    assert (
        json.loads(await shop.by(token=erp.context.api_key).body("{ viewer { permissions } }"))["data"]["viewer"]
        is None
    )
    assert json.loads(await shop.by(api_key=hans.context.token).body(FIND))["data"]["customers"] is None


async def test_staff_read_a_customer_with_addresses_and_orders_in_one_query(database: Database) -> None:
    shop = await a_shop(database)
    created = await a_user(shop.context, HANS)
    hans = await shop.sign_in()
    await added(hans)
    boss = await as_admin(shop, "boss@paloma.example", AdminScope.ORDERS_READ)
    text = """query($id: ID!) { customer(id: $id) {
      addresses { city } orders { totalCount } users { nodes { username } } viewerPermissions
    } }"""

    answer = json.loads(await boss.body(text, {"id": created.customer_id}))

    assert answer == {
        "data": {
            "customer": {
                "addresses": [{"city": "Zürich"}], "orders": {"totalCount": 0},
                "users": {"nodes": [{"username": HANS}]}, "viewerPermissions": [],
            }
        }
    }  # fmt: skip
