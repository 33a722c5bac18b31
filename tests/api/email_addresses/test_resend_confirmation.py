from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db import models
from db.enums import MailState, RegistrationPolicy
from resolvers.mails.letter import Theme
from tests.api.services import PASSWORD, a_user, change, rows
from tests.api.signing_in import HANS, PAGE, Shop, a_shop

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio


async def ask(shop: Shop, email_address: str = HANS, page: str = PAGE) -> str:
    return await shop.outcome("resendConfirmation", email_address=email_address, confirmation_base_url=page)


async def a_registration(database: Database) -> Shop:
    shop = await a_shop(database, registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS)
    await shop.do("registerCustomer", email_address=HANS, user={"password": PASSWORD}, confirmation_base_url=PAGE)
    return shop


@pytest.mark.parametrize("used", [0, 1], ids=["former", "newer"])
async def test_the_link_is_mailed_again_and_the_former_one_stays_good(database: Database, used: int) -> None:
    shop = await a_registration(database)
    former = await shop.mailed_token()

    answered = await shop.do("resendConfirmation", email_address="Hans.Muster@CORP.com", confirmation_base_url=PAGE)

    assert answered == {"__typename": "ResendConfirmationSuccess", "emailAddress": "Hans.Muster@corp.com"}
    tokens = [former, await shop.mailed_token()]
    assert await shop.outcome("confirmEmailAddress", token=tokens[used]) == "ConfirmEmailAddressSuccess"
    assert await shop.outcome("confirmEmailAddress", token=tokens[1 - used]) == "TokenInvalidError"


async def test_a_user_whose_address_is_not_proved_is_mailed(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)

    await ask(shop)

    assert [(letter.theme, letter.receiver) for letter in await shop.posted()] == [(Theme.CONFIRM_ADDRESS, HANS)]


@pytest.mark.parametrize("columns", [{"enabled": False}, {"confirmed_at": True}], ids=["disabled", "confirmed"])
async def test_nobody_is_mailed_who_has_nothing_to_prove(database: Database, columns: dict[str, object]) -> None:
    shop = await a_shop(database)
    created = await a_user(shop.context, HANS)
    now = shop.context.clock.now()
    await change(database, models.User, created.user_id, **{name: value and now for name, value in columns.items()})

    assert await ask(shop) == "ResendConfirmationSuccess"

    assert await shop.posted() == []
    assert [mail.state for mail in await rows(database, models.Mail)] == [MailState.DROPPED]


async def test_nobody_is_mailed_where_nobody_is(database: Database) -> None:
    shop, other = await a_shop(database), await a_shop(database, code="other")
    await a_user(other.context, HANS)

    assert await ask(shop) == "ResendConfirmationSuccess"

    assert await shop.posted() == []


@pytest.mark.parametrize(("email_address", "code"), [("", "REQUIRED"), ("hans@corp", "INVALID")])
async def test_what_is_no_address_is_told(database: Database, email_address: str, code: str) -> None:
    shop = await a_shop(database)

    refused = await shop.do("resendConfirmation", email_address=email_address, confirmation_base_url=PAGE)

    assert refused["__typename"] == "InvalidInputError"
    assert [violation["code"] for violation in refused["violations"]] == [code]


async def test_a_link_never_leads_off_the_pages_of_the_shop(database: Database) -> None:
    shop = await a_registration(database)

    assert await ask(shop, page="https://evil.com/account") == "ConfirmationBaseUrlNotAllowedError"
    assert len(await shop.posted()) == 1, "that of the registration"


async def test_an_address_is_mailed_three_times_an_hour_beside_the_mail_of_the_registration(database: Database) -> None:
    shop = await a_registration(database)

    assert {await ask(shop) for _ in range(10)} == {"ResendConfirmationSuccess"}

    assert len(await rows(database, models.Mail)) == 1 + 3


async def test_a_network_that_asks_for_too_many_is_told(database: Database) -> None:
    shop = await a_shop(database)
    for number in range(20):
        await ask(shop, f"{number}@corp.com")

    assert await ask(shop) == "RateLimitedError"
