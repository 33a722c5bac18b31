"""The home of who reads the mails of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db import models
from db.enums import RegistrationPolicy
from tests.api.services import PASSWORD, a_user, change, rows
from tests.api.signing_in import HANS, PAGE, Shop

if TYPE_CHECKING:
    from resolvers.mails.letter import Letter


async def a_registration(
    shop: Shop, first_name: str = "Hans", password: str = PASSWORD, network: str = "192.0.2.99"
) -> None:
    """Have Hans register, as if it had to be confirmed, and empty the outbox."""
    policy = RegistrationPolicy.CONFIRM_EMAIL_ADDRESS
    await change(shop.database, models.Channel, shop.context.channel_id, registration=policy)
    given: Any = {"email_address": HANS, "confirmation_base_url": PAGE, "first_name": first_name}
    registering = shop.by(ip_address=network)
    assert await registering.outcome("registerCustomer", **given, user={"password": password}) == (
        "RegisterCustomerSuccess"
    )
    async with shop.database.unit_of_work() as session:
        for mail in await rows(shop.database, models.Mail):
            await session.delete(mail)


async def an_account(shop: Shop, email_address: str = HANS, **columns: Any) -> str:
    created = await a_user(shop.context, email_address)
    await change(shop.database, models.User, created.user_id, **{"first_name": "Hans", "last_name": "Müster"} | columns)
    return created.user_id


def link_of(letter: Letter | None) -> str:
    assert letter
    assert letter.link
    return letter.link
