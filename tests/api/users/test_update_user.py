from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from db import models
from db.enums import ChannelKind
from tests.api.services import a_user, change, rows
from tests.api.signing_in import HANS, a_shop
from tests.api.team import a_colleague

if TYPE_CHECKING:
    from db.engine import Database
    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio

ANNA = "anna@corp.com"


async def a_person(database: Database) -> Shop:
    shop = await a_shop(database)
    created = await a_user(shop.context, HANS)
    await change(database, models.User, created.user_id, first_name="Hans", last_name="Muster")
    return await shop.sign_in()


def codes(outcome: Any) -> dict[str, str]:
    return {found["field"][-1]: found["code"] for found in outcome["violations"]}


async def test_what_is_left_out_stays_and_null_empties(database: Database) -> None:
    hans = await a_person(database)

    outcome = await hans.do("updateUser", first_name=None, locale="fr-CH", time_zone="Asia/Tokyo")

    [user] = await rows(database, models.User)
    assert outcome["user"]["id"] == user.id
    assert (user.first_name, user.last_name, user.locale, user.time_zone) == (None, "Muster", "fr_CH", "Asia/Tokyo")


async def test_nothing_may_be_changed(database: Database) -> None:
    hans = await a_person(database)
    before = await rows(database, models.User)

    assert await hans.outcome("updateUser") == "UpdateUserSuccess"
    assert await rows(database, models.User) == before


@pytest.mark.either_database
async def test_a_locale_that_the_shop_has_not_becomes_its_closest(database: Database) -> None:
    hans = await a_person(database)
    found = [(await hans.do("updateUser", locale=locale))["user"]["locale"] for locale in ("de_AT", "ja", "und")]

    assert found == ["de_CH", "de_CH", "de_CH"]


@pytest.mark.either_database
async def test_all_violations_are_told_at_once_and_nothing_is_written(database: Database) -> None:
    hans = await a_person(database)
    before = await rows(database, models.User)
    wrong = {"first_name": "x" * 31, "last_name": "a\nb", "locale": None, "time_zone": "Mars/Base"}

    outcome = await hans.do("updateUser", **wrong)

    assert codes(outcome) == {
        "firstName": "TOO_LONG", "lastName": "INVALID", "locale": "REQUIRED", "timeZone": "INVALID"
    }  # fmt: skip
    assert codes(await hans.do("updateUser", time_zone=None, locale="klingon")) == {
        "timeZone": "REQUIRED", "locale": "INVALID"
    }  # fmt: skip
    assert await rows(database, models.User) == before


async def test_who_manages_users_changes_those_of_the_own_customer(database: Database) -> None:
    shop = await a_shop(database, kind=ChannelKind.B2B)
    created = await a_user(shop.context, HANS)
    anna = await a_colleague(shop.context, created, ANNA, "viewer")
    admin, colleague = await shop.sign_in(), await shop.sign_in(ANNA)

    assert (await admin.do("updateUser", user_id=anna, first_name="Anna"))["user"]["firstName"] == "Anna"
    assert (await colleague.do("updateUser", user_id=anna, first_name="Anne"))["user"]["firstName"] == "Anne"
    refused = await colleague.do("updateUser", user_id=created.user_id, first_name="Hansli")

    assert (refused["__typename"], refused["field"]) == ("NotFoundError", ["userId"])
    assert {user.first_name for user in await rows(database, models.User)} == {None, "Anne"}


async def test_users_of_other_customers_are_answered_like_those_that_never_were(database: Database) -> None:
    shop = await a_shop(database, kind=ChannelKind.B2B)
    await a_user(shop.context, HANS)
    stranger = await a_user(shop.context, "stranger@elsewhere.com")
    hans = await shop.sign_in()

    found = await hans.do("updateUser", user_id=stranger.user_id, first_name="Pwned")
    never = await hans.do("updateUser", user_id="usr_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", first_name="Pwned")

    assert found == never
    assert "Pwned" not in {user.first_name for user in await rows(database, models.User)}
