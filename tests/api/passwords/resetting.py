"""The home of what the tests of passwords share: a user who was mailed a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db import models
from tests.api.services import a_user, rows
from tests.api.signing_in import HANS, NEW_PASSWORD, PAGE, Shop, a_shop

if TYPE_CHECKING:
    from db.engine import Database


async def a_reset(database: Database, **settings: Any) -> tuple[Shop, str]:
    """Return a shop whose user Hans was mailed a token, and the token."""
    shop = await a_shop(database, **settings)
    await a_user(shop.context, HANS)
    return shop, await a_token(shop)


async def a_token(shop: Shop, email_address: str = HANS) -> str:
    await shop.posted()
    await shop.do("startPasswordReset", email_address=email_address, confirmation_base_url=PAGE)
    return await shop.mailed_token()


async def reset(shop: Shop, token: str, password: str = NEW_PASSWORD) -> str:
    return await shop.outcome("finishPasswordReset", token=token, password=password)


async def the_user(database: Database) -> models.User:
    [user] = await rows(database, models.User)
    return user


async def the_account(database: Database) -> models.Account:
    [account] = await rows(database, models.Account)
    return account
