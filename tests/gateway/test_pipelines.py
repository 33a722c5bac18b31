"""Requests that are sent without waiting for answers: at most 16 wait, and all are answered in order."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from typing import Any, ClassVar

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.http.pipelines import end_of
from gateway.http.protocol import BoundedProtocol
from tests.gateway.test_connections import Raw, serving

pytestmark = pytest.mark.anyio

MANY = 400
BODY = re.compile(rb"\r\n\r\n(\d+,)")
BROKEN = b"GET / HTTP/1.1\r\nhost: x\r\nno header\r\n\r\n"
BROKEN_BODY = b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nno length\r\n"


class Watched(deque[Any]):
    """Keeps how many have waited at most."""

    most: ClassVar[int] = 0

    def appendleft(self, x: Any) -> None:
        super().appendleft(x)
        Watched.most = max(Watched.most, len(self))


def watching(protocol: type[HttpToolsProtocol]) -> type[HttpToolsProtocol]:
    class Watching(protocol):  # type: ignore[valid-type, misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.pipeline = Watched()

    Watched.most = 0
    return Watching


def posted(number: int, length: int = 0) -> bytes:
    body = b"%d,%s" % (number, b"x" * length)
    return b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


async def answered(port: int, *sent: bytes, count: int) -> list[int]:
    """Return the numbers that come back, until there are *count*."""
    raw = await Raw.connected(port)
    came, sending = b"", asyncio.create_task(raw.send(b"".join(sent)))
    while len(BODY.findall(came)) < count and (piece := await raw.reader.read(100_000)):
        came += piece
    await sending
    raw.close()
    return [int(number[:-1]) for number in BODY.findall(came)]


@pytest.mark.parametrize("length", [0, 3_000, 30_000], ids=["short", "longer", "long"])
async def test_no_more_than_16_wait_and_all_are_answered_in_order(length: int) -> None:
    with serving(watching(BoundedProtocol)) as port:
        numbers = await answered(port, *(posted(number, length) for number in range(MANY)), count=MANY)

    assert numbers == list(range(MANY))
    assert 0 < Watched.most <= 16


async def test_the_control_lets_hundreds_wait() -> None:
    with serving(watching(HttpToolsProtocol)) as port:
        await answered(port, *map(posted, range(MANY)), count=MANY)

    assert Watched.most > 100


@pytest.mark.parametrize("broken", [BROKEN, BROKEN_BODY], ids=["head", "body"])
async def test_what_is_no_request_is_refused_after_those_before_it_are_answered(broken: bytes) -> None:
    with serving(BoundedProtocol) as port:
        slow = b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n"
        raw = await Raw.connected(port, slow + posted(7) + broken + posted(8))
        answer = await raw.rest()
        raw.close()

    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"200", b"400"]
    assert answer.index(b"done") < answer.index(b"7,") < answer.index(b"BAD_USER_INPUT")


async def test_what_comes_after_what_is_no_request_is_not_kept() -> None:
    with serving(BoundedProtocol) as port:
        raw = await Raw.connected(port, b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n" + BROKEN)
        await raw.send(b"x" * 1_000_000)
        answer = await raw.rest()
        raw.close()

    assert answer.startswith(b"HTTP/1.1 200 ")


class Counted:
    """Counts the heads that end."""

    def __init__(self) -> None:
        self.heads = 0

    def on_headers_complete(self) -> None:
        self.heads += 1


PIECES = st.sampled_from(
    ("GET / HTTP/1.1", "GET /", "POST /a HTTP/1.0", "SOURCE / ICE/1.0", "\r", "\n", "\r\n", "a: b", "\r\n\r\n", "x")
)
REQUEST = st.sampled_from(("GET / HTTP/1.1\r\n\r\n", "GET /\r\n\r\n", "PUT / HTTP/1.0\r\na:\r\n\r\n"))


@given(st.lists(PIECES | REQUEST, max_size=30), st.integers(0, 5), st.integers(1, 4))
def test_no_more_heads_end_than_there_is_room_for(pieces: list[str], before: int, heads: int) -> None:
    sent = "".join(pieces).encode()
    counted = Counted()
    parser = httptools.HttpRequestParser(counted)
    parser.set_dangerous_leniencies(lenient_data_after_close=True)
    try:
        parser.feed_data(sent[:before])
        already = counted.heads
        parser.feed_data(sent[before : end_of(sent, before, heads)])
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return

    assert counted.heads - already <= heads


def test_what_there_is_room_for_is_taken_whole() -> None:
    sent = b"GET / HTTP/1.1\r\n\r\n" * 3

    assert end_of(sent, 0, 4) == len(sent)
    assert end_of(sent, 0, 2) == len(sent) // 3
    assert end_of(sent, 5, 1) == 5
