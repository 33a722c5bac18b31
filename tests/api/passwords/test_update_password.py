from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from db.enums import MailKind, MailState
from resolvers.mails.letter import Theme
from resolvers.rules.errors import RateLimited
from tests.api.services import PASSWORD, CountingHasher, a_user, change, rows
from tests.api.signing_in import HANS, NEW_PASSWORD, PAGE, Shop, a_shop

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio

CHANGE = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}


async def a_signed_in(database: Database, **settings: Any) -> Shop:
    """Return a shop for the requests of Hans."""
    shop = await a_shop(database, **settings)
    await a_user(shop.context, HANS)
    return await shop.sign_in()


async def the_user(database: Database) -> models.User:
    [user] = await rows(database, models.User)
    return user


async def the_account(database: Database) -> models.Account:
    [account] = await rows(database, models.Account)
    return account


async def test_the_new_password_counts_from_now_on_and_the_former_no_more(database: Database) -> None:
    hans = await a_signed_in(database)

    changed = await hans.do("updatePassword", **CHANGE)

    user = await the_user(database)
    assert changed["__typename"] == "UpdatePasswordSuccess"
    assert (changed["user"]["id"], changed["user"]["emailAddress"]) == (user.id, HANS)
    assert (await the_account(database)).password_hash == f"1:{NEW_PASSWORD}"
    assert await hans.outcome("authenticate", username=HANS, password=PASSWORD) == "BadCredentialsError"
    assert await hans.outcome("authenticate", username=HANS, password=NEW_PASSWORD) == "AuthenticateSuccess"


async def test_every_session_ends_at_once_and_a_new_one_begins_here(database: Database) -> None:
    hans = await a_signed_in(database)
    elsewhere = await hans.sign_in()

    changed = await hans.do("updatePassword", **CHANGE)

    here = hans.by(token=changed["authentication"]["token"])
    assert [await shop.is_signed_in() for shop in (hans, elsewhere, here)] == [False, False, True]
    [session] = await rows(database, models.Session)
    assert session.expires_at == hans.context.clock.now() + timedelta(days=14)
    assert changed["authentication"]["expiresAt"] == session.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_an_outstanding_reset_is_void_whether_it_was_mailed_or_waits(database: Database) -> None:
    hans = await a_signed_in(database)
    await hans.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)
    token = await hans.mailed_token()
    await hans.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)

    await hans.do("updatePassword", **CHANGE)

    assert await hans.outcome("finishPasswordReset", token=token, password=PASSWORD) == "TokenInvalidError"
    assert [letter.theme for letter in await hans.posted()] == [Theme.PASSWORD_CHANGED]
    states = {(mail.kind, mail.state) for mail in await rows(database, models.Mail)}
    assert (MailKind.PASSWORD_RESET, MailState.DROPPED) in states


async def test_the_owner_is_told_by_mail(database: Database) -> None:
    hans = await a_signed_in(database)

    await hans.do("updatePassword", **CHANGE)

    [letter] = await hans.posted()
    assert (letter.theme, letter.receiver, letter.link) == (Theme.PASSWORD_CHANGED, HANS, None)


async def test_a_wrong_current_password_changes_nothing(database: Database) -> None:
    hans = await a_signed_in(database)
    before = await the_user(database)

    outcome = await hans.outcome("updatePassword", current_password="wrong", new_password=NEW_PASSWORD)

    assert outcome == "BadCredentialsError"
    assert await the_user(database) == before
    assert await hans.is_signed_in()
    assert await rows(database, models.Mail) == []


@pytest.mark.either_database
@pytest.mark.parametrize("current", ["", "\ud800", "x" * 1025, PASSWORD + " "])
async def test_what_can_not_be_a_password_is_a_wrong_one(database: Database, current: str) -> None:
    hans = await a_signed_in(database)

    assert await hans.outcome("updatePassword", current_password=current, new_password=NEW_PASSWORD) == (
        "BadCredentialsError"
    )


