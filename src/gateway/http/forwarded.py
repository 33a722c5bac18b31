"""The home of where a request comes from: the address of the peer, or what a trusted proxy says in its place.

What is set wrong here looks harmless: all visitors share the limits of one proxy. So it is told where it is met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from gateway.http.request_log import Exchange
from gateway.http.responses import Refusal
from gateway.operator.addresses import is_private
from gateway.operator.notices import Notice
from resolvers.rules.errors import Limit
from resolvers.rules.networks import plain, spellings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from starlette.types import ASGIApp, Receive, Scope, Send

IS_PROXY = "gateway.is_proxy"
"""In the scope: whether a trusted proxy says of nobody else that it calls, such as a shop's own server."""
_FORWARDED = "gateway.forwarded"
_BELIEVED = b"x-forwarded-for"
_SAYING = frozenset({_BELIEVED, b"forwarded", b"x-real-ip"})
"""The headers that say it; the others elsewhere."""


_OF_NETWORKS = frozenset({Limit.NETWORK, Limit.REGISTRATIONS, Limit.MAILS_OF_NETWORK, Limit.DOCUMENTS_OF_NETWORK})


class Forwarded:
    """Believes what *trusted* proxies say of the client; what they say and is no address leaves their own."""

    def __init__(
        self, app: ASGIApp, trusted: Sequence[str], vain: Notice | None = None, shared: Notice | None = None
    ) -> None:
        """Pass requests on to *app*; *trusted* are networks.

        What is said in vain is told by *vain*, and by *shared* that a limit has closed for an address that many share.
        """
        self._app = app
        self._trusts = bool(trusted)
        written = [each for network in trusted for each in spellings(network)]
        self._believing: Any = ProxyHeadersMiddleware(self._settle, written)  # type: ignore[arg-type]  # ASGI twice
        self._vain = vain or Notice()
        self._shared = shared or Notice()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with the client's address in its scope."""
        scope[_FORWARDED] = self
        if scope["type"] == "http" and (peer := scope.get("client")) and (own := plain(peer[0])):
            # An IPv4 proxy has an IPv6 address where we listen to both: the networks would not contain it.
            scope["gateway.peer"] = scope["client"] = (own, peer[1])
            is_trusted = own in self._believing.trusted_hosts
            scope[IS_PROXY] = is_trusted and all(name != _BELIEVED for name, _ in scope["headers"])
        await (self._believing if self._trusts else self._settle)(scope, receive, send)

    async def _settle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (peer := scope.get("gateway.peer")) is not None:
            if plain(scope["client"][0]) is None:
                scope["client"] = peer
            if self._vain.is_due and scope["client"] is peer:
                self._tell_vain(peer[0], [name for name, _value in scope["headers"] if name in _SAYING])
        await self._app(scope, receive, send)
        exchange = Exchange.of(scope)
        if (exchange.limit or exchange.errors) and _has_closed(exchange) and (client := address_of(scope)):
            self._tell_shared(client)

    def visitor(self, scope: Scope) -> str | None:
        """Return for whom a shop's own server says that it calls: the last that is none of our own proxies.

        No entry in front of that one is believed: the visitor may have written it.
        """
        said = [value.decode("latin-1") for name, value in scope["headers"] if name == _BELIEVED]
        entries = [entry.strip() for value in said for entry in value.split(",")]
        while entries and plain(entries[-1]) in self._believing.trusted_hosts:
            entries.pop()
        return plain(entries[-1]) if entries else None

    def _tell_shared(self, client: str) -> None:
        """Tell where a limit has probably closed for all visitors of a proxy."""
        if client in self._believing.trusted_hosts:
            self._shared.tell(
                f"A limit of a network has closed for {client}, one of GATEWAY_TRUSTED_PROXIES: have it send the "
                "visitor's address in X-Forwarded-For, or all who come from there share the limit."
            )
        elif is_private(client):
            self._shared.tell(
                f"A limit of a network has closed for {client}, which is none of the internet. If it is a proxy of "
                "yours, add it to GATEWAY_TRUSTED_PROXIES, or all who come from there share the limit."
            )

    def _tell_vain(self, peer: str, said: Sequence[bytes]) -> None:
        """Tell what the client's own address was said by in vain. A stranger's address is nobody's business."""
        if not said:
            return
        who = peer if is_private(peer) else "a public address"
        if peer not in self._believing.trusted_hosts:
            self._vain.tell(
                f"{_listed(said)} of {who} is not believed, so that all who come from there share one network's "
                "limits. If it is a proxy of yours, add it to GATEWAY_TRUSTED_PROXIES."
            )
        elif _BELIEVED not in said:
            self._vain.tell(
                f"{_listed(said)} of {who} is not believed, though it is one of GATEWAY_TRUSTED_PROXIES: "
                "have it send X-Forwarded-For."
            )


def address_of(scope: Scope) -> str | None:
    """Return the address that a request comes from, in its one spelling; None where it is none, as of a socket."""
    client = scope.get("client")
    return plain(client[0]) if client else None


def visit(scope: Scope) -> None:
    """Have a request come from the visitor for whom a shop's own server calls, which has proved who it is.

    Raises `Refusal` where it does not say who that is: all visitors would share the limits of one address.
    """
    visitor = scope[_FORWARDED].visitor(scope)
    if visitor is None:
        message = (
            "Say for which visitor you call: add the address to X-Forwarded-For, without a port or brackets; "
            "or leave X-Api-Key out."
        )
        raise Refusal(400, "BAD_USER_INPUT", message)
    scope["client"], scope[IS_PROXY] = (visitor, 0), False


def _has_closed(exchange: Exchange) -> bool:
    """Tell whether a limit of the network that asked has closed."""
    return exchange.limit in _OF_NETWORKS


def _listed(names: Sequence[bytes]) -> str:
    return " and ".join(sorted({name.decode().title() for name in names}))
