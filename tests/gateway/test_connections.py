"""Connections: half-sent requests are hung up on in time, large heads are refused, and everybody else is served."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.http.protocol import BoundedProtocol

pytestmark = pytest.mark.anyio

DEADLINE = 0.6
PATIENCE = 60
EACH = 50
LARGE = 20_000_000
HALF_HEAD = b"POST /echo HTTP/1.1\r\nhost: x\r\nx-half"
HALF_BODY = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf"
WHOLE = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody"


class Quick(BoundedProtocol):
    receive_seconds = DEADLINE
    reading_seconds = DEADLINE


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body())


async def slow(_request: Request) -> Response:
    await asyncio.sleep(3 * DEADLINE)
    return PlainTextResponse("done")


async def large(_request: Request) -> Response:
    return PlainTextResponse(b"x" * LARGE)


async def short(_request: Request) -> Response:
    return PlainTextResponse("short")


async def last(_request: Request) -> Response:
    return PlainTextResponse("last", headers={"connection": "close"})


async def headers(request: Request) -> Response:
    return PlainTextResponse(f"{request.headers}, end of headers")


APP = Starlette(
    routes=[
        Route("/echo", echo, methods=["POST"]),
        Route("/headers", headers, methods=["POST"]),
        Route("/slow", slow),
        Route("/large", large),
        Route("/short", short),
        Route("/last", last),
    ]
)


@contextmanager
def serving(protocol: type[HttpToolsProtocol]) -> Iterator[int]:
    """Serve `APP` by *protocol*; yield the port."""
    config = uvicorn.Config(
        APP,
        port=0,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.fixture
def port() -> Iterator[int]:
    with serving(Quick) as port:
        yield port


class Raw:
    """A client that sends what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connected(cls, port: int, sent: bytes = b"") -> Raw:
        raw = cls(*await asyncio.open_connection("127.0.0.1", port))
        await raw.send(sent)
        return raw

    async def send(self, sent: bytes) -> None:
        self.writer.write(sent)
        await self.writer.drain()

    async def closed_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.rest()
        except TimeoutError:
            return False
        return True

    async def rest(self) -> bytes:
        """Return all that comes until the server hangs up."""
        with suppress(ConnectionError):
            return await self.reader.read()
        return b""

    def close(self) -> None:
        self.writer.close()


async def served(port: int, seconds: float) -> int:
    """Ask for *seconds*, a connection for each request; return how many were answered."""
    count = 0
    # Without TLS: its certificates take longer to load than some tests have.
    async with httpx2.AsyncClient(timeout=PATIENCE, headers={"connection": "close"}, verify=False) as client:
        until = time.monotonic() + seconds
        while not count or time.monotonic() < until:
            answer = await client.post(f"http://127.0.0.1:{port}/echo", content=b"hello")
            assert (answer.status_code, answer.text) == (200, "hello")
            count += 1
    return count


async def left_open(port: int, seconds: float) -> int:
    """Return how many half-sent requests are open after so many *seconds*; others are served meanwhile."""
    half = [await Raw.connected(port, sent) for sent in (b"", HALF_HEAD, HALF_BODY) for _ in range(EACH)]
    assert await served(port, DEADLINE / 2) > 0
    closed = await asyncio.gather(*[raw.closed_within(seconds) for raw in half], served(port, DEADLINE))
    for raw in half:
        raw.close()
    return closed[: len(half)].count(False)


async def test_half_sent_requests_are_hung_up_on_while_others_are_served(port: int) -> None:
    assert await left_open(port, PATIENCE) == 0


async def test_the_control_leaves_them_open() -> None:
    with serving(HttpToolsProtocol) as port:
        assert await left_open(port, 3 * DEADLINE) == 3 * EACH


async def test_dripping_does_not_move_the_deadline(port: int) -> None:
    raw = await Raw.connected(port, HALF_BODY)
    with suppress(ConnectionError):
        async with asyncio.timeout(PATIENCE):
            while not raw.reader.at_eof():
                await raw.send(b".")
                await asyncio.sleep(DEADLINE / 10)

    raw.close()


async def test_line_ends_keep_no_connection_open(port: int) -> None:
    raw = await Raw.connected(port, WHOLE)
    await raw.reader.readuntil(b"body")
    await raw.send(b"\r\n")

    assert await raw.closed_within(PATIENCE)
    raw.close()


