"""A mutation that is sent again under its key is done once, and answered as the first time."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from graphql import GraphQLObjectType
from sqlmodel import select

from db import models
from db.enums import RegistrationPolicy
from resolvers.repetitions import MOST, Repeatable
from resolvers.schema import schema
from tests.api.addresses.booking import ADDRESS
from tests.api.orders.test_record_orders import order_of
from tests.api.services import PASSWORD, a_user, rows
from tests.api.signing_in import HANS, NEW_PASSWORD, PAGE, a_shop
from tests.api.staff import as_admin, as_back_end
from tests.db.rows import customer

if TYPE_CHECKING:
    from db.engine import Database
    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio

MUTATION = schema._schema.mutation_type  # noqa: SLF001 - Strawberry offers no other way to graphql-core's schema
KEY = "5f0c1f0e-8d0f-4c55-9e3b-3a5a5a6f7a10"
SECRETS = (b"k" * 32,)
CARD = {
    "type": "VISA", "masked_card_number": "513659xxxxxx5354", "expiration_month": "12", "expiration_year": "24",
    "provider_reference": "tok_1",
}  # fmt: skip
SHOWN_ONCE = {
    "authenticate": {"username": HANS, "password": PASSWORD},
    "authenticateAdmin": {"username": HANS, "password": PASSWORD},
    "updatePassword": {"current_password": PASSWORD, "new_password": NEW_PASSWORD},
    "finishPasswordReset": {"token": "a", "password": NEW_PASSWORD},
}
REPEATED = {
    "registerCustomer", "confirmEmailAddress", "resendConfirmation", "startPasswordReset", "signOut", "revokeSession",
    "changeEmailAddress", "updateUser", "updateCustomer", "createAddress", "updateAddress", "deleteAddress",
    "setDefaultAddress", "createCustomer", "storePaymentInstrument", "deletePaymentInstrument", "recordOrders",
}  # fmt: skip
COUNTED = (
    models.Customer, models.User, models.Address, models.PaymentInstrument, models.Mail, models.Registration,
    models.Session, models.AdminSession,
)  # fmt: skip


def under(shop: Shop, body: dict[str, Any], key: str = KEY, secrets: tuple[bytes, ...] = SECRETS) -> Shop:
    """Return the shop for a request with a key, and a body that says *body*."""
    return shop.by(repeatable=Repeatable(key, json.dumps(body, sort_keys=True).encode(), secrets))


async def again(shop: Shop, mutation: str, key: str = KEY, **given: Any) -> bytes:
    """Send a mutation under a key; return the answer."""
    return await under(shop, {mutation: given}, key).bytes_of(mutation, **given)


async def counts(database: Database) -> list[int]:
    return [len(await rows(database, model)) for model in COUNTED]


async def inputs(shop: Shop, hans: Shop, psp: Shop) -> dict[str, tuple[Shop, dict[str, Any]]]:
    """Return who sends each mutation that repeats, and what."""
    address = (await hans.do("createAddress", address=ADDRESS))["address"]["id"]
    other = (await hans.do("createAddress", address=ADDRESS))["address"]["id"]
    [customer, *_] = await rows(shop.database, models.Customer)
    card = (await psp.do("storePaymentInstrument", **CARD, customer_id=customer.id))["paymentInstrument"]["id"]
    elsewhere = await shop.sign_in()
    session_id = json.loads(await elsewhere.body("{ viewer { session { id } } }"))["data"]["viewer"]["session"]["id"]
    page = {"confirmation_base_url": PAGE}
    return {
        "registerCustomer": (shop, {"email_address": "new@corp.com", "user": {"password": PASSWORD}, **page}),
        "resendConfirmation": (shop, {"email_address": HANS, **page}),
        "startPasswordReset": (shop, {"email_address": HANS, **page}),
        "changeEmailAddress": (hans, {"email_address": "n@corp.com", "current_password": PASSWORD, **page}),
        "updateUser": (hans, {"first_name": "Hans"}),
        "updateCustomer": (hans, {"company": "Muster"}),
        "createAddress": (hans, {"address": ADDRESS}),
        "updateAddress": (hans, {"address_id": address, "address": {"city": "Bern"}}),
        "setDefaultAddress": (hans, {"address_id": other}),
        "deleteAddress": (hans, {"address_id": address}),
        "createCustomer": (psp, {"company": "Muster AG"}),
        "storePaymentInstrument": (psp, {**CARD, "customer_id": customer.id}),
        "recordOrders": (psp, {"orders": [order_of(customer)]}),
        "deletePaymentInstrument": (hans, {"payment_instrument_id": card}),
        "revokeSession": (hans, {"session_id": session_id}),
    }


async def test_every_mutation_is_done_once_and_answered_alike(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    hans, psp = await shop.sign_in(), await as_back_end(shop)

    for number, (mutation, (sender, given)) in enumerate((await inputs(shop, hans, psp)).items()):
        key = f"{KEY}-{number}"
        first = await again(sender, mutation, key, **given)
        there = await counts(database)
        shop.advance(seconds=1)
        second = await again(sender, mutation, key, **given)
        assert f"{mutation[0].upper()}{mutation[1:]}Success" in first.decode(), mutation
        assert (second, await counts(database)) == (first, there), mutation

    remembered = str([row.outcome for row in await rows(database, models.Repetition)])
    assert "@" not in remembered, "no address"


async def test_a_token_that_is_used_again_under_its_key_is_no_mistake(database: Database) -> None:
    shop = await a_shop(database, registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS)
    form: dict[str, Any] = {"email_address": HANS, "user": {"password": PASSWORD}, "confirmation_base_url": PAGE}
    assert await again(shop, "registerCustomer", **form) == await again(shop, "registerCustomer", **form)
    token = await shop.mailed_token()

    first = await again(shop, "confirmEmailAddress", token=token)

    assert await again(shop, "confirmEmailAddress", token=token) == first
    assert "ConfirmEmailAddressSuccess" in first.decode()
    assert await shop.outcome("confirmEmailAddress", token=token) == "TokenInvalidError"


def test_every_mutation_repeats_or_is_shown_once() -> None:
    assert isinstance(MUTATION, GraphQLObjectType)
    assert REPEATED | SHOWN_ONCE.keys() == MUTATION.fields.keys()


@pytest.mark.parametrize("mutation", SHOWN_ONCE)
@pytest.mark.either_database
async def test_what_is_shown_once_takes_no_key(database: Database, mutation: str) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    hans = await shop.sign_in()
    before = await counts(database)

    answer = json.loads(await again(hans, mutation, **SHOWN_ONCE[mutation]))

    assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == ({mutation: None}, "BAD_USER_INPUT")
    assert await counts(database) == before


async def test_who_signs_out_under_a_key_has_no_session_left_to_ask_by(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    hans, boss = await shop.sign_in(), await as_admin(shop)

    for caller in (hans, boss):
        assert b"SignOutSuccess" in await again(caller, "signOut")
        assert b"UNAUTHENTICATED" in await again(caller, "signOut")


@pytest.mark.parametrize("name", ["another body", "another caller", "another channel's", "another key"])
async def test_a_key_is_of_its_caller_and_of_what_was_asked_for(database: Database, name: str) -> None:
    shop = await a_shop(database)
    erp, other = await as_back_end(shop), await as_back_end(shop)
    await again(erp, "createCustomer", company="A")

    if name == "another body":
        answer = json.loads(await again(erp, "createCustomer", company="B"))
        assert answer["errors"][0]["extensions"]["code"] == "IDEMPOTENCY_CONFLICT"
    else:
        asker, key = (other, KEY) if name == "another caller" else (erp, KEY if name == "same" else f"{KEY}!")
        await again(asker, "createCustomer", key, company="A")
    assert len(await rows(database, models.Customer)) == (1 if name == "another body" else 2)


async def test_strangers_with_the_same_key_learn_nothing_of_one_another(database: Database) -> None:
    shop = await a_shop(database)
    mine: dict[str, Any] = {"email_address": HANS, "user": {"password": PASSWORD}}
    first = await again(shop, "registerCustomer", **mine)

    stranger = json.loads(await again(shop, "registerCustomer", email_address=HANS, user={"password": NEW_PASSWORD}))

    assert stranger["data"]["registerCustomer"]["__typename"] == "EmailAddressTakenError"
    assert await again(shop, "registerCustomer", **mine) == first


async def test_a_failure_is_not_remembered(database: Database) -> None:
    shop = await a_shop(database)
    erp = await as_back_end(shop)
    await erp.do("createCustomer", customer_number="K-1")
    refused = await again(erp, "createCustomer", customer_number="K-1", company="x" * 999)
    assert b"InvalidInputError" in refused
    assert await rows(database, models.Repetition) == []

    assert b"CreateCustomerSuccess" in await again(erp, "createCustomer", customer_number="K-2")


async def test_twins_at_once_do_it_once(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    hans, psp = await shop.sign_in(), await as_back_end(shop)
    [customer] = await rows(database, models.Customer)

    stored = await asyncio.gather(
        *(again(psp, "storePaymentInstrument", **CARD, customer_id=customer.id) for _ in range(8))
    )
    created = await asyncio.gather(*(again(psp, "createCustomer", f"{KEY}2", customer_number="K-1") for _ in range(8)))
    form: dict[str, Any] = {"email_address": "new@corp.com", "user": {"password": PASSWORD}}
    registered = await asyncio.gather(*(again(shop, "registerCustomer", **form) for _ in range(8)))
    added = await asyncio.gather(*(again(hans, "createAddress", address=ADDRESS) for _ in range(8)))

    assert [len(set(answers)) for answers in (stored, created, registered, added)] == [1, 1, 1, 1]
    assert [len(await rows(database, model)) for model in (models.PaymentInstrument, models.Address)] == [1, 1]
    assert len(await rows(database, models.Customer)) == 3


async def test_a_key_is_forgotten_after_a_day(database: Database) -> None:
    shop = await a_shop(database)
    erp = await as_back_end(shop)
    await again(erp, "createCustomer")
    shop.advance(hours=24)

    await again(erp, "createCustomer")
    await again(erp, "createCustomer")

    assert len(await rows(database, models.Customer)) == 2


async def test_what_is_remembered_are_ids_and_hashes(database: Database) -> None:
    shop = await a_shop(database)
    form: dict[str, Any] = {"email_address": HANS, "user": {"password": PASSWORD}}
    await again(shop, "registerCustomer", **form)

    [row] = await rows(database, models.Repetition)
    [customer], [user] = await rows(database, models.Customer), await rows(database, models.User)
    assert row.outcome == {
        "type": "RegisterCustomerSuccess",
        "ids": {"confirmation_required": False, "customer_id": customer.id, "user_id": user.id},
    }
    assert not {KEY, HANS, PASSWORD} & set(str(row).split())


@pytest.mark.parametrize("end", ["another password", "signed out everywhere"])
async def test_a_registration_reads_as_the_user_until_all_sessions_end(database: Database, end: str) -> None:
    shop = await a_shop(database)
    form: dict[str, Any] = {"email_address": HANS, "user": {"password": PASSWORD}}
    first = await again(shop, "registerCustomer", **form)
    assert await again(shop, "registerCustomer", **form) == first
    hans = await shop.sign_in()

    if end == "another password":
        await hans.do("updatePassword", current_password=PASSWORD, new_password=NEW_PASSWORD)
    else:
        await hans.do("signOut", everywhere=True)

    answer = json.loads(await again(shop, "registerCustomer", **form))
    assert answer["data"] == {"registerCustomer": None}
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert len(await rows(database, models.User)) == 1


async def test_a_user_has_so_many_keys_a_day_and_a_back_end_as_many_as_it_needs(database: Database) -> None:
    shop = await a_shop(database)
    user_id = (await a_user(shop.context, HANS)).user_id
    hans, erp = await shop.sign_in(), await as_back_end(shop)
    [key] = await rows(database, models.ApiKey)
    first = await again(hans, "updateUser", first_name="Hans")
    async with database.unit_of_work() as session:
        session.add_all(
            models.Repetition(
                key_hmac=f"{caller_id}{number}".encode(),
                channel_id=shop.context.channel_id,
                caller_id=caller_id,
                body_hmac=b"",
                outcome={},
                done_at=shop.context.clock.now() - timedelta(hours=number == 0),
            )
            for caller_id in (user_id, key.id)
            for number in range(MOST - 1)
        )

    refused = json.loads(await again(hans, "updateUser", f"{KEY}2", first_name="Johann"))

    assert refused["data"] == {"updateUser": None}
    told = refused["errors"][0]["extensions"]
    assert (told["code"], told["retryAfterSeconds"]) == ("RATE_LIMITED", 23 * 3600)
    assert await again(hans, "updateUser", first_name="Hans") == first, "what was done is still told"
    assert b"CreateCustomerSuccess" in await again(erp, "createCustomer")
    shop.advance(hours=23)
    assert b"UpdateUserSuccess" in await again(hans, "updateUser", f"{KEY}2", first_name="Johann")


async def test_what_was_done_is_told_while_others_write(database: Database) -> None:
    shop = await a_shop(database)
    erp = await as_back_end(shop)
    first = await again(erp, "createCustomer")

    async with asyncio.timeout(60), database.unit_of_work() as session:
        session.add(customer((await session.exec(select(models.Channel))).one()))
        await session.flush()
        assert await again(erp, "createCustomer") == first


async def test_a_key_is_known_again_when_the_secret_key_is_replaced(database: Database) -> None:
    shop = await a_shop(database)
    erp = await as_back_end(shop)
    first = await under(erp, {}).bytes_of("createCustomer")

    assert await under(erp, {}, secrets=(b"n" * 32, *SECRETS)).bytes_of("createCustomer") == first
    assert len(await rows(database, models.Customer)) == 1


async def test_an_admin_who_has_lost_the_scope_is_told_nothing(database: Database) -> None:
    shop = await a_shop(database)
    boss = await as_admin(shop)
    await again(boss, "createCustomer")
    async with database.unit_of_work() as session:
        admin = (await rows(database, models.Admin))[0]
        admin.scopes = ["CUSTOMERS_READ"]
        session.add(admin)

    assert b"FORBIDDEN" in await again(boss, "createCustomer")


async def test_what_was_done_and_is_gone_is_told_in_words(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    hans = await shop.sign_in()
    await again(hans, "createAddress", address=ADDRESS)
    [address] = await rows(database, models.Address)
    await hans.do("deleteAddress", address_id=address.id)

    answer = json.loads(await again(hans, "createAddress", address=ADDRESS))

    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert await rows(database, models.Address) == []


async def test_who_signs_out_of_one_session_has_not_signed_out_of_another(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    one, other = await shop.sign_in(), await shop.sign_in()

    assert b"SignOutSuccess" in await again(one, "signOut")
    assert b"SignOutSuccess" in await again(other, "signOut")
    assert await rows(database, models.Session) == []
