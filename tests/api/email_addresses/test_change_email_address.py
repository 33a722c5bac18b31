from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from resolvers.mails.letter import Theme
from resolvers.rules.errors import RateLimited
from resolvers.throttling.counters import TryLimits
from tests.api.services import PASSWORD, CountingHasher, a_user, change, rows
from tests.api.signing_in import HANS, PAGE, Shop, a_shop

if TYPE_CHECKING:
    from db.engine import Database
    from resolvers.ports import Verdict

pytestmark = pytest.mark.anyio

MOVED = "hans@elsewhere.com"
CHANGE = {"email_address": MOVED, "current_password": PASSWORD, "confirmation_base_url": PAGE}


async def a_signed_in(database: Database) -> Shop:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    return await shop.sign_in()


async def ask(shop: Shop, **given: str) -> str:
    return await shop.outcome("changeEmailAddress", **CHANGE | given)


async def the_account(database: Database) -> models.Account:
    [account] = [each for each in await rows(database, models.Account) if each.email_address == HANS]
    return account


async def test_the_new_address_is_mailed_a_link_and_the_old_one_is_told(database: Database) -> None:
    hans = await a_signed_in(database)

    answered = await hans.do("changeEmailAddress", **CHANGE | {"email_address": "Hans@ELSEWHERE.com"})

    assert answered == {"__typename": "ChangeEmailAddressSuccess", "emailAddress": "Hans@elsewhere.com"}
    letters = {letter.theme: letter for letter in await hans.posted()}
    assert {theme: letter.receiver for theme, letter in letters.items()} == {
        Theme.CONFIRM_NEW_ADDRESS: "Hans@elsewhere.com",
        Theme.ADDRESS_CHANGING: HANS,
    }
    assert letters[Theme.CONFIRM_NEW_ADDRESS].link
    assert letters[Theme.ADDRESS_CHANGING].link is None
    assert letters[Theme.ADDRESS_CHANGING].other_address == "H***@e***.com"


async def test_nothing_changes_before_the_link_is_followed(database: Database) -> None:
    hans = await a_signed_in(database)

    await ask(hans)

    account = await the_account(database)
    assert (account.canonical_email_address, account.pending_email_address) == (HANS, MOVED)
    assert await hans.is_signed_in()
    assert await hans.outcome("authenticate", username=MOVED, password=PASSWORD) == "BadCredentialsError"
    assert await hans.outcome("authenticate", username=HANS, password=PASSWORD) == "AuthenticateSuccess"


async def test_that_somebody_has_the_address_is_told_to_them_and_not_to_who_asks(database: Database) -> None:
    hans = await a_signed_in(database)
    free = await hans.bytes_of("changeEmailAddress", **CHANGE)
    await hans.posted()
    hans.advance(seconds=1)
    await a_user(hans.context, MOVED)

    assert await hans.bytes_of("changeEmailAddress", **CHANGE) == free

    letters = {letter.receiver: letter for letter in await hans.posted()}
    assert (letters[MOVED].theme, letters[MOVED].link) == (Theme.ALREADY_REGISTERED, None)


async def test_the_own_address_is_refused_however_it_is_written(database: Database) -> None:
    hans = await a_signed_in(database)

    refused = await hans.do("changeEmailAddress", **CHANGE | {"email_address": HANS.upper()})

    assert refused["__typename"] == "InvalidInputError"
    [violation] = refused["violations"]
    assert (violation["field"], violation["code"]) == (["emailAddress"], "NOT_ALLOWED")


@pytest.mark.parametrize(("email_address", "code"), [("", "REQUIRED"), ("a@evil.com(@corp.com", "INVALID")])
async def test_what_is_no_address_is_told(database: Database, email_address: str, code: str) -> None:
    hans = await a_signed_in(database)

    refused = await hans.do("changeEmailAddress", **CHANGE | {"email_address": email_address})

    assert [violation["code"] for violation in refused["violations"]] == [code]


