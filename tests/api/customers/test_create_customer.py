from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from db.enums import AdminScope, ChannelKind
from resolvers.customers.changes import create_customer
from resolvers.repetitions import Repeatable
from tests.api.services import PASSWORD, a_user, rows
from tests.api.signing_in import HANS, a_shop
from tests.api.staff import as_admin, as_back_end

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio


def codes(outcome: Any) -> dict[str, str]:
    return {found["field"][-1]: found["code"] for found in outcome["violations"]}


async def test_a_customer_is_kept_with_all_that_is_told(database: Database) -> None:
    erp = await as_back_end(await a_shop(database, kind=ChannelKind.B2B))

    outcome = await erp.do(
        "createCustomer",
        customer_number="K-1",
        email_address="Office@KAESE.ch",
        company="Käse AG",
        gender="FEMALE",
        date_of_birth="1984-05-23",
        locale="fr",
        price_groups=["b", "a", "b"],
        custom_data={"sap": [1, None]},
    )

    [row] = await rows(database, models.Customer)
    assert outcome["customer"]["id"] == row.id
    assert (row.customer_number, row.email_address, row.locale, row.gender) == (
        "K-1",
        "Office@kaese.ch",
        "fr_CH",
        "FEMALE",
    )
    assert (row.price_groups, row.custom_data) == (["b", "a"], {"sap": [1, None]})
    assert row.search_text == "k-1 kase ag office@kaese.ch"
    assert await rows(database, models.User) == []


async def test_numbers_go_on_past_those_given_by_hand(database: Database) -> None:
    erp = await as_back_end(await a_shop(database))
    await erp.do("createCustomer", customer_number="10002")

    await asyncio.gather(*(erp.do("createCustomer") for _ in range(3)))

    assert sorted(row.customer_number for row in await rows(database, models.Customer)) == [
        "10001", "10002", "10003", "10004"
    ]  # fmt: skip


async def test_of_two_who_give_the_same_number_one_is_told(database: Database) -> None:
    erp = await as_back_end(await a_shop(database))

    outcomes = await asyncio.gather(*(erp.do("createCustomer", customer_number="K-1") for _ in range(4)))

    assert sorted(outcome["__typename"] for outcome in outcomes) == [
        "CreateCustomerSuccess",
        *["InvalidInputError"] * 3,
    ]
    assert [codes(outcome) for outcome in outcomes if "violations" in outcome] == [{"customerNumber": "TAKEN"}] * 3
    assert len(await rows(database, models.Customer)) == 1


@pytest.mark.parametrize(
    ("kind", "expected"), [(ChannelKind.B2C, "EmailAddressTakenError"), (ChannelKind.B2B, "CreateCustomerSuccess")]
)
async def test_the_address_of_an_account_is_taken_where_customers_are_consumers(
    database: Database, kind: ChannelKind, expected: str
) -> None:
    shop = await a_shop(database, kind=kind)
    await a_user(shop.context, HANS)
    boss = await as_admin(shop)

    assert await boss.outcome("createCustomer", email_address=HANS.upper()) == expected


@pytest.mark.either_database
async def test_all_violations_are_told_at_once_and_nothing_is_written(database: Database) -> None:
    erp = await as_back_end(await a_shop(database))

    outcome = await erp.do(
        "createCustomer", customer_number="x" * 101, email_address="@", first_name="a\0", locale="klingon",
        date_of_birth="1899-12-31", price_groups=["x" * 41], custom_data="\ud800",
    )  # fmt: skip

    assert codes(outcome) == {
        "customerNumber": "TOO_LONG", "emailAddress": "INVALID", "firstName": "INVALID", "locale": "INVALID",
        "dateOfBirth": "INVALID", "0": "TOO_LONG", "customData": "INVALID",
    }  # fmt: skip
    assert await rows(database, models.Customer) == []


@pytest.mark.either_database
async def test_who_may_only_read_is_told_so(database: Database) -> None:
    shop = await a_shop(database)
    reader = await as_back_end(shop, AdminScope.CUSTOMERS_READ, AdminScope.ORDERS_WRITE)

    assert await reader.do("createCustomer") == "FORBIDDEN"


async def test_staff_change_customers_users_and_address_books(database: Database) -> None:
    shop = await a_shop(database)
    created = await a_user(shop.context, HANS)
    erp = await as_back_end(shop, AdminScope.CUSTOMERS_WRITE)
    given = {"type": "BILLING", "firstName": "A", "lastName": "B", "street": "C", "city": "D", "country": "AO"}

    changed = await erp.do(
        "updateCustomer", customer_id=created.customer_id, price_groups=["vip"], custom_data={"since": 2001}
    )
    user = await erp.do("updateUser", user_id=created.user_id, time_zone="Asia/Tokyo")
    address = await erp.do("createAddress", customer_id=created.customer_id, address=given)
    address_id = address["address"]["id"]
    moved = await erp.do("updateAddress", address_id=address_id, address={"city": "E"})

    assert (changed["customer"]["priceGroups"], changed["customer"]["customData"]) == (["vip"], {"since": 2001})
    assert user["user"]["timeZone"] == "Asia/Tokyo"
    assert moved["address"]["city"] == "E"
    assert await erp.outcome("deleteAddress", address_id=address_id) == "DeleteAddressSuccess"
    for mutation, name in (("updateCustomer", "customerId"), ("updateUser", "userId")):
        assert codes(await erp.do(mutation)) == {name: "REQUIRED"}
    assert codes(await erp.do("createAddress", address=given)) == {"customerId": "REQUIRED"}
    assert codes(await erp.do("updateCustomer", customer_id=created.customer_id, email_address="a@b.ch")) == {
        "emailAddress": "NOT_ALLOWED"
    }


async def test_the_shop_corrects_the_address_of_a_consumer_who_has_no_user(database: Database) -> None:
    shop = await a_shop(database, kind=ChannelKind.B2C)
    await a_user(shop.context, HANS)
    erp = await as_back_end(shop)
    eva_id = (await erp.do("createCustomer", email_address="eva@keler.ch"))["customer"]["id"]

    taken = await erp.do("updateCustomer", customer_id=eva_id, email_address=HANS)
    mended = await erp.do("updateCustomer", customer_id=eva_id, email_address="eva@keller.ch")

    assert codes(taken) == {"emailAddress": "TAKEN"}
    assert mended["customer"]["emailAddress"] == "eva@keller.ch"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_signs_in_does_not_wait_for_who_gives_a_number(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    held = Repeatable("a key that is long", b"", (b"k" * 32,))

    # Its unit of work is done, and not ended yet.
    await create_customer(shop.by(repeatable=held).context, {})
    signed_in = asyncio.wait_for(shop.outcome("authenticate", username=HANS, password=PASSWORD), timeout=20)

    assert await signed_in == "AuthenticateSuccess"
    await held.take_back()


@pytest.mark.either_database
@pytest.mark.parametrize("value", ["1e400", "-1e400", "[1e400]", "{a: 1e400}"])
async def test_a_number_that_would_be_lost_is_refused(database: Database, value: str) -> None:
    erp = await as_back_end(await a_shop(database))
    text = f"mutation {{ createCustomer(input: {{customData: {value}}}) {{ __typename }} }}"

    assert b"InvalidInputError" in await erp.body(text)
    assert await rows(database, models.Customer) == []
