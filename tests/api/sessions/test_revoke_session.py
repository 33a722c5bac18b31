from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from db import models
from db.ids import new_id
from tests.api.services import a_user, rows
from tests.api.signing_in import HANS, Shop, a_shop

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio


async def session_id(shop: Shop) -> str:
    """Return the session of the requests that *shop* makes."""
    digest = shop.context.caller().token_sha256
    [found] = [row.id for row in await rows(shop.database, models.Session) if row.token_sha256 == digest]
    return found


async def test_a_session_of_the_viewer_ends_at_once(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    here, lost = await shop.sign_in(), await shop.sign_in()
    lost_id = await session_id(lost)

    answered = await here.do("revokeSession", session_id=lost_id)

    assert answered == {"__typename": "RevokeSessionSuccess", "sessionId": lost_id}
    assert not await lost.is_signed_in()
    assert await here.is_signed_in()


async def test_the_session_of_the_request_can_be_ended_too(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    here = await shop.sign_in()

    assert await here.outcome("revokeSession", session_id=await session_id(here)) == "RevokeSessionSuccess"

    assert not await here.is_signed_in()


async def test_a_session_ends_once(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    here, lost = await shop.sign_in(), await shop.sign_in()
    lost_id = await session_id(lost)

    outcomes = await asyncio.gather(*(here.outcome("revokeSession", session_id=lost_id) for _ in range(8)))

    assert sorted(outcomes) == ["NotFoundError"] * 7 + ["RevokeSessionSuccess"]


async def test_somebody_elses_session_is_as_unknown_as_one_that_there_never_was(database: Database) -> None:
    shop, other = await a_shop(database), await a_shop(database, code="other")
    await a_user(shop.context, HANS)
    await a_user(shop.context, "eva.keller@corp.com")
    await a_user(other.context, HANS)
    here, eva, abroad = await shop.sign_in(), await shop.sign_in("eva.keller@corp.com"), await other.sign_in()
    now = shop.context.clock.now()
    unknown = [new_id(models.Session.letters, now), new_id(models.User.letters, now), here.context.channel_id]

    strangers = [await session_id(eva), await session_id(abroad), *unknown]
    answers = {await here.bytes_of("revokeSession", session_id=stranger) for stranger in strangers}

    assert len(answers) == 1, answers
    assert await here.do("revokeSession", session_id=strangers[0]) == {
        "__typename": "NotFoundError",
        "message": "There is no such object, or you may not see it. Check the id.",
        "field": ["sessionId"],
    }
    assert await eva.is_signed_in()
    assert await abroad.is_signed_in()


async def test_a_session_that_has_ended_on_its_own_is_not_there(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    lost_id = await session_id(await shop.sign_in())
    shop.advance(days=14)
    here = await shop.sign_in()

    assert await here.outcome("revokeSession", session_id=lost_id) == "NotFoundError"


@pytest.mark.parametrize(
    "given", ["", "x", "ses_", "ses_01HV2JCC9T33QXEAXPHCJEC4F", "\0", "\ud800", "' OR 1=1", "x" * 9999]
)
async def test_what_is_no_id_is_bad_input(database: Database, given: str) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    here = await shop.sign_in()

    assert await here.do("revokeSession", session_id=given) == "BAD_USER_INPUT"
    assert await here.is_signed_in()


@pytest.mark.either_database
@pytest.mark.parametrize(
    "document",
    [
        'mutation { signOut(input: {}) { __typename } lost: revokeSession(input: {sessionId: "x"}) { __typename } }',
        (
            "mutation($id: ID!) { signOut(input: {}) { __typename } "
            "lost: revokeSession(input: {sessionId: $id}) { __typename } }"
        ),
        (
            "mutation($input: RevokeSessionInput!) { signOut(input: {}) { __typename } ...Last } "
            "fragment Last on Mutation { lost: revokeSession(input: $input) { __typename } }"
        ),
    ],
)
async def test_what_is_no_id_is_found_before_any_mutation_of_the_request_runs(
    database: Database, document: str
) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    here = await shop.sign_in()

    answered = json.loads(await here.body(document, {"id": "x", "input": {"sessionId": "x"}}))

    assert "data" not in answered
    assert [error["path"] for error in answered["errors"]] == [["lost"]]
    assert await here.is_signed_in()


async def test_whoever_is_not_signed_in_revokes_nothing(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    here = await shop.sign_in()

    assert await shop.do("revokeSession", session_id=await session_id(here)) == "UNAUTHENTICATED"
    assert await here.is_signed_in()
