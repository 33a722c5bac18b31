"""What a page may know of a token before anybody types a password is what finishPasswordReset would make of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from tests.api.services import a_user, change, rows
from tests.api.signing_in import HANS, NEW_PASSWORD, PAGE, Shop, a_shop

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio

NO_GOOD = {"valid": False, "expiresAt": None, "emailAddress": None}


async def status(shop: Shop, token: str) -> Any:
    document = "query($token: String!) { passwordResetToken(token: $token) { valid expiresAt emailAddress } }"
    return json.loads(await shop.body(document, {"token": token}))["data"]["passwordResetToken"]


async def a_reset(database: Database) -> tuple[Shop, str]:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)
    return shop, await shop.mailed_token()


async def test_a_good_token_tells_whose_password_it_sets_and_until_when(database: Database) -> None:
    shop, token = await a_reset(database)

    assert await status(shop, token) == {"valid": True, "expiresAt": "2024-02-29T13:00:01Z", "emailAddress": HANS}


async def test_looking_at_a_token_does_not_use_it_up(database: Database) -> None:
    shop, token = await a_reset(database)
    for _ in range(3):
        await status(shop, token)

    assert await shop.outcome("finishPasswordReset", token=token, password=NEW_PASSWORD) == "FinishPasswordResetSuccess"
    assert await status(shop, token) == NO_GOOD


@pytest.mark.either_database
@pytest.mark.parametrize("token", ["", "x", "\ud800", "x" * 40_000])
async def test_a_strange_token_is_no_good(database: Database, token: str) -> None:
    shop, _token = await a_reset(database)

    assert await status(shop, token) == NO_GOOD


async def test_an_expired_token_is_no_good(database: Database) -> None:
    shop, token = await a_reset(database)
    shop.advance(minutes=60)

    assert await status(shop, token) == NO_GOOD


@pytest.mark.parametrize("columns", [{"enabled": False}, {"email_address": "hans@elsewhere.com"}])
async def test_a_token_is_no_good_where_finishing_would_refuse_it(database: Database, columns: dict[str, Any]) -> None:
    shop, token = await a_reset(database)
    [user] = await rows(database, models.User)
    await change(database, models.User, user.id, **columns)

    assert await status(shop, token) == NO_GOOD
    assert await shop.outcome("finishPasswordReset", token=token, password=NEW_PASSWORD) == "TokenInvalidError"


async def test_a_token_of_another_channel_or_purpose_is_no_good(database: Database) -> None:
    shop, token = await a_reset(database)
    other = await a_shop(database, code="other")
    await shop.do("resendConfirmation", email_address=HANS, confirmation_base_url=PAGE)

    assert await status(other, token) == NO_GOOD
    assert await status(shop, await shop.mailed_token()) == NO_GOOD