async def test_a_request_that_was_received_may_take_longer(port: int) -> None:
    raw = await Raw.connected(port, b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n" + HALF_HEAD)

    rest = await raw.rest()

    assert b"200 OK" in rest
    assert rest.endswith(b"done")
    raw.close()


async def test_many_requests_fit_one_connection(port: int) -> None:
    raw = await Raw.connected(port)
    for _ in range(20):
        await raw.send(WHOLE[:30])
        await asyncio.sleep(DEADLINE / 10)
        await raw.send(WHOLE[30:])
        await raw.reader.readuntil(b"body")
    raw.close()


@pytest.mark.parametrize(
    ("pieces", "pause", "complete"), [(12, DEADLINE / 4, True), (1, 5 * DEADLINE, False)], ids=["slowly", "not"]
)
async def test_who_reads_gets_everything_and_who_does_not_is_hung_up_on(
    port: int, pieces: int, pause: float, *, complete: bool
) -> None:
    raw = await Raw.connected(port, b"GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    read = 0
    with suppress(ConnectionError):
        for _ in range(pieces):
            read += len(await raw.reader.readexactly(1_000_000))
            await asyncio.sleep(pause)
        read += len(await raw.rest())

    assert (read > LARGE) is complete
    raw.close()


@pytest.mark.parametrize(
    "head",
    [
        b"POST /echo HTTP/1.1\r\nhost: x\r\nx: " + b"a" * 33_000 + b"\r\ncontent-length: 0\r\n\r\n",
        b"POST /echo?" + b"a" * 33_000 + b" HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n",
    ],
    ids=["header", "target"],
)
async def test_a_large_head_is_refused(port: int, head: bytes) -> None:
    raw = await Raw.connected(port, head)

    answer = await raw.rest()

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b'"code":"BAD_USER_INPUT"' in answer
    raw.close()


@pytest.mark.parametrize(("count", "status"), [(99, b"200"), (100, b"400"), (5_000, b"400"), (20_000, b"431")])
async def test_a_request_has_at_most_100_headers(port: int, count: int, status: bytes) -> None:
    head = b"POST /echo HTTP/1.1\r\nconnection: close\r\n" + b"x: y\r\n" * count + b"\r\n"
    raw = await Raw.connected(port, head)

    answer = await raw.rest()

    assert answer.startswith(b"HTTP/1.1 %s " % status)
    assert (b'"code":"BAD_USER_INPUT"' in answer) is (status != b"200")
    raw.close()


@pytest.mark.parametrize(
    ("request_line", "header", "stays"),
    [
        (b"GET /short HTTP/1.1", b"x: y", True),
        (b"GET /nothing HTTP/1.1", b"x: y", True),
        (b"GET /short HTTP/1.1", b"connection: close", False),
        (b"GET /short HTTP/1.0", b"x: y", False),
        (b"GET /last HTTP/1.1", b"x: y", False),
    ],
)
async def test_a_connection_that_stays_tells_for_how_long(
    port: int, request_line: bytes, header: bytes, *, stays: bool
) -> None:
    raw = await Raw.connected(port, request_line + b"\r\nhost: x\r\n" + header + b"\r\n\r\n")

    answer = await raw.reader.readuntil(b"\r\n\r\n")

    assert (b"keep-alive: timeout=75\r\n" in answer) is stays
    assert (b"connection: close\r\n" in answer) is not stays
    raw.close()


async def test_a_head_that_never_ends_is_not_kept(port: int) -> None:
    raw = await Raw.connected(port, b"POST /echo HTTP/1.1\r\nx: ")
    sent = 0
    with suppress(ConnectionError):
        while sent < 20_000_000:
            await raw.send(b"a" * 10_000)
            sent += 10_000

    assert sent < 20_000_000
    raw.close()


async def test_a_head_of_30_kb_and_a_body_beside_it_are_taken(port: int) -> None:
    body = b"b" * 60_000
    head = b"POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx: %s\r\ncontent-length: %d\r\n\r\n"
    raw = await Raw.connected(port, head % (b"a" * 30_000, len(body)) + body)

    answer = await raw.rest()

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(body)
    raw.close()


async def test_what_is_no_http_is_refused_as_json(port: int) -> None:
    raw = await Raw.connected(port, b"\x16\x03\x01 hello\r\n\r\n")

    answer = await raw.rest()

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"BAD_USER_INPUT"' in answer
    raw.close()
