"""The endpoint over operations that are made up: what they are told of the caller, and what a failure looks like."""

from __future__ import annotations

from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from db.engine import Database, DatabaseUnavailableError
from gateway.adapters.clock import SystemClock
from gateway.adapters.hashing import Argon2Hasher
from gateway.http.channel_ids import Channels, Known
from gateway.http.graphql import GraphQL, bearer_token
from gateway.http.responses import LEGACY, MODERN, negotiated
from resolvers.context import Context
from resolvers.operations.answers import Answer, too_often
from resolvers.operations.operation import Operations
from resolvers.planner import Caller
from resolvers.rules.tokens import digest
from tests.gateway.asgi import DOCUMENT, assert_refused, bounded, over

pytestmark = pytest.mark.anyio


class RecordingOperations:
    """Keeps what it is asked; fails with *failure* if there is one."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.asked: dict[str, Any] = {}

    async def answer(self, *_arguments: object, **named: object) -> Answer:
        self.asked = named
        if self.failure:
            raise self.failure
        return Answer(b"{}", executed=True)


class OneChannel:
    async def find(self, _code: str) -> Known:
        return Known("chn_1", "en_US")


def app_of(operations: RecordingOperations) -> Starlette:
    graphql = GraphQL(
        operations=cast("Operations", operations),
        channels=cast("Channels", OneChannel()),
        database=cast("Database", None),
        clock=SystemClock(),
        hasher=cast("Argon2Hasher", None),
        default_channel="any",
    )

    return bounded(Route("/graphql", graphql, methods=["GET", "POST"]))


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ([], LEGACY),
        (["*/*"], LEGACY),
        (["text/html"], LEGACY),
        ([MODERN], MODERN),
        ([f"{MODERN}, {LEGACY};q=0.9"], MODERN),
        ([MODERN, f"{LEGACY};q=0.9"], MODERN),
        ([f"{MODERN.upper()}; charset=utf-8"], MODERN),
        ([f"{LEGACY}, {MODERN};q=0.5"], LEGACY),
        ([f"{MODERN};q=0"], LEGACY),
        ([f"{MODERN};q=much"], LEGACY),
        ([",;,"], LEGACY),
    ],
)
async def test_the_media_type_is_the_clients(accepted: list[str], expected: str) -> None:
    assert negotiated(accepted) == expected


async def test_operations_are_told_who_calls_from_where() -> None:
    operations = RecordingOperations()
    headers = {"authorization": "Bearer secret-token", "user-agent": "Browser 1.0"}
    async with over(app_of(operations)) as client:
        await client.post("/graphql", json={"query": DOCUMENT}, headers=headers)

    caller, context = operations.asked["caller"], operations.asked["context"]()
    assert isinstance(caller, Caller)
    assert isinstance(context, Context)
    assert (caller.channel_id, caller.token_sha256, caller.staff_sha256) == ("chn_1", digest("secret-token"), None)
    assert caller.now.utcoffset() is not None
    assert (context.channel_id, context.token) == ("chn_1", "secret-token")
    assert (context.user_agent, context.ip_address) == ("Browser 1.0", "192.0.2.7")
    assert operations.asked["network"] == "192.0.2.7"


@pytest.mark.parametrize(
    ("authorization", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("Bearer  abc ", "abc"),
        ("Basic abc", None),
        ("abc", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("", None),
        (None, None),
    ],
)
async def test_a_token_is_a_bearer_token(authorization: str | None, token: str | None) -> None:
    assert bearer_token(authorization) == token


# ── Failures ──────────────────────────────────────────────────────────────────────────────────────


async def test_an_outage_is_told_as_one() -> None:
    async with over(app_of(RecordingOperations(DatabaseUnavailableError("hunter2")))) as client:
        response = await client.post("/graphql", json={"query": DOCUMENT})

    assert_refused(response, 503, "SERVICE_UNAVAILABLE")
    assert response.headers["retry-after"] == "1"
    assert "hunter2" not in response.text


async def test_who_has_spent_all_is_told_when_to_come_again() -> None:
    class Spent(RecordingOperations):
        async def answer(self, *_arguments: object, **_named: object) -> Answer:
            return too_often(7)

    async with over(app_of(Spent())) as client:
        response = await client.post("/graphql", json={"query": DOCUMENT})

    assert_refused(response, 429, "RATE_LIMITED")
    assert response.headers["retry-after"] == "7"


async def test_a_bug_is_masked_and_logged_under_its_id(caplog: pytest.LogCaptureFixture) -> None:
    async with over(app_of(RecordingOperations(RuntimeError("hunter2")))) as client:
        response = await client.post("/graphql", json={"query": DOCUMENT})

    assert_refused(response, 500, "INTERNAL_SERVER_ERROR")
    assert "hunter2" not in response.text
    assert response.json()["errors"][0]["extensions"]["errorId"] in caplog.text


async def test_who_hangs_up_while_sending_leaves_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "POST",
        "http_version": "1.0",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app_of(RecordingOperations())(scope, receive, send)

    assert sent[0]["status"] == 400
    assert caplog.text == ""
