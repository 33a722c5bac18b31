"""Nobody who once knew a password, or fills in somebody's address, keeps or gets an account by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.enums import RegistrationPolicy
from db.models import Mail, Registration
from resolvers.mails.composition import KeyGoneError, Keys, compose
from resolvers.mails.letter import Theme
from resolvers.throttling.counters import TryLimits
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


async def test_the_owner_is_told_also_where_the_new_address_gets_too_many_mails(database: Database) -> None:
    shop = (await a_shop_with_hans(database)).by(limits=TryLimits(mails_per_address=1))
    await shop.do("registerCustomer", email_address="otto@corp.com", user={"password": PASSWORD})

    for owner in ("otto@corp.com", HANS):
        await (await shop.sign_in(owner)).do(
            "changeEmailAddress", email_address=EVIL, current_password=PASSWORD, confirmation_base_url=PAGE
        )

    assert sorted(letter.receiver for letter in await shop.posted()) == [EVIL, HANS, "otto@corp.com"]


async def test_registering_is_counted_per_network_whether_addresses_are_taken_or_not(database: Database) -> None:
    shop = (await a_shop_with_hans(database)).by(limits=TryLimits(tries_per_network=3), ip_address="192.0.2.99")
    addresses = [HANS, "free@corp.com", HANS, "free.too@corp.com", HANS]

    asked = [await shop.outcome("registerCustomer", email_address=to, user={"password": PASSWORD}) for to in addresses]

    assert asked == [
        "EmailAddressTakenError",
        "RegisterCustomerSuccess",
        "EmailAddressTakenError",
        "RateLimitedError",
        "RateLimitedError",
    ]


async def test_who_registers_an_address_and_signs_in_does_not_learn_whose_it_is(database: Database) -> None:
    shop = await a_shop(database, registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS)
    await shop.do("registerCustomer", email_address=HANS, user={"password": PASSWORD}, confirmation_base_url=PAGE)
    await shop.do("confirmEmailAddress", token=await shop.mailed_token())

    answers = []
    for address in (HANS, "nobody.there@corp.com"):
        for posted in (False, True):
            await shop.do(
                "registerCustomer", email_address=address, user={"password": NEW_PASSWORD}, confirmation_base_url=PAGE
            )
            if posted:
                await shop.posted()
            answers.append(await shop.bytes_of("authenticate", username=address, password=NEW_PASSWORD))

    assert len(set(answers)) == 1
    assert b"EmailAddressNotConfirmedError" in answers[0]
    assert await shop.outcome("authenticate", username=HANS, password=PASSWORD) == "AuthenticateSuccess"


async def test_a_password_that_was_only_registered_earns_no_guesses(database: Database) -> None:
    shop = await a_shop(database, registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS)
    await shop.do("registerCustomer", email_address=HANS, user={"password": PASSWORD}, confirmation_base_url=PAGE)

    asked = [await shop.outcome("authenticate", username=HANS, password=PASSWORD) for _ in range(6)]

    assert asked == [*["EmailAddressNotConfirmedError"] * 5, "RateLimitedError"]


async def test_a_registration_stays_whatever_strangers_fill_in_after_it(database: Database) -> None:
    shop = await a_shop(database, registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS)

    async def register(password: str, ip_address: str) -> None:
        given = {"email_address": HANS, "user": {"password": password}, "confirmation_base_url": PAGE}
        assert await shop.by(ip_address=ip_address).outcome("registerCustomer", **given) == "RegisterCustomerSuccess"

    await register(PASSWORD, "192.0.2.1")
    shop.advance(seconds=1)
    for number in range(20):
        await register(NEW_PASSWORD, f"198.51.100.{number % 3}")

    [mine, *others] = await shop.posted()
    assert (len(await rows(database, Registration)), len(others)) == (3, 2)
    assert mine.link
    assert await shop.outcome("authenticate", username=HANS, password=PASSWORD) == "EmailAddressNotConfirmedError"
    assert await shop.outcome("confirmEmailAddress", token=token_of(mine.link)) == "ConfirmEmailAddressSuccess"
    assert await shop.outcome("authenticate", username=HANS, password=PASSWORD) == "AuthenticateSuccess"


async def test_a_link_can_be_asked_for_again_by_who_filled_in_the_form_also_beside_strangers(
    database: Database,
) -> None:
    shop = await a_shop(database, registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS)
    for number, password in enumerate((PASSWORD, NEW_PASSWORD)):
        given = {"email_address": HANS, "user": {"password": password}, "confirmation_base_url": PAGE}
        await shop.by(ip_address=f"192.0.2.{number}").do("registerCustomer", **given)
    await shop.posted()
    shop.advance(days=2)

    await shop.by(ip_address="192.0.2.0").do("resendConfirmation", email_address=HANS, confirmation_base_url=PAGE)

    assert await shop.outcome("confirmEmailAddress", token=await shop.mailed_token()) == "ConfirmEmailAddressSuccess"
    assert await shop.outcome("authenticate", username=HANS, password=PASSWORD) == "AuthenticateSuccess"


async def test_mails_of_one_kind_do_not_use_up_those_of_another(database: Database) -> None:
    shop = await a_shop_with_hans(database)
    for _ in range(5):
        await shop.do("resendConfirmation", email_address=HANS, confirmation_base_url=PAGE)

    await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)

    assert Theme.RESET_PASSWORD in [letter.theme for letter in await shop.posted()]


async def test_an_account_that_is_made_anew_knows_no_network_of_who_had_it_before(database: Database) -> None:
    shop = await a_shop_with_hans(database)
    eve = shop.by(ip_address="198.51.100.7")
    await eve.sign_in()
    await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)
    await shop.do("finishPasswordReset", token=await shop.mailed_token(), password=NEW_PASSWORD)

    for number in range(10):
        other = shop.by(ip_address=f"203.0.113.{number}")
        asked = [await other.outcome("authenticate", username=HANS, password="wrong") for _ in range(5)]
        assert asked == ["BadCredentialsError"] * 5

    assert await eve.outcome("authenticate", username=HANS, password="wrong") == "RateLimitedError"
    assert await shop.outcome("authenticate", username=HANS, password=NEW_PASSWORD) == "AuthenticateSuccess"


async def test_a_mail_whose_key_is_gone_can_t_be_written(database: Database) -> None:
    shop = await a_shop_with_hans(database)
    await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)
    [mail] = await rows(database, Mail)
    async with shop.database.unit_of_work() as session:
        assert await compose(session, mail.id, KEYS, shop.context.clock.now())

    with pytest.raises(KeyGoneError):
        async with shop.database.unit_of_work() as session:
            await compose(session, mail.id, Keys([b"another key of thirty-two bytes."]), shop.context.clock.now())


async def test_a_clock_that_is_put_back_keeps_nobody_from_resetting_the_password(database: Database) -> None:
    shop = await a_shop_with_hans(database)
    await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)
    assert await shop.mailed_token()
    shop.advance(minutes=-10)

    await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)

    reset = await shop.outcome("finishPasswordReset", token=await shop.mailed_token(), password=NEW_PASSWORD)
    assert reset == "FinishPasswordResetSuccess"
