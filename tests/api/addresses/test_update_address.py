from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from tests.api.addresses.booking import a_customer, added, ask, book, codes
from tests.api.services import a_user, change, rows

if TYPE_CHECKING:
    from db.engine import Database
    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio


async def patched(shop: Shop, address_id: str, **fields: Any) -> Any:
    return await ask(shop, "updateAddress", {"addressId": address_id, "address": fields})


async def test_what_is_left_out_stays_and_null_empties(database: Database) -> None:
    hans = await a_customer(database)
    address_id = await added(hans, company="Muster AG", region="ZH")

    outcome = await patched(hans, address_id, street="Bahnhofstrasse 1", company=None)

    [row] = await rows(database, models.Address)
    assert outcome["__typename"] == "UpdateAddressSuccess"
    assert (row.street, row.company, row.region, row.city) == ("Bahnhofstrasse 1", None, "ZH", "Z\u00fcrich")


async def test_who_changes_nothing_leaves_no_trace(database: Database) -> None:
    hans = await a_customer(database)
    address_id = await added(hans)
    before = await rows(database, models.Address)
    hans.advance(seconds=1)

    assert (await patched(hans, address_id))["__typename"] == "UpdateAddressSuccess"
    assert await hans.outcome("setDefaultAddress", address_id=address_id) == "SetDefaultAddressSuccess"
    assert await rows(database, models.Address) == before


@pytest.mark.either_database
@pytest.mark.parametrize(
    "field", ["type", "isDefault", "firstName", "lastName", "street", "city", "country", "zipCode"]
)
async def test_what_must_be_there_can_not_be_emptied(database: Database, field: str) -> None:
    hans = await a_customer(database)
    address_id = await added(hans)
    before = await rows(database, models.Address)

    assert codes(await patched(hans, address_id, **{field: None}))[field] == "REQUIRED"
    assert await rows(database, models.Address) == before


@pytest.mark.either_database
async def test_a_full_card_number_gets_in_by_no_change(database: Database) -> None:
    hans = await a_customer(database)
    address_id = await added(hans)
    before = await rows(database, models.Address)

    outcome = await patched(hans, address_id, street="4111-1111-1111-1111", phoneNumber="+4111111111111111")

    assert codes(outcome) == {"street": "NOT_ALLOWED", "phoneNumber": "NOT_ALLOWED"}
    assert await rows(database, models.Address) == before


async def test_null_in_a_variable_is_null_in_the_text(database: Database) -> None:
    hans = await a_customer(database)
    address_id = await added(hans)
    given = f'{{addressId: "{address_id}", address: {{street: null}}}}'
    text = f"mutation {{ updateAddress(input: {given}) {{ __typename }} }}"

    assert json.loads(await hans.body(text))["data"]["updateAddress"]["__typename"] == "InvalidInputError"
    assert (await patched(hans, address_id, street=None))["__typename"] == "InvalidInputError"


async def test_what_breaks_a_rule_already_can_be_mended_field_by_field(database: Database) -> None:
    hans = await a_customer(database)
    address_id = await added(hans)
    await change(database, models.Address, address_id, zip_code="not one", first_name=None)

    assert (await patched(hans, address_id, city="Bern"))["__typename"] == "UpdateAddressSuccess"
    assert codes(await patched(hans, address_id, country="DE")) == {"zipCode": "INVALID"}
    assert (await patched(hans, address_id, zipCode="3000"))["__typename"] == "UpdateAddressSuccess"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"isDefault": True}, [("BILLING", False), ("BILLING", True), ("SHIPPING", True)]),
        ({"isDefault": False}, [("BILLING", True), ("BILLING", False), ("SHIPPING", True)]),
        ({"type": "SHIPPING"}, [("BILLING", True), ("SHIPPING", False), ("SHIPPING", True)]),
        ({"type": "SHIPPING", "isDefault": True}, [("BILLING", True), ("SHIPPING", True), ("SHIPPING", False)]),
        ({"type": "CONTACT"}, [("BILLING", True), ("CONTACT", True), ("SHIPPING", True)]),
    ],
)
async def test_the_default_follows(
    database: Database, fields: dict[str, Any], expected: list[tuple[str, bool]]
) -> None:
    hans = await a_customer(database)
    _first, second = await added(hans), await added(hans)
    await added(hans, type="SHIPPING")

    assert (await patched(hans, second, **fields))["__typename"] == "UpdateAddressSuccess"

    assert [(type_, is_default) for _id, type_, is_default in await book(hans)] == expected


async def test_a_default_that_goes_to_another_type_is_replaced_by_the_oldest(database: Database) -> None:
    hans = await a_customer(database)
    first, second, third = await added(hans), await added(hans), await added(hans)

    await patched(hans, first, type="SHIPPING")

    assert await book(hans) == [(first, "SHIPPING", True), (second, "BILLING", True), (third, "BILLING", False)]


async def test_a_default_that_is_none_any_more_leaves_its_type_without_one(database: Database) -> None:
    hans = await a_customer(database)
    first, second = await added(hans), await added(hans)

    await patched(hans, first, isDefault=False)

    assert await book(hans) == [(first, "BILLING", False), (second, "BILLING", False)]


async def test_the_address_of_another_customer_is_not_there(database: Database) -> None:
    hans = await a_customer(database)
    address_id = await added(hans)
    await a_user(hans.context, "eve@corp.com")
    eve = await hans.by(token=None).sign_in("eve@corp.com")
    before = await rows(database, models.Address)

    for mutation in ("deleteAddress", "setDefaultAddress"):
        assert await ask(eve, mutation, {"addressId": address_id}) == {
            "__typename": "NotFoundError",
            "field": ["addressId"],
        }
    assert await patched(eve, address_id, city="Bern") == {"__typename": "NotFoundError", "field": ["addressId"]}
    assert await rows(database, models.Address) == before
