from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from db import models
from db.enums import RegistrationPolicy
from tests.api.services import PASSWORD, a_user, change, rows
from tests.api.signing_in import HANS, NEW_PASSWORD, PAGE, a_shop

if TYPE_CHECKING:
    from db.engine import Database

from tests.api.email_addresses.confirming import a_move, a_registration, confirm, everything, register

pytestmark = pytest.mark.anyio


async def test_a_registration_becomes_a_customer_who_can_sign_in(database: Database) -> None:
    shop, token = await a_registration(database)
    assert await shop.outcome("authenticate", username=HANS, password=PASSWORD) == "EmailAddressNotConfirmedError"
    assert await rows(database, models.Customer) == []

    found = await shop.do("confirmEmailAddress", token=token)

    assert found == {"__typename": "ConfirmEmailAddressSuccess", "emailAddress": HANS}
    [user], [customer] = await rows(database, models.User), await rows(database, models.Customer)
    assert (user.email_address, customer.email_address, user.customer_id) == (HANS, HANS, customer.id)
    assert user.confirmed_at == shop.context.clock.now()
    assert await rows(database, models.Registration) == []
    assert await shop.outcome("authenticate", username=HANS, password=PASSWORD) == "AuthenticateSuccess"


async def test_nobody_is_signed_in_by_confirming(database: Database) -> None:
    shop, token = await a_registration(database)

    assert b"token" not in await shop.bytes_of("confirmEmailAddress", token=token)

    assert await rows(database, models.Session) == []


async def test_a_token_serves_once(database: Database) -> None:
    shop, token = await a_registration(database)

    assert [await confirm(shop, token) for _ in range(2)] == ["ConfirmEmailAddressSuccess", "TokenInvalidError"]


async def test_of_those_who_confirm_at_once_one_wins(database: Database) -> None:
    shop, token = await a_registration(database)

    outcomes = await asyncio.gather(*(confirm(shop, token) for _ in range(16)))

    assert sorted(outcomes) == ["ConfirmEmailAddressSuccess"] + ["TokenInvalidError"] * 15
    assert len(await rows(database, models.Customer)) == 1


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        ({"hours": 24, "seconds": -1}, "ConfirmEmailAddressSuccess"),
        ({"hours": 24}, "TokenExpiredError"),
        ({"days": 6}, "TokenExpiredError"),
    ],
)
async def test_a_token_serves_for_a_day(database: Database, after: dict[str, float], outcome: str) -> None:
    shop, token = await a_registration(database)
    shop.advance(**after)

    assert await confirm(shop, token) == outcome


async def test_a_newer_registration_takes_the_place_of_the_older_one(database: Database) -> None:
    shop, squatters = await a_registration(database)
    shop.advance(seconds=1)
    await register(shop, password=NEW_PASSWORD)

    assert await confirm(shop, squatters) == "TokenInvalidError"
    assert await rows(database, models.Customer) == []

    assert await confirm(shop, await shop.mailed_token()) == "ConfirmEmailAddressSuccess"
    assert await shop.outcome("authenticate", username=HANS, password=PASSWORD) == "BadCredentialsError"
    assert await shop.outcome("authenticate", username=HANS, password=NEW_PASSWORD) == "AuthenticateSuccess"


async def test_an_address_that_was_taken_meanwhile_leaves_a_registration_as_it_was(database: Database) -> None:
    shop, token = await a_registration(database)
    await change(database, models.Channel, shop.context.channel_id, registration=RegistrationPolicy.OPEN)
    await a_user(shop.context, HANS)
    before = await everything(database)

    assert await confirm(shop, token) == "EmailAddressTakenError"

    assert await everything(database) == before


async def test_a_user_proves_the_address_that_counts_already(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    hans = await shop.sign_in()
    await shop.do("resendConfirmation", email_address=HANS, confirmation_base_url=PAGE)

    assert await confirm(shop, await shop.mailed_token()) == "ConfirmEmailAddressSuccess"

    [user] = await rows(database, models.User)
    assert user.confirmed_at == shop.context.clock.now()
    assert await hans.is_signed_in()


async def test_a_disabled_user_proves_nothing(database: Database) -> None:
    hans, token = await a_move(database)
    [user] = await rows(database, models.User)
    await change(database, models.User, user.id, enabled=False)
    before = await everything(database)

    assert await confirm(hans, token) == "TokenInvalidError"

    assert await everything(database) == before


async def test_a_token_is_good_in_its_channel_and_for_its_purpose_only(database: Database) -> None:
    shop, token = await a_registration(database)
    other = await a_shop(database, code="other")
    await a_user(other.context, HANS)
    await other.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)
    reset = await other.mailed_token()

    assert await confirm(other, token) == "TokenInvalidError"
    assert await confirm(other, reset) == "TokenInvalidError"
    assert await shop.outcome("finishPasswordReset", token=token, password=NEW_PASSWORD) == "TokenInvalidError"
    assert await confirm(shop, token) == "ConfirmEmailAddressSuccess"


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "' OR 1=1 --", "x" * 60_000])
async def test_a_strange_token_is_an_unknown_one(database: Database, token: str) -> None:
    shop, _token = await a_registration(database)

    assert await confirm(shop, token) == "TokenInvalidError"


async def test_tokens_are_tried_a_hundred_times_an_hour_and_right_ones_count_nothing(database: Database) -> None:
    shop, token = await a_registration(database)
    for number in range(99):
        await confirm(shop, f"guess {number}")
    assert await confirm(shop, token) == "ConfirmEmailAddressSuccess"

    assert await confirm(shop, "guess") == "TokenInvalidError"
    assert await confirm(shop, "guess") == "RateLimitedError"
