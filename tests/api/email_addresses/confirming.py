"""The home of what the tests of e-mail addresses share: who was mailed a link, and who follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db import models
from db.enums import RegistrationPolicy
from tests.api.services import PASSWORD, a_user, rows
from tests.api.signing_in import HANS, PAGE, Shop, a_shop

if TYPE_CHECKING:
    from sqlmodel import SQLModel

    from db.engine import Database


MOVED = "hans@elsewhere.com"


CONFIRMING = {"registration": RegistrationPolicy.CONFIRM_EMAIL_ADDRESS}


async def register(shop: Shop, email_address: str = HANS, password: str = PASSWORD, **given: Any) -> str:
    return await shop.outcome(
        "registerCustomer",
        email_address=email_address,
        user={"password": password},
        confirmation_base_url=PAGE,
        **given,
    )


async def confirm(shop: Shop, token: str) -> str:
    return await shop.outcome("confirmEmailAddress", token=token)


async def a_registration(database: Database) -> tuple[Shop, str]:
    """Return a shop where Hans has registered and nothing is confirmed, and the token that he was mailed."""
    shop = await a_shop(database, **CONFIRMING)
    await register(shop)
    return shop, await shop.mailed_token()


async def a_move(database: Database, **settings: Any) -> tuple[Shop, str]:
    """Return a shop for the requests of Hans, who wants to move, and the token that the new address was mailed."""
    shop = await a_shop(database, **settings)
    await a_user(shop.context, HANS)
    hans = await shop.sign_in()
    await hans.do("changeEmailAddress", email_address=MOVED, current_password=PASSWORD, confirmation_base_url=PAGE)
    return hans, await shop.mailed_token()


async def everything(database: Database) -> list[SQLModel]:
    """Return all that a confirmation could change, except how often it was tried."""
    tables = (models.User, models.Customer, models.Registration, models.Session, models.MailedToken, models.Mail)
    return [row for table in tables for row in await rows(database, table)]
