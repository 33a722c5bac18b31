"""The home of the header that tells a client how long its connection stays without a request.

A client that keeps connections in a pool sends the next request into one that is just being closed, unless it knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


def told(app: ASGIApp, cycle: RequestResponseCycle, seconds: int) -> ASGIApp:
    """Return *app*, whose answer tells that the connection stays for *seconds*, unless *cycle* ends it."""

    async def telling(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_told(message: Message) -> None:
            # Only now is it known: a stop, or the answer itself, may have ended the connection meanwhile.
            if (
                message["type"] == "http.response.start"
                and cycle.keep_alive
                and not _ends((*cycle.default_headers, *message["headers"]))
            ):
                message["headers"] = [*message["headers"], (b"keep-alive", b"timeout=%d" % seconds)]
            await send(message)

        await app(scope, receive, send_told)

    return telling


def _ends(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"connection" for name, _value in headers)
