"""The home of hostile heads: requests that two programs could read in two ways, as they are sent."""

from __future__ import annotations

_LINE = b"GET /paloma/graphql?query=%7B__typename%7D HTTP/1.1\r\n"
_HOST = b"host: x\r\n"
_TOKEN = b"authorization: Bearer x\r\n"


def _get(path: bytes) -> bytes:
    return b"GET " + path + b"?query=%7B__typename%7D HTTP/1.1\r\nhost: x\r\n\r\n"


HEADS: dict[str, tuple[bytes, int]] = {
    "one host": (_LINE + _HOST + b"\r\n", 200),
    "an empty host": (_LINE + b"host:\r\n\r\n", 200),
    "HTTP/1.0 without a host": (_LINE.replace(b"1.1", b"1.0") + b"\r\n", 200),
    "one token": (_LINE + _HOST + _TOKEN + b"\r\n", 200),
    "100 headers": (_LINE + _HOST + b"x: y\r\n" * 99 + b"\r\n", 200),
    "a target that names a host": (_get(b"http://other.example/paloma/graphql"), 200),
    "no host": (_LINE + b"\r\n", 400),
    "two hosts": (_LINE + _HOST + b"host: y\r\n\r\n", 400),
    "a host twice": (_LINE + _HOST + b"Host: x\r\n\r\n", 400),
    "two tokens": (_LINE + _HOST + _TOKEN + b"Authorization: Bearer y\r\n\r\n", 400),
    "101 headers": (_LINE + _HOST + b"x: y\r\n" * 100 + b"\r\n", 400),
    "3,000 headers": (_LINE + _HOST + b"x: y\r\n" * 3_000 + b"\r\n", 400),
    "20,000 headers": (_LINE + _HOST + b"x: y\r\n" * 20_000 + b"\r\n", 431),
    "two lengths": (_LINE + _HOST + b"content-length: 1\r\ncontent-length: 2\r\n\r\n", 400),
    "a length and chunks": (_LINE + _HOST + b"content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", 400),
    "a name with a blank": (_LINE + _HOST + b"x : y\r\n\r\n", 400),
    "a folded header": (_LINE + _HOST + b"x: y\r\n z\r\n\r\n", 400),
    "line feeds alone": (_LINE.replace(b"\r", b"") + b"host: x\n\n", 400),
    "HTTP/0.9": (b"GET /paloma/graphql\r\n\r\n", 505),
    "HTTP/2 without an upgrade": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a fragment": (_get(b"/paloma/graphql#x"), 400),
    "an escaped letter": (_get(b"/palom%61/graphql"), 404),
    "an escaped slash": (_get(b"/paloma%2fgraphql"), 404),
    "an escaped NUL": (_get(b"/paloma/graphql%00"), 404),
    "a path with two slashes": (_get(b"//paloma/graphql"), 404),
    "a path with a dot": (_get(b"/./paloma/graphql"), 404),
    "a path with a semicolon": (_get(b"/paloma/graphql;x"), 404),
    "a path with a backslash": (_get(b"/paloma\\graphql"), 404),
    "a path in capitals": (_get(b"/PALOMA/graphql"), 404),
    "a path that is no ASCII": (_get(b"/p\xc3\xa4loma/graphql"), 400),
}
"""By what they are, with the status that each deserves."""