async def test_a_link_never_leads_off_the_pages_of_the_shop(database: Database) -> None:
    hans = await a_signed_in(database)

    assert await ask(hans, confirmation_base_url="https://evil.com/") == "ConfirmationBaseUrlNotAllowedError"
    assert (await the_account(database)).pending_email_address is None


async def test_the_password_is_no_oracle_for_who_has_found_an_open_browser(database: Database) -> None:
    hans = await a_signed_in(database)

    outcomes = [await ask(hans, current_password="wrong") for _ in range(6)]

    assert outcomes == ["BadCredentialsError"] * 5 + ["RateLimitedError"]
    assert await ask(hans) == "RateLimitedError"
    assert await rows(database, models.Mail) == []


async def test_whoever_is_not_signed_in_changes_nothing(database: Database) -> None:
    hans = await a_signed_in(database)

    assert await ask(hans.by(token=None)) == "UNAUTHENTICATED"
    assert await ask(hans.by(token="unknown")) == "UNAUTHENTICATED"


async def test_an_address_is_mailed_three_times_an_hour_whoever_wants_to_move_there(database: Database) -> None:
    hans = await a_signed_in(database)

    assert {await ask(hans) for _ in range(5)} == {"ChangeEmailAddressSuccess"}

    assert len([mail for mail in await rows(database, models.Mail) if mail.email_address == MOVED]) == 3


async def test_a_right_password_counts_nothing_even_where_no_more_mails_are_sent(database: Database) -> None:
    hans = (await a_signed_in(database)).by(limits=TryLimits(mails_per_network=1))
    await ask(hans)

    assert [await ask(hans) for _ in range(7)] == ["RateLimitedError"] * 7

    assert await hans.outcome("authenticate", username=HANS, password=PASSWORD) == "AuthenticateSuccess"
    assert {row.tries for row in await rows(database, models.Throttle)} == {0, 1}


class Overtaken(CountingHasher):
    """Changes the user while the password is judged."""

    def __init__(self, database: Database, **columns: object) -> None:
        super().__init__()
        self._database = database
        self._columns = columns

    async def verify(self, password_hash: str | None, password: str) -> Verdict:
        [user] = await rows(self._database, models.User)
        await change(self._database, models.User, user.id, **self._columns)
        return await super().verify(password_hash, password)


@pytest.mark.parametrize(
    "columns",
    [
        {"password_hash": "1:of a reset"},
        {"enabled": False},
        {"email_address": MOVED, "canonical_email_address": MOVED},
    ],
)
async def test_what_changes_meanwhile_counts(database: Database, columns: dict[str, object]) -> None:
    hans = await a_signed_in(database)

    assert await ask(hans.by(hasher=Overtaken(database, **columns))) == "BadCredentialsError"

    assert [each.pending_email_address for each in await rows(database, models.Account)] == [None]
    assert await rows(database, models.Mail) == []


class Busy(CountingHasher):
    async def verify(self, password_hash: str | None, password: str) -> Verdict:  # noqa: ARG002 - the port's signature
        raise RateLimited(1)


async def test_who_is_put_off_for_lack_of_time_has_tried_nothing(database: Database) -> None:
    hans = await a_signed_in(database)

    assert {await ask(hans.by(hasher=Busy())) for _ in range(7)} == {"RateLimitedError"}

    assert await ask(hans) == "ChangeEmailAddressSuccess"


async def test_several_at_once_leave_one_pending_and_its_link_works(database: Database) -> None:
    hans = await a_signed_in(database)
    wanted = [f"{number}@elsewhere.com" for number in range(4)]

    await asyncio.gather(*(ask(hans, email_address=address) for address in wanted))

    pending = (await the_account(database)).pending_email_address
    links: list[Any] = [letter for letter in await hans.posted() if letter.theme is Theme.CONFIRM_NEW_ADDRESS]
    assert [letter.receiver for letter in links] == [pending]
