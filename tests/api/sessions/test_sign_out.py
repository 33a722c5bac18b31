from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db import models
from tests.api.services import a_user, change, rows
from tests.api.signing_in import HANS, a_shop

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio


def revoked(number: int) -> dict[str, object]:
    return {"__typename": "SignOutSuccess", "revokedSessions": number}


async def test_signing_out_ends_the_session_of_the_request_at_once_and_no_other(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    here, elsewhere = await shop.sign_in(), await shop.sign_in()

    assert await here.do("signOut") == revoked(1)

    assert not await here.is_signed_in()
    assert await elsewhere.is_signed_in()


async def test_signing_out_everywhere_ends_all_sessions_of_the_user_and_nobody_elses(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    await a_user(shop.context, "eva.keller@corp.com")
    sessions = [await shop.sign_in() for _ in range(3)]
    eva = await shop.sign_in("eva.keller@corp.com")

    assert await sessions[0].do("signOut", everywhere=True) == revoked(3)

    assert [await session.is_signed_in() for session in sessions] == [False] * 3
    assert await eva.is_signed_in()


async def test_sessions_that_ended_on_their_own_do_not_count(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    await shop.sign_in()
    shop.advance(days=14)
    here = await shop.sign_in()

    assert await here.do("signOut", everywhere=True) == revoked(1)


async def test_whoever_is_signed_out_is_unauthenticated(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    here = await shop.sign_in()
    await here.do("signOut")

    assert await here.do("signOut") == "UNAUTHENTICATED"
    assert await shop.do("signOut") == "UNAUTHENTICATED"
    assert await shop.by(token="unknown").do("signOut", everywhere=True) == "UNAUTHENTICATED"


async def test_a_session_of_another_channel_signs_nobody_out(database: Database) -> None:
    shop, other = await a_shop(database), await a_shop(database, code="other")
    await a_user(shop.context, HANS)
    here = await shop.sign_in()

    assert await other.by(token=here.context.token).do("signOut", everywhere=True) == "UNAUTHENTICATED"
    assert await here.is_signed_in()


async def test_a_disabled_user_is_not_signed_in_any_more(database: Database) -> None:
    shop = await a_shop(database)
    created = await a_user(shop.context, HANS)
    here = await shop.sign_in()
    await change(database, models.User, created.user_id, enabled=False)

    assert not await here.is_signed_in()
    assert await here.do("signOut") == "UNAUTHENTICATED"


async def test_nothing_of_an_ended_session_is_kept(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    here = await shop.sign_in()

    await here.do("signOut")

    assert await rows(database, models.Session) == []
