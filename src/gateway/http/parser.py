"""The home of parsing requests: httptools, which declines the offer of another protocol.

Java's HttpClient offers h2c with each request. httptools takes an offer for accepted, and what follows the head for the
other protocol: uvicorn would answer a POST without its body. RFC 9110, section 7.8, has a server ignore the offer.
"""

from __future__ import annotations

from typing import Protocol

import httptools


class Target(Protocol):
    """What is told of the parts of a request, by httptools' callbacks, and keeps its head."""

    url: bytes
    headers: list[tuple[bytes, bytes]]


class DecliningParser:
    """Tells *target* of requests. One that offers a protocol is told twice, up to the end of its head.

    The first time `should_upgrade` is true, and the end of head and message mean nothing.
    """

    def __init__(self, target: Target) -> None:
        """Wait for the first request."""
        self._target = target
        self._parser = self._fresh()

    def feed_data(self, received: bytes) -> None:
        """Parse a piece of what was *received*; raise `httptools.HttpParserError`."""
        rest = memoryview(received)
        while True:
            try:
                self._parser.feed_data(rest)
            except httptools.HttpParserUpgrade as offer:
                if not self.should_upgrade():
                    raise
                (end_of_head,) = offer.args
                rest = rest[end_of_head:]
                head = self._head_without_offer()
                self._parser = self._fresh()
                self._parser.feed_data(head)
            else:
                return

    def should_upgrade(self) -> bool:
        """Tell whether the request offers another protocol. CONNECT asks for a tunnel, which is no offer."""
        return self._parser.should_upgrade() and self.get_method() != b"CONNECT"

    def should_keep_alive(self) -> bool:
        """Tell whether another request may follow."""
        return self._parser.should_keep_alive()

    def get_method(self) -> bytes:
        """Return the method of the request."""
        return self._parser.get_method()

    def get_http_version(self) -> str:
        """Return the version of HTTP that the request is in."""
        return self._parser.get_http_version()

    def _fresh(self) -> httptools.HttpRequestParser:
        parser = httptools.HttpRequestParser(self._target)
        # As uvicorn: a request after one that closes must not keep that from being answered.
        parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return parser

    def _head_without_offer(self) -> bytes:
        start = b"%s %s HTTP/%s" % (self.get_method(), self._target.url, self.get_http_version().encode())
        headers = [b"%s: %s" % header for header in self._target.headers if header[0] != b"upgrade"]
        return b"\r\n".join([start, *headers, b"", b""])
