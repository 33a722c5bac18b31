from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from db import models
from db.enums import AddressCheck, Permission
from resolvers.addresses.rules import MOST_ADDRESSES
from tests.api.addresses.booking import ADDRESS, a_customer, added, ask, book, codes
from tests.api.services import a_user, change, rows

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio


async def test_an_address_is_kept_as_it_was_typed(database: Database) -> None:
    hans = await a_customer(database)
    typed = {
        **ADDRESS,
        "title": "Herr",
        "titleCode": "MR",
        "company": "Muster AG",
        "zipCode": "ch-8005",
        "region": "ZH",
        "phoneNumber": "+41 44 123 45 67",
        "emailAddress": "Lieferung@MUSTER.ch",
        "remarks": "Klingel\nM\u00fcller",
    }

    outcome = await ask(hans, "createAddress", {"address": typed})

    [row] = await rows(database, models.Address)
    assert outcome["__typename"] == "CreateAddressSuccess"
    assert outcome["address"] == {"id": row.id, "isDefault": True}
    assert (row.zip_code, row.city, row.region, row.remarks) == ("ch-8005", "Z\u00fcrich", "ZH", "Klingel\nM\u00fcller")
    assert (row.email_address, row.company, row.title_code) == ("Lieferung@muster.ch", "Muster AG", "MR")


async def test_the_first_of_a_type_is_its_default_and_one_that_asks_takes_its_place(database: Database) -> None:
    hans = await a_customer(database)
    first, second = await added(hans), await added(hans)
    shipping = await added(hans, type="SHIPPING", isDefault=False)
    third = await added(hans, isDefault=True)

    assert await book(hans) == [
        (first, "BILLING", False),
        (second, "BILLING", False),
        (shipping, "SHIPPING", True),
        (third, "BILLING", True),
    ]


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"firstName": " ", "lastName": "", "street": "\t", "city": " "}, {
            "firstName": "REQUIRED", "lastName": "REQUIRED", "street": "REQUIRED", "city": "REQUIRED"}),
        ({"street": "x" * 51, "city": "x" * 31, "remarks": "x" * 201}, {
            "street": "TOO_LONG", "city": "TOO_LONG", "remarks": "TOO_LONG"}),
        ({"country": "XX"}, {"country": "INVALID"}),
        ({"country": "ch"}, {"country": "INVALID"}),
        ({"zipCode": "80051"}, {"zipCode": "INVALID"}),
        ({"zipCode": None}, {"zipCode": "REQUIRED"}),
        ({"zipCode": "8005", "country": "DE"}, {"zipCode": "INVALID"}),
        ({"emailAddress": "a@corp.com,b@corp.com"}, {"emailAddress": "INVALID"}),
        ({"company": "a\nb", "title": "\u202eb"}, {"company": "INVALID", "title": "INVALID"}),
    ],
)  # fmt: skip
async def test_all_that_is_wrong_is_told_at_once(
    database: Database, fields: dict[str, Any], expected: dict[str, str]
) -> None:
    hans = await a_customer(database)

    outcome = await ask(hans, "createAddress", {"address": ADDRESS | fields})

    assert codes(outcome) == expected
    assert all(violation["field"][0] == "address" for violation in outcome["violations"])
    assert await rows(database, models.Address) == []


@pytest.mark.either_database
@pytest.mark.parametrize(
    "fields",
    [
        {"country": "IT", "zipCode": "20121", "city": "Milano"},
        {"country": "AE", "zipCode": None, "city": "Dubai"},
        {"country": "HK", "zipCode": "999077", "city": "Kowloon"},
        {"country": "JP", "zipCode": "154-0023", "city": "\u4e16\u7530\u8c37\u533a", "region": "\u6771\u4eac\u90fd"},
        {"country": "AR", "zipCode": None},
    ],
)
async def test_what_a_country_can_do_without_is_not_asked_for(database: Database, fields: dict[str, Any]) -> None:
    hans = await a_customer(database)

    outcome = await ask(hans, "createAddress", {"address": ADDRESS | fields})

    assert outcome["__typename"] == "CreateAddressSuccess"
    assert outcome["customer"]["addresses"][0]["zipCode"] == fields.get("zipCode")


