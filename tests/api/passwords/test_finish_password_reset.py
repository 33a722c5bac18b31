from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from db.enums import MailState, RegistrationPolicy
from resolvers.errors import RateLimited
from resolvers.mails import outbox
from resolvers.mails.composing import compose
from resolvers.mails.letter import Theme
from tests.api.services import PASSWORD, CountingHasher, a_user, change, rows
from tests.api.signing_in import HANS, KEYS, NEW_PASSWORD, PAGE, Shop, a_shop, token_of

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio


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


async def test_the_password_is_set_and_the_user_signed_in(database: Database) -> None:
    shop, token = await a_reset(database)

    found = await shop.do("finishPasswordReset", token=token, password=NEW_PASSWORD)

    user = await the_user(database)
    assert found["__typename"] == "FinishPasswordResetSuccess"
    assert (found["user"]["id"], found["customer"]["id"]) == (user.id, user.customer_id)
    assert user.password_hash == f"1:{NEW_PASSWORD}"
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
    assert (await the_user(database)).confirmed_at is None

    await reset(shop, token)

    assert (await the_user(database)).confirmed_at == shop.context.clock.now()


async def test_an_address_was_proved_when_it_was_first(database: Database) -> None:
    shop, token = await a_reset(database)
    proved_at = shop.context.clock.now() - timedelta(days=7)
    await change(database, models.User, (await the_user(database)).id, confirmed_at=proved_at)

    await reset(shop, token)

    assert (await the_user(database)).confirmed_at == proved_at


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


async def test_of_those_who_use_a_token_at_once_one_wins(database: Database) -> None:
    shop, token = await a_reset(database)

    async def attempt(number: int) -> tuple[str, Any]:
        password = f"{NEW_PASSWORD} {number}"
        return password, await shop.do("finishPasswordReset", token=token, password=password)

    answers = await asyncio.gather(*map(attempt, range(16)))

    [(password, won)] = [answer for answer in answers if answer[1]["__typename"] == "FinishPasswordResetSuccess"]
    assert [found["__typename"] for _, found in answers].count("TokenInvalidError") == 15
    assert (await the_user(database)).password_hash == f"1:{password}"
    assert len(await rows(database, models.Session)) == 1
    assert await shop.by(token=won["authentication"]["token"]).is_signed_in()


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

    assert (await the_user(database)).password_hash == before.password_hash
    assert await rows(database, models.Session) == []


async def test_a_token_that_was_mailed_to_a_former_address_is_void(database: Database) -> None:
    shop, token = await a_reset(database)
    user = await the_user(database)
    moved = "hans@elsewhere.com"
    await change(database, models.User, user.id, email_address=moved, canonical_email_address=moved)

    assert await reset(shop, token) == "TokenInvalidError"

    assert (await the_user(database)).password_hash == f"1:{PASSWORD}"


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
    async def hash(self, password: str) -> str:  # noqa: ARG002 - the port's signature
        raise RateLimited(1)


async def test_who_is_put_off_for_lack_of_time_keeps_the_token(database: Database) -> None:
    shop, token = await a_reset(database)

    limited = await shop.by(hasher=Busy()).do("finishPasswordReset", token=token, password=NEW_PASSWORD)

    assert (limited["__typename"], limited["retryAfterSeconds"]) == ("RateLimitedError", 1)
    assert await reset(shop, token) == "FinishPasswordResetSuccess"


class Overtaken(CountingHasher):
    """Does something else while the password is hashed."""

    def __init__(self, meanwhile: Any) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    async def hash(self, password: str) -> str:
        await self._meanwhile()
        return await super().hash(password)


async def test_a_password_that_was_changed_meanwhile_voids_the_token(database: Database) -> None:
    shop, token = await a_reset(database)
    hans = await shop.sign_in()

    async def meanwhile() -> None:
        await hans.do("updatePassword", current_password=PASSWORD, new_password="another one of mine")

    assert await reset(shop.by(hasher=Overtaken(meanwhile)), token) == "TokenInvalidError"

    assert (await the_user(database)).password_hash == "1:another one of mine"


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


async def test_a_reset_and_a_change_at_once_do_not_wait_for_each_other(database: Database) -> None:
    shop, token = await a_reset(database)
    password = PASSWORD
    for number in range(12):
        hans = await shop.sign_in(password=password)
        new = f"{NEW_PASSWORD} {number}"

        changed, was_reset = await asyncio.gather(
            hans.outcome("updatePassword", current_password=password, new_password=new), reset(shop, token, new)
        )

        assert changed in {"UpdatePasswordSuccess", "BadCredentialsError", "UNAUTHENTICATED"}
        assert was_reset in {"FinishPasswordResetSuccess", "TokenInvalidError"}
        assert "Success" in changed + was_reset
        password = new
        shop.advance(hours=1)
        token = await a_token(shop)


async def _somebody_waits(database: Database) -> None:
    """Wait until a transaction waits for a lock; those of SQLite wait before they begin."""
    is_sqlite = database.dialect.name == "sqlite"
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while not is_sqlite and await database.read(waiting, ()) == (0,):  # noqa: ASYNC110 - the server's event
            await asyncio.sleep(0.01)


async def test_a_reset_waits_for_the_sender_of_a_newer_link_which_voids_its_token(database: Database) -> None:
    shop, token = await a_reset(database)
    shop.advance(seconds=1)
    await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)
    now = shop.context.clock.now()
    async with database.unit_of_work() as session:
        [claimed] = await outbox.claim(session, now, 1)

    async with database.unit_of_work() as session:
        await session.get(models.Mail, claimed.id, with_for_update=True)
        resetting = asyncio.create_task(reset(shop, token))
        await _somebody_waits(database)
        letter = await compose(session, claimed.id, KEYS, now)

    assert await resetting == "TokenInvalidError"
    assert letter is not None
    assert letter.link is not None
    assert await reset(shop, token_of(letter.link)) == "FinishPasswordResetSuccess"
