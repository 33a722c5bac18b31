"""One person who buys for two companies: one account, which signs in and ends as one, and a user at each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from db import models
from db.enums import ChannelKind
from db.ids import new_id
from resolvers.mails.letter import Theme
from tests.api.services import PASSWORD, a_user, account_of, change, rows
from tests.api.signing_in import HANS, NEW_PASSWORD, PAGE, a_shop, token_of

if TYPE_CHECKING:
    from db.engine import Database
    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio

EVA = "eva.keller@corp.com"
WHO = "{ viewer { user { id username } customer { id } sessions { id } } }"


async def a_buyer_of_two(database: Database) -> tuple[Shop, str, str]:
    """Return a shop, and the ids of the users of Hans: at his own company, and at that of Eva."""
    shop = await a_shop(database, kind=ChannelKind.B2B)
    hans, eva = await a_user(shop.context, HANS), await a_user(shop.context, EVA)
    shop.advance(seconds=1)
    now = shop.context.clock.now()
    second = models.User(
        id=new_id(models.User.letters, now),
        channel_id=shop.context.channel_id,
        customer_id=eva.customer_id,
        account_id=(await account_of(database, hans.user_id)).id,
        locale="de_CH",
        time_zone="Europe/Zurich",
        created_at=now,
    )
    async with database.unit_of_work() as session:
        session.add(second)
    return shop, hans.user_id, second.id


async def acting(shop: Shop) -> str | None:
    viewer = json.loads(await shop.body(WHO))["data"]["viewer"]
    return viewer and str(viewer["user"]["id"])


async def signed_in_as(database: Database, shop: Shop, user_id: str) -> Shop:
    """Sign in after the other users of the account were disabled, and enable them again."""
    shop.advance(seconds=1)
    others = [user for user in await rows(database, models.User) if user.id != user_id and user.enabled]
    account = await account_of(database, user_id)
    for user in others:
        await change(database, models.User, user.id, enabled=user.account_id != account.id)
    signed_in = await shop.sign_in()
    for user in others:
        await change(database, models.User, user.id, enabled=True)
    shop.advance(seconds=1)
    return signed_in


async def test_an_account_signs_in_as_the_user_that_was_used_last_else_as_the_oldest(database: Database) -> None:
    shop, first, second = await a_buyer_of_two(database)
    assert await acting(await shop.sign_in()) == first
    assert await acting(await signed_in_as(database, shop, second)) == second
    assert await acting(await shop.sign_in()) == second

    await change(database, models.User, second, enabled=False)
    assert await acting(await shop.sign_in()) == first


async def test_a_user_who_is_disabled_at_one_company_still_works_for_the_other(database: Database) -> None:
    shop, first, second = await a_buyer_of_two(database)
    at_first, at_second = await shop.sign_in(), await signed_in_as(database, shop, second)

    await change(database, models.User, first, enabled=False)

    assert [await acting(at_first), await acting(at_second)] == [None, second]
    await change(database, models.User, second, enabled=False)
    assert await shop.outcome("authenticate", username=HANS, password=PASSWORD) == "BadCredentialsError"
    await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)
    assert await shop.posted() == []


async def test_the_sessions_of_an_account_are_listed_and_end_together(database: Database) -> None:
    shop, _, second = await a_buyer_of_two(database)
    at_first, at_second = await shop.sign_in(), await signed_in_as(database, shop, second)
    eva = await shop.sign_in(EVA)

    listed = json.loads(await at_first.body(WHO))["data"]["viewer"]["sessions"]
    assert len(listed) == 2
    assert await at_first.outcome("revokeSession", session_id=listed[0]["id"]) == "RevokeSessionSuccess"
    assert await acting(at_second) is None
    at_second = await signed_in_as(database, shop, second)
    assert (await at_second.do("signOut", everywhere=True))["revokedSessions"] == 2
    assert [await acting(at_first), await acting(at_second)] == [None, None]
    assert await acting(eva) is not None


async def test_a_new_password_and_a_reset_end_the_sessions_for_all_companies(database: Database) -> None:
    shop, first, second = await a_buyer_of_two(database)
    at_first, at_second = await shop.sign_in(), await signed_in_as(database, shop, second)

    changed = await at_first.do("updatePassword", current_password=PASSWORD, new_password=NEW_PASSWORD)

    assert [await acting(at_first), await acting(at_second)] == [None, None]
    assert await acting(shop.by(token=changed["authentication"]["token"])) == first
    await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)
    token = await shop.mailed_token()
    reset = await shop.do("finishPasswordReset", token=token, password=PASSWORD)
    # The one that was used last, which is by signing in: that at the second company.
    assert reset["user"]["id"] == second
    assert await acting(shop.by(token=changed["authentication"]["token"])) is None


async def test_an_account_moves_to_another_address_as_a_whole(database: Database) -> None:
    shop, first, second = await a_buyer_of_two(database)
    hans, moved = await shop.sign_in(), "hans@elsewhere.com"
    asked = {"email_address": moved, "current_password": PASSWORD, "confirmation_base_url": PAGE}
    await hans.do("changeEmailAddress", **asked)
    [letter] = [letter for letter in await shop.posted() if letter.theme is Theme.CONFIRM_NEW_ADDRESS]

    assert letter.link is not None
    assert await shop.outcome("confirmEmailAddress", token=token_of(letter.link)) == "ConfirmEmailAddressSuccess"

    again = await shop.sign_in(moved)
    assert await acting(again) == first
    assert {(await account_of(database, user)).email_address for user in (first, second)} == {moved}


async def test_what_one_company_has_the_user_at_the_other_does_not_see(database: Database) -> None:
    shop, first, second = await a_buyer_of_two(database)
    [own, other] = [user.customer_id for user in await rows(database, models.User) if user.id in {first, second}]
    hans = await signed_in_as(database, shop, first)

    asked = "query($id: ID!) { customer(id: $id) { id } node(id: $id) { id } }"
    assert json.loads(await hans.body(asked, {"id": own}))["data"]["customer"] == {"id": own}
    assert json.loads(await hans.body(asked, {"id": other}))["data"] == {"customer": None, "node": None}
