"""What is told of a request: all of its body whatever it offers, and no field behind the body."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from gateway.http.parser import DecliningParser
from gateway.http.protocol import BoundedProtocol
from tests.gateway.test_connections import DEADLINE, HALF_HEAD, WHOLE, Raw, serving

pytestmark = pytest.mark.anyio

OFFER = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAAAAIAAAABAAMAAABk\r\n"
"""As Java's HttpClient."""
OFFERING = b"POST /echo HTTP/1.1\r\nhost: x\r\n" + OFFER
FIELDS = b"authorization: Bearer x\r\nx-forwarded-for: 9.9.9.9\r\n\r\n"
CHUNKED = b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n"


class Told:
    """Keeps what a parser tells."""

    def __init__(self) -> None:
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.requests: list[tuple[bytes, list[tuple[bytes, bytes]], bytes]] = []
        self.parser: Any = DecliningParser(self)

    def on_message_begin(self) -> None:
        self.url, self.headers, self.body = b"", [], b""

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            self.requests.append((self.url, self.headers, self.body))


@pytest.mark.parametrize("size", [1, 7, 10_000], ids=["bytes", "pieces", "whole"])
def test_an_offer_is_declined_however_it_arrives(size: int) -> None:
    told = Told()
    sent = (
        OFFERING + b"content-length: 4\r\n\r\nbody",
        OFFERING + b"Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n",
        b"GET /?a=%20b HTTP/1.1\r\nconnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        WHOLE,
    )
    whole = b"".join(sent)
    for at in range(0, len(whole), size):
        told.parser.feed_data(whole[at : at + size])

    assert [(url, body) for url, _headers, body in told.requests] == [
        (b"/echo", b"body"),
        (b"/echo", b"body"),
        (b"/?a=%20b", b""),
        (b"/echo", b"body"),
    ]
    assert all(b"upgrade" not in dict(headers) for _url, headers, _body in told.requests)
    assert dict(told.requests[0][1])[b"content-length"] == b"4"


async def test_who_offers_another_protocol_is_answered_in_this_one() -> None:
    with serving(BoundedProtocol) as port:
        raw = await Raw.connected(port, OFFERING + b"content-length: 4\r\n\r\n")
        await asyncio.sleep(DEADLINE / 10)
        await raw.send(b"body")
        answer = await raw.reader.readuntil(b"\r\n\r\nbody")
        await raw.send(WHOLE)
        next_answer = await raw.reader.readuntil(b"\r\n\r\nbody")
        raw.close()

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert next_answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "start", [b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n", b"OPTIONS * HTTP/1.1\r\n" + OFFER + b"\r\n"]
)
async def test_what_is_no_path_of_ours_is_answered_once(start: bytes) -> None:
    with serving(BoundedProtocol) as port:
        raw = await Raw.connected(port, start)
        async with asyncio.timeout(60):
            answer = await raw.reader.readuntil(b"\r\n\r\n")
        raw.close()

    assert answer.startswith(b"HTTP/1.1 4")


async def test_fields_behind_the_body_are_no_headers() -> None:
    with serving(BoundedProtocol) as port:
        raw = await Raw.connected(port, CHUNKED.replace(b"echo", b"headers") + FIELDS)
        answer = await raw.reader.readuntil(b"end of headers")
        raw.close()

    assert b"transfer-encoding" in answer
    assert b"authorization" not in answer
    assert b"x-forwarded-for" not in answer


async def test_fields_behind_the_body_that_never_end_are_not_kept() -> None:
    with serving(BoundedProtocol) as port:
        for field in (b"a" * 10_000, b"x: y\r\n" * 2_000):
            raw, sent = await Raw.connected(port, CHUNKED + b"x: "), 0
            with suppress(ConnectionError):
                while sent < 20_000_000:
                    await raw.send(field)
                    sent += len(field)
            raw.close()

            assert sent < 20_000_000


async def test_a_head_that_begins_behind_a_long_body_is_not_too_large() -> None:
    body = b"b" * 60_000
    with serving(BoundedProtocol) as port:
        raw = await Raw.connected(
            port, b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 60000\r\n\r\n" + body + HALF_HEAD
        )
        answer = await raw.reader.readuntil(body)
        raw.close()

    assert answer.startswith(b"HTTP/1.1 200 ")
