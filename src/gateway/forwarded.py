"""The home of where a request comes from: the address of the peer, or what a trusted proxy says in its place."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from starlette.types import ASGIApp, Receive, Scope, Send

_LONGEST = 64
"""Of an address with the name of its interface: longer ones would fill the memory."""


class Forwarded:
    """Believes what *trusted* proxies say of the client; what they say and is no address leaves their own."""

    def __init__(self, app: ASGIApp, trusted: Sequence[str]) -> None:
        """Pass requests on to *app*; *trusted* are networks."""
        self._app = app
        self._believing: Any = ProxyHeadersMiddleware(self._settle, list(trusted))  # type: ignore[arg-type]  # ASGI twice

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with the client's address in its scope."""
        if scope["type"] == "http" and (peer := scope.get("client")) and (own := address(peer[0])):
            # An IPv4 proxy has an IPv6 address where we listen to both: the networks would not contain it.
            scope["gateway.peer"] = scope["client"] = (own, peer[1])
        await self._believing(scope, receive, send)

    async def _settle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "gateway.peer" in scope and address(scope["client"][0]) is None:
            scope["client"] = scope["gateway.peer"]
        await self._app(scope, receive, send)


def address(text: str) -> str | None:
    """Return the IP address that *text* is, at most 39 characters, IPv4 as such; None if it is none."""
    return _parsed(text) if len(text) <= _LONGEST else None


@lru_cache(4096)
def _parsed(text: str) -> str | None:
    try:
        # Behind the % stands the name of an interface, of any length.
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)
