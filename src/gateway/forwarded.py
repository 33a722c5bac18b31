"""The home of where a request comes from: the address of the peer, or what a trusted proxy says in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from resolvers.networks import plain, spellings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from starlette.types import ASGIApp, Receive, Scope, Send

IS_PROXY = "gateway.is_proxy"
"""In the scope: whether a trusted proxy says of nobody else that it calls, such as a shop's own server."""


class Forwarded:
    """Believes what *trusted* proxies say of the client; what they say and is no address leaves their own."""

    def __init__(self, app: ASGIApp, trusted: Sequence[str]) -> None:
        """Pass requests on to *app*; *trusted* are networks."""
        self._app = app
        written = [each for network in trusted for each in spellings(network)]
        self._believing: Any = ProxyHeadersMiddleware(self._settle, written)  # type: ignore[arg-type]  # ASGI twice

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with the client's address in its scope."""
        if scope["type"] == "http" and (peer := scope.get("client")) and (own := plain(peer[0])):
            # An IPv4 proxy has an IPv6 address where we listen to both: the networks would not contain it.
            scope["gateway.peer"] = scope["client"] = (own, peer[1])
            says_nothing = all(name != b"x-forwarded-for" for name, _ in scope["headers"])
            scope[IS_PROXY] = says_nothing and own in self._believing.trusted_hosts
        await self._believing(scope, receive, send)

    async def _settle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "gateway.peer" in scope and plain(scope["client"][0]) is None:
            scope["client"] = scope["gateway.peer"]
        await self._app(scope, receive, send)
