from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from db.enums import AdminScope
from resolvers.payment_instruments.rules import MOST_INSTRUMENTS
from tests.api.services import a_user, rows
from tests.api.signing_in import HANS, a_shop
from tests.api.staff import as_back_end

if TYPE_CHECKING:
    from db.engine import Database
    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio

# The seed's own values.
CARD = {
    "type": "Mastercard", "masked_card_number": "513659xxxxxx5354", "expiration_month": "12", "expiration_year": "24",
    "provider_reference": "tok_4f1a",
}  # fmt: skip
FULL = "4111111111111111"


async def a_provider(database: Database) -> tuple[Shop, models.Customer]:
    """Return a shop for the requests of a system that stores cards, and a customer."""
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    [customer] = await rows(database, models.Customer)
    return await as_back_end(shop, AdminScope.PAYMENT_INSTRUMENTS_WRITE), customer


def codes(outcome: Any) -> dict[str, str]:
    return {found["field"][-1] if found["field"] else "": found["code"] for found in outcome["violations"]}


@pytest.mark.parametrize("by", ["customer_id", "customer_number"])
async def test_a_card_is_stored_and_its_reference_never_shown(database: Database, by: str) -> None:
    psp, customer = await a_provider(database)
    whose = {by: customer.id if by == "customer_id" else customer.customer_number}

    body = await psp.bytes_of("storePaymentInstrument", **CARD, **whose)

    [row] = await rows(database, models.PaymentInstrument)
    assert row.id.encode() in body
    assert b"tok_4f1a" not in body
    assert (row.customer_id, row.type, row.masked_card_number) == (customer.id, "Mastercard", "513659xxxxxx5354")
    assert (row.expiration_month, row.expiration_year, row.expires_on) == ("12", "24", date(2024, 12, 31))
    assert row.provider_reference == "tok_4f1a"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("4763 25** **** 7800", "476325xxxxxx7800"),
        ("3782-XXXXXX-X0005", "3782xxxxxxx0005"),
        ("\u2022\u2022\u2022\u2022 \u2022\u2022\u2022\u2022 \u2022\u2022\u2022\u2022 4242", "xxxxxxxxxxxx4242"),
        ("****1881", "xxxx1881"),
        ("51365978xxxx5354", "51365978xxxx5354"),
    ],
)
@pytest.mark.either_database
async def test_a_number_is_kept_in_one_form_however_it_was_masked(database: Database, typed: str, kept: str) -> None:
    psp, customer = await a_provider(database)

    outcome = await psp.do("storePaymentInstrument", **CARD | {"masked_card_number": typed}, customer_id=customer.id)

    assert outcome["paymentInstrument"]["maskedCardNumber"] == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (FULL, "NOT_ALLOWED"), ("4111 1111 1111 1111", "NOT_ALLOWED"), ("4111-1111-1111-1111", "NOT_ALLOWED"),
        ("\u0664\u0661\u0661\u0661111111111111", "NOT_ALLOWED"), ("41111111111111x1", "NOT_ALLOWED"),
        ("513659787xxx5354", "NOT_ALLOWED"), ("513659______5354", "INVALID"), ("41111111xxx1111", "INVALID"),
        ("513659xxx15354", "INVALID"), ("xxxxxxxx", "INVALID"), ("", "REQUIRED"),
        ("5136\u0660\u0661xxxxxx5354", "INVALID"), (f"513659xxxxxx5354 {FULL}", "NOT_ALLOWED"), ("x" * 61, "TOO_LONG"),
    ],
)  # fmt: skip
@pytest.mark.either_database
async def test_what_shows_more_than_a_mask_may_gets_in_nowhere(database: Database, typed: str, code: str) -> None:
    psp, customer = await a_provider(database)

    body = await psp.bytes_of("storePaymentInstrument", **CARD | {"masked_card_number": typed}, customer_id=customer.id)

    assert f'"{code}"'.encode() in body
    assert FULL.encode() not in body
    assert await rows(database, models.PaymentInstrument) == []


@pytest.mark.either_database
async def test_all_violations_are_told_at_once(database: Database) -> None:
    psp, _customer = await a_provider(database)
    wrong = {
        "type": "x" * 41, "masked_card_number": "?", "expiration_month": "13", "expiration_year": "1999",
        "provider_reference": " ",
    }  # fmt: skip

    assert codes(await psp.do("storePaymentInstrument", **wrong)) == {
        "customerId": "REQUIRED", "type": "TOO_LONG", "maskedCardNumber": "INVALID", "expirationMonth": "INVALID",
        "expirationYear": "INVALID", "providerReference": "REQUIRED",
    }  # fmt: skip
    both = {"customer_id": "cus_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "customer_number": "1"}
    assert codes(await psp.do("storePaymentInstrument", **CARD, **both)) == {"customerNumber": "NOT_ALLOWED"}


@pytest.mark.either_database
async def test_a_customer_who_never_was_is_not_found(database: Database) -> None:
    psp, _customer = await a_provider(database)

    for name, value in (("customer_id", "cus_7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), ("customer_number", "0")):
        outcome = await psp.do("storePaymentInstrument", **CARD, **{name: value})
        assert outcome["__typename"] == "NotFoundError"


async def test_there_are_fifty_at_most_also_at_once(database: Database) -> None:
    psp, customer = await a_provider(database)
    for _ in range(MOST_INSTRUMENTS - 2):
        assert await psp.outcome("storePaymentInstrument", **CARD, customer_id=customer.id) == (
            "StorePaymentInstrumentSuccess"
        )

    outcomes = await asyncio.gather(
        *(psp.do("storePaymentInstrument", **CARD, customer_id=customer.id) for _ in range(6))
    )

    assert len(await rows(database, models.PaymentInstrument)) == MOST_INSTRUMENTS
    refused = [outcome for outcome in outcomes if outcome["__typename"] == "InvalidInputError"]
    assert [codes(outcome) for outcome in refused] == [{"": "TOO_MANY"}] * 4


@pytest.mark.either_database
async def test_the_last_day_of_a_month_is_known_in_leap_years_too(database: Database) -> None:
    psp, customer = await a_provider(database)

    given = CARD | {"expiration_month": "02", "expiration_year": "2028"}
    outcome = await psp.do("storePaymentInstrument", **given, customer_id=customer.id)

    assert outcome["paymentInstrument"]["expiresOn"] == "2028-02-29"
