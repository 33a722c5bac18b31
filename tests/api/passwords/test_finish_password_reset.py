from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from db import models
from db.enums import MailState, RegistrationPolicy
from resolvers.mails.letter import Theme
from resolvers.rules.errors import RateLimited
from tests.api.services import PASSWORD, CountingHasher, a_user, change, rows
from tests.api.signing_in import HANS, NEW_PASSWORD, PAGE, a_shop

if TYPE_CHECKING:
    from db.engine import Database

from tests.api.passwords.resetting import a_reset, a_token, reset, the_account, the_user

pytestmark = pytest.mark.anyio


async def test_the_password_is_set_and_the_user_signed_in(database: Database) -> None:
    shop, token = await a_reset(database)

    found = await shop.do("finishPasswordReset", token=token, password=NEW_PASSWORD)

    user = await the_user(database)
    assert found["__typename"] == "FinishPasswordResetSuccess"
    assert (found["user"]["id"], found["customer"]["id"]) == (user.id, user.customer_id)
    assert (await the_account(database)).password_hash == f"1:{NEW_PASSWORD}"
    assert await shop.by(token=found["authentication"]["token"]).is_signed_in()
    assert await shop.outcome("authenticate", username=HANS, password=NEW_PASSWORD) == "AuthenticateSuccess"


async def test_every_former_session_ends_at_once(database: Database) -> None:
    shop, token = await a_reset(database)
    former = [await shop.sign_in() for _ in range(3)]

    await reset(shop, token)

    assert [await session.is_signed_in() for session in former] == [False] * 3
    assert len(await rows(database, models.Session)) == 1


async def test_using_a_token_proves_the_address(database: Database) -> None:
    shop, token = await a_reset(database)
    assert (await the_account(database)).confirmed_at is None

    await reset(shop, token)

    assert (await the_account(database)).confirmed_at == shop.context.clock.now()


async def test_an_address_was_proved_when_it_was_first(database: Database) -> None:
    shop, token = await a_reset(database)
    proved_at = shop.context.clock.now() - timedelta(days=7)
    await change(database, models.User, (await the_user(database)).id, confirmed_at=proved_at)

    await reset(shop, token)

    assert (await the_account(database)).confirmed_at == proved_at


async def test_whoever_could_not_sign_in_unconfirmed_can_from_now_on(database: Database) -> None:
    shop, token = await a_reset(database)
    await change(
        database, models.Channel, shop.context.channel_id, registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS
    )
    assert await shop.outcome("authenticate", username=HANS, password=PASSWORD) == "EmailAddressNotConfirmedError"

    await reset(shop, token)

    assert await shop.outcome("authenticate", username=HANS, password=NEW_PASSWORD) == "AuthenticateSuccess"


async def test_the_owner_is_told_by_mail(database: Database) -> None:
    shop, token = await a_reset(database)

    await reset(shop, token)

    assert [(letter.theme, letter.receiver) for letter in await shop.posted()] == [(Theme.PASSWORD_CHANGED, HANS)]


async def test_a_token_serves_once(database: Database) -> None:
    shop, token = await a_reset(database)

    assert [await reset(shop, token) for _ in range(2)] == ["FinishPasswordResetSuccess", "TokenInvalidError"]


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        ({"minutes": 60, "seconds": -1}, "FinishPasswordResetSuccess"),
        ({"minutes": 60}, "TokenExpiredError"),
        ({"minutes": 60, "seconds": 1}, "TokenExpiredError"),
        ({"days": 6}, "TokenExpiredError"),
        ({"days": -1}, "FinishPasswordResetSuccess"),
    ],
)
async def test_a_token_serves_for_an_hour(database: Database, after: dict[str, float], outcome: str) -> None:
    shop, token = await a_reset(database)
    shop.advance(**after)

    assert await reset(shop, token) == outcome


async def test_a_token_that_was_used_does_not_tell_so_once_it_expires(database: Database) -> None:
    shop, token = await a_reset(database)
    await reset(shop, token)
    shop.advance(hours=2)

    assert await reset(shop, token) == "TokenInvalidError"


async def test_a_token_is_good_in_its_channel_only(database: Database) -> None:
    shop, token = await a_reset(database)
    other = await a_shop(database, code="other")
    await a_user(other.context, HANS)

    assert await reset(other, token) == "TokenInvalidError"
    assert await reset(shop, token) == "FinishPasswordResetSuccess"


