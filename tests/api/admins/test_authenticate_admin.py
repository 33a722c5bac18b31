from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from db import models
from db.enums import AdminScope
from resolvers.admins import service
from resolvers.channels.service import create_channel
from resolvers.rules.email_address import EmailAddress
from tests.api.services import PASSWORD, CountingHasher, a_user, change, rows
from tests.api.signing_in import HANS, a_shop
from tests.api.staff import BOSS, an_admin, as_admin, signed_in

if TYPE_CHECKING:
    from db.engine import Database
    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio

ME = """{ viewer {
  user { id } customer { id } permissions session { id current } sessions { id current }
  admin { id username scopes channels { code } }
} customer { id } roles { code } channel { code } }"""


async def seen(shop: Shop) -> dict[str, object]:
    found: dict[str, object] = json.loads(await shop.body(ME))["data"]
    return found


async def another_shop(shop: Shop, code: str = "other") -> Shop:
    async with shop.database.unit_of_work() as session:
        channel_id = await create_channel(session, now=shop.context.clock.now(), code=code, name=code)
    return shop.by(channel_id=channel_id)


async def test_an_admin_who_signs_in_sees_who_that_is(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    admin_id = await an_admin(shop.context, "Boss@PALOMA.example", AdminScope.ORDERS_WRITE)

    found = await shop.do("authenticateAdmin", username=" boss@paloma.example", password=PASSWORD)
    boss = shop.by(token=found["authentication"]["token"])
    data = await seen(boss)

    [session] = await rows(database, models.AdminSession)
    told = {"id": session.id, "current": True}
    assert found["admin"] == {
        "__typename": "Admin",
        "id": admin_id,
        "username": "Boss@paloma.example",
        "scopes": ["ORDERS_WRITE"],
    }
    assert data["viewer"] == {
        "user": None, "customer": None, "permissions": [], "session": told, "sessions": [told],
        "admin": {
            "id": admin_id, "username": "Boss@paloma.example", "scopes": ["ORDERS_WRITE"],
            "channels": [{"code": "shop"}],
        },
    }  # fmt: skip
    assert (data["customer"], len(data["roles"])) == (None, 3)  # type: ignore[arg-type]  # a list
    assert PASSWORD not in str(await rows(database, models.AdminSession))


@pytest.mark.parametrize("username", ["nobody@paloma.example", "no address", "disabled@paloma.example", HANS])
async def test_who_is_no_admin_is_answered_like_who_types_a_wrong_password(database: Database, username: str) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    await an_admin(shop.context)
    disabled = await an_admin(shop.context, "disabled@paloma.example")
    await change(database, models.Admin, disabled, enabled=False)
    hasher = shop.context.hasher
    assert isinstance(hasher, CountingHasher)
    hasher.judged.clear()

    answers = [
        await shop.bytes_of("authenticateAdmin", username=username, password=PASSWORD),
        await shop.bytes_of("authenticateAdmin", username=BOSS, password="wrong"),
    ]

    assert answers[0] == answers[1]
    assert len(hasher.judged) == 2
    assert "BadCredentialsError" in answers[0].decode()
    assert await rows(database, models.AdminSession) == []


async def test_a_password_of_an_admin_is_none_of_a_user(database: Database) -> None:
    shop = await a_shop(database)
    await an_admin(shop.context)

    assert await shop.outcome("authenticate", username=BOSS, password=PASSWORD) == "BadCredentialsError"


async def test_an_admin_is_nobody_in_a_channel_of_others(database: Database) -> None:
    shop = await a_shop(database)
    boss = await as_admin(shop)
    elsewhere = await another_shop(boss)

    assert (await seen(elsewhere))["viewer"] is None
    assert await elsewhere.outcome("authenticateAdmin", username=BOSS, password=PASSWORD) == "BadCredentialsError"


async def test_the_session_of_an_admin_is_good_in_all_of_the_own_channels(database: Database) -> None:
    shop = await a_shop(database)
    other = await another_shop(shop)
    async with database.unit_of_work() as session:
        await service.create_admin(
            session,
            EmailAddress.parse(BOSS),
            await shop.context.hasher.hash(PASSWORD),
            scopes=[AdminScope.CUSTOMERS_READ],
            channels=["shop", "other", "shop"],
            now=shop.context.clock.now(),
        )
    boss = await signed_in(shop)

    found = await seen(other.by(token=boss.context.token))

    assert found["channel"] == {"code": "other"}
    assert found["viewer"]["admin"]["channels"] == [{"code": "other"}, {"code": "shop"}]  # type: ignore[index]  # an object


async def test_tries_are_counted_whatever_the_channel(database: Database) -> None:
    shop = await a_shop(database)
    await an_admin(shop.context)
    other = await another_shop(shop)
    for tried in (shop, other, shop, other, shop):
        assert await tried.outcome("authenticateAdmin", username=BOSS, password="wrong") == "BadCredentialsError"

    assert await other.outcome("authenticateAdmin", username=BOSS, password=PASSWORD) == "RateLimitedError"


async def test_tries_at_an_admin_are_none_at_a_user_of_the_same_address(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, BOSS)
    await an_admin(shop.context)
    for _ in range(5):
        assert await shop.outcome("authenticateAdmin", username=BOSS, password="wrong") == "BadCredentialsError"

    assert await shop.outcome("authenticate", username=BOSS, password=PASSWORD) == "AuthenticateSuccess"


async def test_a_hash_of_former_parameters_is_renewed(database: Database) -> None:
    shop = await a_shop(database)
    await an_admin(shop.context)
    later = with_generation(shop, 2)

    await signed_in(later)

    [admin] = await rows(database, models.Admin)
    assert admin.password_hash == f"2:{PASSWORD}"


def with_generation(shop: Shop, generation: int) -> Shop:
    return dataclasses.replace(shop, context=dataclasses.replace(shop.context, hasher=CountingHasher(generation)))


async def test_sessions_of_an_admin_slide_are_listed_and_end(database: Database) -> None:
    shop = await a_shop(database)
    first = await as_admin(shop)
    shop.advance(seconds=1)
    second = await signed_in(shop)
    sessions = json.loads(await second.body("{ viewer { sessions { id } } }"))["data"]["viewer"]["sessions"]
    assert len(sessions) == 2

    assert await second.outcome("revokeSession", session_id=sessions[1]["id"]) == "RevokeSessionSuccess"
    assert (await seen(first))["viewer"] is None
    assert (await second.do("signOut", everywhere=True))["revokedSessions"] == 1
    assert (await seen(second))["viewer"] is None


async def test_who_is_disabled_or_gets_another_password_is_signed_out(database: Database) -> None:
    shop = await a_shop(database)
    boss = await as_admin(shop)
    now, address = shop.context.clock.now(), EmailAddress.parse(BOSS)

    async with database.unit_of_work() as session:
        assert await service.set_password(session, address, await shop.context.hasher.hash("another"), now) == 1
    assert (await seen(boss))["viewer"] is None
    again = shop.by(
        token=(await shop.do("authenticateAdmin", username=BOSS, password="another"))["authentication"]["token"]
    )
    async with database.unit_of_work() as session:
        await service.set_enabled(session, address, now, enabled=False)

    assert (await seen(again))["viewer"] is None
    assert await shop.outcome("authenticateAdmin", username=BOSS, password="another") == "BadCredentialsError"
    assert await rows(database, models.AdminSession) == []


async def test_a_session_of_an_admin_ends_on_its_own(database: Database) -> None:
    shop = await a_shop(database)
    boss = await as_admin(shop)
    shop.advance(days=14)

    assert (await seen(boss))["viewer"] is None
    assert (
        timedelta(days=14)
        == (await rows(database, models.AdminSession))[0].expires_at
        - (await rows(database, models.AdminSession))[0].created_at
    )
