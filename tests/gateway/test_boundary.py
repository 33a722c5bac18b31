"""The boundary: whatever fails on any path is JSON with a code, and what could be read in two ways is not answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message

from gateway.app import create_app
from gateway.operator.settings import Settings
from tests.gateway.asgi import DOCUMENT, assert_refused, bounded, over
from tests.gateway.test_endpoint import create

pytestmark = [pytest.mark.anyio, pytest.mark.either_database]

PAGE = {"accept": "text/html"}
SHOP = "https://shop.example"


class Broken:
    """Fails whatever is done with it."""

    def __getattr__(self, name: str) -> Any:
        msg = f"hunter2 {name}"
        raise RuntimeError(msg)


@pytest.mark.parametrize("path", ["/first/graphql", "/graphql", "/first/mailbox", "/first/mailbox/mai_1"])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
async def test_a_bug_on_any_path_is_masked_and_logged_under_its_id(
    database_url: str, caplog: pytest.LogCaptureFixture, path: str, accept: str
) -> None:
    await create(database_url, "first")
    settings = Settings(
        database_url=database_url,
        secret_key=(SecretStr("k" * 32),),
        default_channel="first",
        mailbox=True,
        mailbox_public=True,
        cors_origins=(SHOP,),
    )
    lines: list[dict[str, Any]] = []
    app = create_app(settings, log=lambda _level, fields: lines.append(fields))
    async with app.router.lifespan_context(app), over(app) as client:
        app.state.graphql = Broken()
        response = await client.get(path, params={"query": DOCUMENT}, headers={"accept": accept, "origin": SHOP})

    assert_refused(response, 500, "INTERNAL_SERVER_ERROR")
    assert "hunter2" not in response.text
    error_id = response.json()["errors"][0]["extensions"]["errorId"]
    assert f"error {error_id}" in caplog.text
    assert (lines[-1]["error_id"], lines[-1]["status"]) == (error_id, 500)
    assert response.headers["x-request-id"] == lines[-1]["request_id"]
    assert response.headers["access-control-allow-origin"] == SHOP


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/", "/playground/1/x.js"])
async def test_any_route_has_the_boundary(path: str) -> None:
    async def broken(_request: Request) -> Response:
        raise RuntimeError("hunter2")  # noqa: EM101 - a bug

    async with over(bounded(Route(path, broken))) as client:
        response = await client.get(path)

    assert_refused(response, 500, "INTERNAL_SERVER_ERROR")
    assert "hunter2" not in response.text


async def test_what_fails_after_its_answer_has_begun_is_left_to_the_server() -> None:
    async def begun(_request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"half"
            raise RuntimeError

        return StreamingResponse(pieces())

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(RuntimeError):
        await bounded(Route("/", begun))(scope_of(), nothing, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


async def test_what_a_stop_cuts_off_is_told() -> None:
    async def slow(_request: Request) -> Response:
        await asyncio.sleep(60)
        raise AssertionError

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asking = asyncio.create_task(bounded(Route("/", slow))(scope_of(), nothing, send))
    await asyncio.sleep(0)
    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
    assert sent[0]["status"] == 503
    assert b'"SERVICE_UNAVAILABLE"' in sent[1]["body"]


async def nothing() -> Message:
    await asyncio.sleep(60)
    raise AssertionError


def scope_of(*headers: tuple[bytes, bytes], path: bytes = b"/", version: str = "1.1") -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": path.decode(),
        "raw_path": path,
        "query_string": b"",
        "http_version": version,
        "headers": list(headers or [(b"host", b"x")]),
        "client": ("192.0.2.7", 1),
    }


ONE, AUTHORIZED = (b"host", b"x"), (b"authorization", b"Bearer x")
NO_HOST = (b"accept", b"*/*")


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        (scope_of(ONE), 200),
        (scope_of((b"host", b"")), 200),
        (scope_of(ONE, AUTHORIZED), 200),
        (scope_of(NO_HOST, version="1.0"), 200),
        (scope_of(NO_HOST), 400),
        (scope_of(ONE, ONE), 400),
        (scope_of(ONE, (b"host", b"y")), 400),
        (scope_of(ONE, ONE, version="1.0"), 400),
        (scope_of(ONE, AUTHORIZED, AUTHORIZED), 400),
        (scope_of(ONE, AUTHORIZED, (b"authorization", b"Basic x")), 400),
        (scope_of(version="0.9"), 505),
        (scope_of(version="2.0"), 505),
        (scope_of(path=b"/%20"), 404),
        (scope_of(path=b"/%"), 404),
    ],
)
async def test_what_means_two_things_is_not_answered(scope: dict[str, Any], status: int) -> None:
    async def answer(_request: Request) -> Response:
        return Response("answered")

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await bounded(Route("/", answer))(scope, nothing, send)

    assert sent[0]["status"] == status
    assert (b'{"errors":[' in sent[1]["body"]) is (status != 200)


@pytest.mark.parametrize(
    "path", ["/fir%73t/graphql", "/first%2fgraphql", "/first/%67raphql", "/%67raphql", "/first%2Fmailbox"]
)
async def test_a_path_has_one_spelling(database_url: str, path: str) -> None:
    await create(database_url, "first")
    settings = Settings(
        database_url=database_url,
        secret_key=(SecretStr("k" * 32),),
        default_channel="first",
        mailbox=True,
        playground=True,
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app), over(app) as client:
        for headers in ({}, PAGE):
            response = await client.get(httpx2.URL("http://shop.example", raw_path=path.encode()), headers=headers)
            assert_refused(response, 404, "NOT_FOUND")
