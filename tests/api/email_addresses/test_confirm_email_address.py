from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from db import models
from db.enums import MailState, RegistrationPolicy
from tests.api.mails.outgoing import composed
from tests.api.services import PASSWORD, a_user, change, rows
from tests.api.signing_in import HANS, NEW_PASSWORD, PAGE, a_shop

if TYPE_CHECKING:
    from db.engine import Database

from tests.api.email_addresses.confirming import CONFIRMING, a_move, a_registration, confirm, everything, register

pytestmark = pytest.mark.anyio


async def test_a_registration_becomes_a_customer_who_can_sign_in(database: Database) -> None:
    shop, token = await a_registration(database)
    assert await shop.outcome("authenticate", username=HANS, password=PASSWORD) == "EmailAddressNotConfirmedError"
    assert await rows(database, models.Customer) == []

    found = await shop.do("confirmEmailAddress", token=token)

    assert found == {"__typename": "ConfirmEmailAddressSuccess", "emailAddress": HANS}
    [user], [customer] = await rows(database, models.User), await rows(database, models.Customer)
    [account] = await rows(database, models.Account)
    assert (account.email_address, customer.email_address, user.customer_id) == (HANS, HANS, customer.id)
    assert account.confirmed_at == shop.context.clock.now()
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


THREE = ("one of three passwords", "two of three passwords", "three of three passwords")


@pytest.mark.parametrize("followed", range(3))
async def test_of_three_registrations_each_has_its_link_and_confirming_one_deletes_the_others(
    database: Database, followed: int
) -> None:
    shop = await a_shop(database, **CONFIRMING)
    tokens = []
    for number, password in enumerate(THREE):
        await register(shop.by(ip_address=f"192.0.2.{number}"), password=password, first_name=f"{number}")
        tokens.append(await shop.mailed_token())

    assert await confirm(shop, tokens.pop(followed)) == "ConfirmEmailAddressSuccess"

    assert [await confirm(shop, token) for token in tokens] == ["TokenInvalidError"] * 2
    assert await rows(database, models.Registration) == []
    [user] = await rows(database, models.User)
    assert user.first_name == f"{followed}"
    outcomes = [await shop.outcome("authenticate", username=HANS, password=password) for password in THREE]
    assert [at for at, outcome in enumerate(outcomes) if outcome == "AuthenticateSuccess"] == [followed]


async def test_of_three_registrations_that_are_confirmed_at_once_one_becomes_a_customer(database: Database) -> None:
    shop = await a_shop(database, **CONFIRMING)
    tokens = []
    for password in THREE:
        await register(shop, password=password)
        tokens.append(await shop.mailed_token())

    outcomes = await asyncio.gather(*(confirm(shop, token) for token in tokens * 4))

    assert sorted(outcomes) == ["ConfirmEmailAddressSuccess"] + ["TokenInvalidError"] * 11
    assert len(await rows(database, models.Customer)) == 1


async def test_a_mail_of_another_registration_that_is_tried_again_brings_no_dead_link(database: Database) -> None:
    shop, token = await a_registration(database)
    await register(shop, password=NEW_PASSWORD)
    [other] = [mail for mail in await rows(database, models.Mail) if mail.state is MailState.QUEUED]
    assert await composed(shop, other.id)

    assert await confirm(shop, token) == "ConfirmEmailAddressSuccess"

    assert await composed(shop, other.id) is None


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

    [account] = await rows(database, models.Account)
    assert account.confirmed_at == shop.context.clock.now()
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
