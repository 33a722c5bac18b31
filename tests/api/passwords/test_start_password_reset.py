from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from db import models
from db.enums import MailKind, MailState
from resolvers.mails.letter import Theme
from tests.api.services import a_user, change, rows
from tests.api.signing_in import HANS, PAGE, Shop, a_shop

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio


async def ask(shop: Shop, email_address: str = HANS, page: str = PAGE) -> str:
    return await shop.outcome("startPasswordReset", email_address=email_address, confirmation_base_url=page)


async def test_the_user_is_mailed_a_link_to_the_page(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)

    answered = await shop.do("startPasswordReset", email_address="HANS.muster@CORP.com", confirmation_base_url=PAGE)

    assert answered == {"__typename": "StartPasswordResetSuccess", "emailAddress": "HANS.muster@corp.com"}
    [letter] = await shop.posted()
    assert (letter.theme, letter.receiver) == (Theme.RESET_PASSWORD, HANS), "the stored address, not the typed one"
    assert letter.expires_at == shop.context.clock.now() + timedelta(minutes=60)
    assert letter.link
    assert letter.link.startswith(f"{PAGE}?")
    assert [name for name, _value in parse_qsl(urlsplit(letter.link).query)] == ["token"]


async def test_asking_writes_one_mail_and_finds_out_nothing(database: Database) -> None:
    shop = await a_shop(database)

    await ask(shop, "nobody@corp.com")

    [mail] = await rows(database, models.Mail)
    assert (mail.kind, mail.state, mail.user_id) == (MailKind.PASSWORD_RESET, MailState.QUEUED, None)
    assert await rows(database, models.MailedToken) == []


async def test_nobody_is_mailed_where_there_is_no_user(database: Database) -> None:
    shop, other = await a_shop(database), await a_shop(database, code="other")
    await a_user(other.context, HANS)

    assert await ask(shop) == "StartPasswordResetSuccess"

    assert await shop.posted() == []
    [mail] = await rows(database, models.Mail)
    assert (mail.state, mail.ended_at) == (MailState.DROPPED, shop.context.clock.now())


async def test_a_disabled_user_gets_no_mail(database: Database) -> None:
    shop = await a_shop(database)
    created = await a_user(shop.context, HANS)
    await change(database, models.User, created.user_id, enabled=False)

    assert await ask(shop) == "StartPasswordResetSuccess"

    assert await shop.posted() == []
    assert await rows(database, models.MailedToken) == []


async def test_whoever_has_no_password_yet_can_choose_one(database: Database) -> None:
    shop = await a_shop(database)
    created = await a_user(shop.context, HANS)
    await change(database, models.User, created.user_id, password_hash=None)

    await ask(shop)

    assert [letter.theme for letter in await shop.posted()] == [Theme.RESET_PASSWORD]


async def test_what_counts_is_who_is_there_when_the_mail_is_sent(database: Database) -> None:
    shop = await a_shop(database)
    created = await a_user(shop.context, HANS)
    await ask(shop)
    await change(database, models.User, created.user_id, enabled=False)

    assert await shop.posted() == []


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("email_address", "code"),
    [("", "REQUIRED"), ("hans", "INVALID"), ("a@evil.com(@corp.com", "INVALID"), ("a@corp.com,b@corp.com", "INVALID")],
)
async def test_what_is_no_address_is_told(database: Database, email_address: str, code: str) -> None:
    shop = await a_shop(database)

    refused = await shop.do("startPasswordReset", email_address=email_address, confirmation_base_url=PAGE)

    assert refused["__typename"] == "InvalidInputError"
    [violation] = refused["violations"]
    assert (violation["field"], violation["code"]) == (["emailAddress"], code)
    assert await rows(database, models.Mail) == []


@pytest.mark.either_database
@pytest.mark.parametrize(
    "page",
    ["", "https://evil.com/", "https://shop.example.evil.com/", "https://evil.com\\@shop.example/", f"{PAGE}?token=x"],
)
async def test_a_link_never_leads_off_the_pages_of_the_shop(database: Database, page: str) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    tries = await rows(database, models.Throttle)

    assert await ask(shop, page=page) == "ConfirmationBaseUrlNotAllowedError"

    assert await rows(database, models.Mail) == []
    assert await rows(database, models.Throttle) == tries


async def test_a_shop_that_names_no_pages_mails_no_links(database: Database) -> None:
    shop = await a_shop(database, landing_pages={})

    assert await ask(shop) == "ConfirmationBaseUrlNotAllowedError"


async def test_an_address_is_mailed_three_times_an_hour_and_nobody_is_told(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)

    assert {await ask(shop) for _ in range(10)} == {"StartPasswordResetSuccess"}

    assert len(await rows(database, models.Mail)) == 3


async def test_a_network_that_asks_for_too_many_is_told(database: Database) -> None:
    shop = await a_shop(database)
    for number in range(20):
        await ask(shop, f"{number}@corp.com")

    limited = await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)

    assert (limited["__typename"], limited["retryAfterSeconds"]) == ("RateLimitedError", 3600)
    assert len(await rows(database, models.Mail)) == 20
    assert await ask(shop.by(ip_address="192.0.2.2")) == "StartPasswordResetSuccess"


async def test_whoever_is_locked_out_can_still_reset_the_password(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    for _ in range(6):
        await shop.do("authenticate", username=HANS, password="wrong")

    await ask(shop)

    assert [letter.theme for letter in await shop.posted()] == [Theme.RESET_PASSWORD]


@pytest.mark.parametrize("used", [0, 1], ids=["older", "newer"])
async def test_older_links_work_until_one_of_them_is_used(database: Database, used: int) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    tokens = []
    for _ in range(2):
        await ask(shop)
        tokens.append(await shop.mailed_token())
        shop.advance(seconds=1)

    outcomes = [
        await shop.outcome("finishPasswordReset", token=token, password="seven purple elephants")
        for token in (tokens[used], tokens[1 - used])
    ]

    assert outcomes == ["FinishPasswordResetSuccess", "TokenInvalidError"]