async def test_a_token_of_another_purpose_resets_nothing(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    session = await shop.sign_in()
    await shop.do("resendConfirmation", email_address=HANS, confirmation_base_url=PAGE)
    confirmation = await shop.mailed_token()

    assert await reset(shop, confirmation) == "TokenInvalidError"
    assert await reset(shop, str(session.context.token)) == "TokenInvalidError"
    assert await shop.outcome("confirmEmailAddress", token=confirmation) == "ConfirmEmailAddressSuccess"


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "' OR 1=1 --", "x" * 60_000])
async def test_a_strange_token_is_an_unknown_one(database: Database, token: str) -> None:
    shop, _token = await a_reset(database)

    assert await reset(shop, token) == "TokenInvalidError"


async def test_who_was_disabled_meanwhile_gets_no_password(database: Database) -> None:
    shop, token = await a_reset(database)
    before = await the_user(database)
    await change(database, models.User, before.id, enabled=False)

    assert await reset(shop, token) == "TokenInvalidError"

    assert (await the_account(database)).password_hash == f"1:{PASSWORD}"
    assert await rows(database, models.Session) == []


async def test_a_token_that_was_mailed_to_a_former_address_is_void(database: Database) -> None:
    shop, token = await a_reset(database)
    user = await the_user(database)
    moved = "hans@elsewhere.com"
    await change(database, models.User, user.id, email_address=moved, canonical_email_address=moved)

    assert await reset(shop, token) == "TokenInvalidError"

    assert (await the_account(database)).password_hash == f"1:{PASSWORD}"


@pytest.mark.either_database
@pytest.mark.parametrize(("password", "code"), [("banana", "TOO_SHORT"), ("x" * 1025, "TOO_LONG"), (HANS, "TOO_WEAK")])
async def test_a_password_that_breaks_the_rules_is_refused_and_the_token_still_serves(
    database: Database, password: str, code: str
) -> None:
    shop, token = await a_reset(database)

    refused = await shop.do("finishPasswordReset", token=token, password=password)

    assert refused["__typename"] == "InvalidInputError"
    [violation] = refused["violations"]
    assert (violation["field"], violation["code"]) == (["password"], code)
    assert await reset(shop, token) == "FinishPasswordResetSuccess"


async def test_the_rules_of_passwords_are_told_to_no_one_without_a_token(database: Database) -> None:
    shop, _token = await a_reset(database)

    assert await reset(shop, "unknown", "banana") == "TokenInvalidError"


async def test_tokens_are_tried_a_hundred_times_an_hour_and_right_ones_count_nothing(database: Database) -> None:
    shop, token = await a_reset(database)
    for number in range(99):
        assert await reset(shop, f"guess {number}") == "TokenInvalidError"
    assert await reset(shop, token, "banana") == "InvalidInputError"
    assert await reset(shop, token) == "FinishPasswordResetSuccess"

    assert await reset(shop, "guess") == "TokenInvalidError"
    limited = await shop.do("finishPasswordReset", token="guess", password=NEW_PASSWORD)
    assert (limited["__typename"], limited["retryAfterSeconds"]) == ("RateLimitedError", 3600)


class Busy(CountingHasher):
    async def hash(self, password: str, beside: str | None = None) -> str:  # noqa: ARG002 - the port's signature
        raise RateLimited(1)


async def test_who_is_put_off_for_lack_of_time_keeps_the_token(database: Database) -> None:
    shop, token = await a_reset(database)

    limited = await shop.by(hasher=Busy()).do("finishPasswordReset", token=token, password=NEW_PASSWORD)

    assert (limited["__typename"], limited["retryAfterSeconds"]) == ("RateLimitedError", 1)
    assert await reset(shop, token) == "FinishPasswordResetSuccess"


async def test_other_tokens_and_mails_that_wait_die_with_the_reset(database: Database) -> None:
    shop, token = await a_reset(database)
    await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)

    await reset(shop, token)

    assert [letter.theme for letter in await shop.posted()] == [Theme.PASSWORD_CHANGED]
    assert sorted(mail.state for mail in await rows(database, models.Mail)) == [
        MailState.DROPPED,
        MailState.SENT,
        MailState.SENT,
    ]


async def test_a_reset_of_one_user_leaves_all_others_alone(database: Database) -> None:
    shop, token = await a_reset(database)
    await a_user(shop.context, "eva.keller@corp.com")
    eva, evas_token = await shop.sign_in("eva.keller@corp.com"), await a_token(shop, "eva.keller@corp.com")

    await reset(shop, token)

    assert await eva.is_signed_in()
    assert await reset(shop, evas_token) == "FinishPasswordResetSuccess"
