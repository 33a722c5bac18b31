"""Of all who change a password at once one wins, and nobody waits in a circle."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from resolvers.mails import outbox
from resolvers.mails.composition import compose
from tests.api.services import PASSWORD, CountingHasher, rows
from tests.api.signing_in import HANS, KEYS, NEW_PASSWORD, PAGE, token_of

if TYPE_CHECKING:
    from db.engine import Database

from tests.api.passwords.resetting import a_reset, a_token, reset, the_account

pytestmark = pytest.mark.anyio


async def test_of_those_who_use_a_token_at_once_one_wins(database: Database) -> None:
    shop, token = await a_reset(database)

    async def attempt(number: int) -> tuple[str, Any]:
        password = f"{NEW_PASSWORD} {number}"
        return password, await shop.do("finishPasswordReset", token=token, password=password)

    answers = await asyncio.gather(*map(attempt, range(16)))

    [(password, won)] = [answer for answer in answers if answer[1]["__typename"] == "FinishPasswordResetSuccess"]
    assert [found["__typename"] for _, found in answers].count("TokenInvalidError") == 15
    assert (await the_account(database)).password_hash == f"1:{password}"
    assert len(await rows(database, models.Session)) == 1
    assert await shop.by(token=won["authentication"]["token"]).is_signed_in()


class Overtaken(CountingHasher):
    """Does something else while the password is hashed."""

    def __init__(self, meanwhile: Any) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    async def hash(self, password: str, beside: str | None = None) -> str:
        await self._meanwhile()
        return await super().hash(password, beside)


async def test_a_password_that_was_changed_meanwhile_voids_the_token(database: Database) -> None:
    shop, token = await a_reset(database)
    hans = await shop.sign_in()

    async def meanwhile() -> None:
        await hans.do("updatePassword", current_password=PASSWORD, new_password="another one of mine")

    assert await reset(shop.by(hasher=Overtaken(meanwhile)), token) == "TokenInvalidError"

    assert (await the_account(database)).password_hash == "1:another one of mine"


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
    async with asyncio.timeout(60):
        while not is_sqlite and await database.read(waiting, ()) == (0,):  # noqa: ASYNC110 - the server's event
            await asyncio.sleep(0.01)


async def test_a_reset_waits_for_the_sender_of_a_newer_link_and_voids_that(database: Database) -> None:
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

    assert await resetting == "FinishPasswordResetSuccess"
    assert letter is not None
    assert letter.link is not None
    assert await reset(shop, token_of(letter.link)) == "TokenInvalidError"