async def test_the_password_is_no_oracle_for_who_has_found_an_open_browser(database: Database) -> None:
    hans = await a_signed_in(database)

    async def guess() -> Any:
        return await hans.do("updatePassword", current_password="wrong", new_password=NEW_PASSWORD)

    assert [(await guess())["__typename"] for _ in range(5)] == ["BadCredentialsError"] * 5
    assert (await guess())["retryAfterSeconds"] == 30
    assert await hans.outcome("updatePassword", **CHANGE) == "RateLimitedError"
    assert await hans.outcome("authenticate", username=HANS, password=PASSWORD) == "RateLimitedError"


@pytest.mark.either_database
@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("banana", "TOO_SHORT"),
        ("x" * 1025, "TOO_LONG"),
        ("password1", "TOO_WEAK"),
        ("hans.muster@corp.com", "TOO_WEAK"),
    ],
)
async def test_a_new_password_that_breaks_the_rules_is_refused_and_counts_no_try(
    database: Database, new: str, code: str
) -> None:
    hans = await a_signed_in(database)
    tries = await rows(database, models.Throttle)

    refused = await hans.do("updatePassword", current_password="wrong", new_password=new)

    assert refused["__typename"] == "InvalidInputError"
    [violation] = refused["violations"]
    assert (violation["field"], violation["code"]) == (["newPassword"], code)
    assert await rows(database, models.Throttle) == tries
    assert await hans.is_signed_in()


async def test_the_rules_are_those_of_the_channel(database: Database) -> None:
    hans = await a_signed_in(database, password_min_length=6, password_strength_checked=False)

    assert await hans.outcome("updatePassword", current_password=PASSWORD, new_password="banana") == (
        "UpdatePasswordSuccess"
    )


async def test_whoever_is_not_signed_in_changes_no_password(database: Database) -> None:
    hans = await a_signed_in(database)

    assert await hans.by(token=None).do("updatePassword", **CHANGE) == "UNAUTHENTICATED"
    assert (await the_account(database)).password_hash == f"1:{PASSWORD}"


async def test_of_those_who_knew_the_former_password_one_changes_it(database: Database) -> None:
    hans = await a_signed_in(database)

    async def attempt(number: int) -> Any:
        new = f"{NEW_PASSWORD} {number}"
        return new, await hans.do("updatePassword", current_password=PASSWORD, new_password=new)

    answers = await asyncio.gather(*map(attempt, range(5)))

    [(new, won)] = [(new, found) for new, found in answers if found != "UNAUTHENTICATED" and "user" in found]
    assert (await the_account(database)).password_hash == f"1:{new}"
    [session] = await rows(database, models.Session)
    assert await hans.by(token=won["authentication"]["token"]).is_signed_in()
    assert session.user_id == won["user"]["id"]


class Overtaken(CountingHasher):
    """Changes the user while the new password is hashed."""

    def __init__(self, database: Database, **columns: object) -> None:
        super().__init__()
        self._database = database
        self._columns = columns

    async def hash(self, password: str, beside: str | None = None) -> str:
        user = await the_user(self._database)
        await change(self._database, models.User, user.id, **self._columns)
        return await super().hash(password, beside)


MOVED = {"email_address": "new@corp.com", "canonical_email_address": "new@corp.com"}


@pytest.mark.parametrize(
    "columns", [{"password_hash": "1:of a reset"}, {"enabled": False}, {"password_hash": None}, MOVED]
)
async def test_what_changes_meanwhile_counts(database: Database, columns: dict[str, object]) -> None:
    hans = await a_signed_in(database)
    overtaken = hans.by(hasher=Overtaken(database, **columns))

    assert await overtaken.outcome("updatePassword", **CHANGE) == "BadCredentialsError"

    stored = (await the_account(database)).model_dump() | (await the_user(database)).model_dump()
    assert {name: stored[name] for name in columns} == columns
    assert len(await rows(database, models.Session)) == 1


class Busy(CountingHasher):
    async def hash(self, password: str, beside: str | None = None) -> str:  # noqa: ARG002 - the port's signature
        raise RateLimited(1)


async def test_who_is_put_off_for_lack_of_time_has_tried_nothing(database: Database) -> None:
    hans = await a_signed_in(database)
    busy = hans.by(hasher=Busy())

    refused = [await busy.do("updatePassword", **CHANGE) for _ in range(7)]

    assert {answer["retryAfterSeconds"] for answer in refused} == {1}
    assert await hans.outcome("updatePassword", **CHANGE) == "UpdatePasswordSuccess"