@pytest.mark.either_database
@pytest.mark.parametrize(
    "field", ["firstName", "lastName", "company", "street", "city", "region", "phoneNumber", "emailAddress", "remarks"]
)
async def test_a_full_card_number_gets_in_nowhere(database: Database, field: str) -> None:
    hans = await a_customer(database)
    number = "4111111111111111@corp.com" if field == "emailAddress" else "4111 1111 1111 1111"
    document = """mutation($input: CreateAddressInput!) {
      createAddress(input: $input) { ... on InvalidInputError { violations { field code message } } } }"""

    answer = await hans.body(document, {"input": {"address": ADDRESS | {field: number}}})

    [violation] = json.loads(answer)["data"]["createAddress"]["violations"]
    assert (violation["field"], violation["code"]) == (["address", field], "NOT_ALLOWED")
    assert b"1111" not in answer
    assert await rows(database, models.Address) == []


@pytest.mark.either_database
async def test_telephone_numbers_that_pass_as_card_numbers_are_kept(database: Database) -> None:
    hans = await a_customer(database)

    await added(hans, phoneNumber="+378282246310005")
    await added(hans, phoneNumber="00378282246310"[:15], remarks="EAN 4006381333931")

    assert len(await rows(database, models.Address)) == 2


async def test_a_shop_may_take_whatever_people_type(database: Database) -> None:
    hans = await a_customer(database)
    await change(database, models.Channel, hans.context.channel_id, address_check=AddressCheck.OFF)

    outcome = await ask(hans, "createAddress", {"address": ADDRESS | {"zipCode": "not one"}})

    assert outcome["__typename"] == "CreateAddressSuccess"


async def test_a_customer_is_found_by_the_address_book(database: Database) -> None:
    hans = await a_customer(database)
    await added(hans, emailAddress="Lieferung@Muster.ch")

    [customer] = await rows(database, models.Customer)
    assert "lieferung@muster.ch" in customer.search_text


async def test_an_address_book_has_so_many_and_no_more_whoever_comes_at_once(database: Database) -> None:
    hans = await a_customer(database)
    first = await added(hans)
    [row] = await rows(database, models.Address)
    async with database.unit_of_work() as session:
        twin = {**row.model_dump(), "is_default": False}
        twins = ({**twin, "id": f"{first[:-3]}{n:03}"} for n in range(100, 98 + MOST_ADDRESSES))
        session.add_all(models.Address(**each) for each in twins)

    outcomes = await asyncio.gather(*(ask(hans, "createAddress", {"address": ADDRESS}) for _ in range(5)))

    assert sorted(outcome["__typename"] for outcome in outcomes) == ["CreateAddressSuccess"] + ["InvalidInputError"] * 4
    [full] = {str(outcome["violations"]) for outcome in outcomes if "violations" in outcome}
    assert full == str([{"field": [], "code": "TOO_MANY", "limit": MOST_ADDRESSES}])
    assert len(await rows(database, models.Address)) == MOST_ADDRESSES


async def test_of_those_who_come_at_once_one_is_the_default(database: Database) -> None:
    hans = await a_customer(database)

    await asyncio.gather(*(added(hans, isDefault=True) for _ in range(8)))

    assert sorted(is_default for _id, _type, is_default in await book(hans)) == [False] * 7 + [True]


async def test_another_customer_s_book_is_not_there(database: Database) -> None:
    hans = await a_customer(database)
    other = await a_user(hans.context, "eve@corp.com")

    for customer_id in (other.customer_id, "cus_01HV2JCC9T33QXEAXPHCJEC4FA"):
        outcome = await ask(hans, "createAddress", {"address": ADDRESS, "customerId": customer_id})
        assert outcome == {"__typename": "NotFoundError", "field": ["customerId"]}
    assert await rows(database, models.Address) == []


async def test_who_may_not_manage_addresses_is_told_and_nothing_is_written(database: Database) -> None:
    hans = await a_customer(database)
    async with database.unit_of_work() as session:
        granted = col(models.RolePermission.permission) == Permission.ADDRESSES_MANAGE
        await session.exec(sa.delete(models.RolePermission).where(granted))

    assert await ask(hans, "createAddress", {"address": ADDRESS}) == "FORBIDDEN"
    assert await ask(hans.by(token=None), "createAddress", {"address": ADDRESS}) == "UNAUTHENTICATED"
    assert await rows(database, models.Address) == []


async def test_a_name_that_is_null_refuses_the_request(database: Database) -> None:
    hans = await a_customer(database)
    document = "mutation($input: CreateAddressInput!) { createAddress(input: $input) { __typename } }"

    answer = json.loads(await hans.body(document, {"input": {"address": ADDRESS | {"firstName": None}}}))

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
