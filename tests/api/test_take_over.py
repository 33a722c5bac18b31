"""Nobody who once knew a password, or fills in somebody's address, keeps or gets an account by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.enums import MailState, RegistrationPolicy
from db.models import Mail
from resolvers.mails.composing import Keys, compose
from resolvers.throttles import Limits
from tests.api.services import PASSWORD, rows
from tests.api.signing_in import HANS, KEYS, NEW_PASSWORD, PAGE, a_shop, token_of

if TYPE_CHECKING:
    from db.engine import Database
    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio

EVIL = "eve@evil.com"


async def a_shop_with_hans(database: Database) -> Shop:
    shop = await a_shop(database)
    assert await shop.outcome("registerCustomer", email_address=HANS, user={"password": PASSWORD})
    return shop


async def asked_to_move(shop: Shop) -> str:
    """Ask, signed in by the password, for another address; return the token that is mailed there."""
    eve = await shop.sign_in()
    found = await eve.outcome(
        "changeEmailAddress", email_address=EVIL, current_password=PASSWORD, confirmation_base_url=PAGE
    )
    assert found == "ChangeEmailAddressSuccess"
    [link] = [letter.link for letter in await shop.posted() if letter.link]
    return token_of(link)


async def test_an_owner_who_resets_the_password_calls_off_a_change_of_address(database: Database) -> None:
    shop = await a_shop_with_hans(database)
    of_eve = await asked_to_move(shop)

    await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)
    reset = await shop.outcome("finishPasswordReset", token=await shop.mailed_token(), password=NEW_PASSWORD)

    assert reset == "FinishPasswordResetSuccess"
    assert await shop.outcome("confirmEmailAddress", token=of_eve) == "TokenInvalidError"
    assert await shop.outcome("authenticate", username=HANS, password=NEW_PASSWORD) == "AuthenticateSuccess"


async def test_an_owner_who_changes_the_password_calls_off_a_change_of_address(database: Database) -> None:
    shop = await a_shop_with_hans(database)
    of_eve = await asked_to_move(shop)

    hans = await shop.sign_in()
    changed = await hans.outcome("updatePassword", current_password=PASSWORD, new_password=NEW_PASSWORD)

    assert changed == "UpdatePasswordSuccess"
    assert await shop.outcome("confirmEmailAddress", token=of_eve) == "TokenInvalidError"


async def test_the_owner_is_told_of_a_change_of_address_also_where_mails_are_too_many(database: Database) -> None:
    shop = await a_shop_with_hans(database)
    shop = shop.by(limits=Limits(mails_per_address=1))
    await asked_to_move(shop)

    await (await shop.sign_in()).outcome(
        "changeEmailAddress", email_address=EVIL, current_password=PASSWORD, confirmation_base_url=PAGE
    )

    assert [letter.receiver for letter in await shop.posted()] == [HANS]


async def test_asking_whether_addresses_are_taken_is_counted_per_network(database: Database) -> None:
    shop = (await a_shop_with_hans(database)).by(limits=Limits(tries_per_network=3))

    asked = [await shop.outcome("registerCustomer", email_address=HANS, user={"password": PASSWORD}) for _ in range(4)]

    assert asked == [*["EmailAddressTakenError"] * 3, "RateLimitedError"]


async def test_who_knows_the_password_of_an_unconfirmed_account_never_has_to_wait(database: Database) -> None:
    shop = await a_shop(database, registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS)
    await shop.do("registerCustomer", email_address=HANS, user={"password": PASSWORD}, confirmation_base_url=PAGE)

    asked = {await shop.outcome("authenticate", username=HANS, password=PASSWORD) for _ in range(12)}

    assert asked == {"EmailAddressNotConfirmedError"}


async def test_a_mail_whose_key_is_gone_ends(database: Database) -> None:
    shop = await a_shop_with_hans(database)
    await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)
    [mail] = await rows(database, Mail)
    async with shop.database.unit_of_work() as session:
        assert await compose(session, mail.id, KEYS, shop.context.clock.now())

    assert await shop.posted(Keys([b"another key of thirty-two bytes."])) == []

    [mail] = await rows(database, Mail)
    assert mail.state is MailState.GIVEN_UP
    assert mail.problem
