from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from db import models
from db.enums import ChannelKind
from tests.api.addresses.booking import added
from tests.api.services import a_user, rows
from tests.api.signing_in import HANS, a_shop
from tests.api.team import a_colleague

if TYPE_CHECKING:
    from db.engine import Database
    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio


async def hans_of(database: Database, kind: ChannelKind = ChannelKind.B2C) -> Shop:
    shop = await a_shop(database, kind=kind)
    await a_user(shop.context, HANS)
    return await shop.sign_in()


def codes(outcome: Any) -> dict[str, str]:
    return {found["field"][-1]: found["code"] for found in outcome["violations"]}


async def test_what_is_left_out_stays_and_null_empties(database: Database) -> None:
    hans = await hans_of(database)
    await hans.do("updateCustomer", first_name="Hans", last_name="Muster", date_of_birth="1984-05-23", gender="MALE")
    hans.advance(seconds=1)

    outcome = await hans.do("updateCustomer", date_of_birth=None, company="Muster AG", locale="it")

    [row] = await rows(database, models.Customer)
    assert outcome["customer"]["updatedAt"] == "2024-02-29T12:00:01Z"
    assert (row.first_name, row.company, row.gender, row.date_of_birth) == ("Hans", "Muster AG", "MALE", None)
    assert (row.locale, row.updated_at) == ("de_CH", hans.context.clock.now())


async def test_a_customer_is_found_by_what_it_is_called_now(database: Database) -> None:
    hans = await hans_of(database)
    await added(hans, emailAddress="lieferung@muster.ch")

    await hans.do("updateCustomer", company="Käserei")

    [row] = await rows(database, models.Customer)
    assert row.search_text == f"{row.customer_number} kaserei {HANS} lieferung@muster.ch"


async def test_who_changes_nothing_leaves_no_trace(database: Database) -> None:
    hans = await hans_of(database)
    before = await rows(database, models.Customer)
    hans.advance(seconds=1)

    assert await hans.outcome("updateCustomer") == "UpdateCustomerSuccess"
    assert await rows(database, models.Customer) == before


@pytest.mark.parametrize("kind", ChannelKind)
async def test_what_the_shop_decides_is_refused_to_users_also_as_null(database: Database, kind: ChannelKind) -> None:
    hans = await hans_of(database, kind)
    before = await rows(database, models.Customer)

    for given in (
        {"price_groups": ["cheap"], "custom_data": {"vip": True}},
        {"price_groups": None, "custom_data": None},
    ):
        outcome = await hans.do("updateCustomer", first_name="H", **given)
        assert codes(outcome) == {"priceGroups": "NOT_ALLOWED", "customData": "NOT_ALLOWED"}
    assert await rows(database, models.Customer) == before


async def test_the_address_that_a_consumer_signs_in_with_must_be_proved(database: Database) -> None:
    hans = await hans_of(database)

    for address in ("new@corp.com", None, HANS):
        assert codes(await hans.do("updateCustomer", email_address=address)) == {"emailAddress": "NOT_ALLOWED"}
    assert [row.email_address for row in await rows(database, models.Customer)] == [HANS]


async def test_the_address_of_a_company_is_a_contact(database: Database) -> None:
    hans = await hans_of(database, ChannelKind.B2B)

    assert (await hans.do("updateCustomer", email_address="Office@CORP.com"))["customer"]["emailAddress"] == (
        "Office@corp.com"
    )
    assert codes(await hans.do("updateCustomer", email_address="office")) == {"emailAddress": "INVALID"}
    assert await hans.outcome("updateCustomer", email_address=None) == "UpdateCustomerSuccess"
    assert [row.email_address for row in await rows(database, models.Customer)] == [None]
    assert [row.email_address for row in await rows(database, models.Account)] == [HANS]


@pytest.mark.either_database
async def test_all_violations_are_told_at_once_and_nothing_is_written(database: Database) -> None:
    hans = await hans_of(database, ChannelKind.B2B)
    before = await rows(database, models.Customer)
    wrong: dict[str, Any] = {
        "first_name": "x" * 31, "last_name": "a\0b", "company": "x" * 51, "gender": None, "locale": None,
        "date_of_birth": "2999-01-01", "email_address": "@", "price_groups": [],
    }  # fmt: skip

    assert codes(await hans.do("updateCustomer", **wrong)) == {
        "firstName": "TOO_LONG", "lastName": "INVALID", "company": "TOO_LONG", "gender": "REQUIRED",
        "locale": "REQUIRED", "dateOfBirth": "INVALID", "emailAddress": "INVALID", "priceGroups": "NOT_ALLOWED",
    }  # fmt: skip
    assert await rows(database, models.Customer) == before


async def test_another_customer_is_answered_like_one_that_never_was(database: Database) -> None:
    hans = await hans_of(database)
    stranger = await a_user(hans.context, "stranger@elsewhere.com")

    found = await hans.do("updateCustomer", customer_id=stranger.customer_id, first_name="Pwned")
    never = await hans.do("updateCustomer", customer_id="cus_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", first_name="Pwned")

    assert (found, found["field"]) == (never, ["customerId"])
    assert "Pwned" not in {row.first_name for row in await rows(database, models.Customer)}


@pytest.mark.either_database
async def test_who_may_not_change_the_customer_is_told(database: Database) -> None:
    shop = await a_shop(database, kind=ChannelKind.B2B)
    created = await a_user(shop.context, HANS)
    await a_colleague(shop.context, created, "anna@corp.com", "buyer")
    anna = await shop.sign_in("anna@corp.com")

    assert await anna.do("updateCustomer", first_name="Anna") == "FORBIDDEN"
