"""The home of the outermost boundary: no route leaves a failure to the server, which would answer a bare text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway import responses
from gateway.request_log import Exchange

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Boundary:
    """Answers what *app* raises as JSON, like everything else: an outage, or a bug whose text stays with us."""

    def __init__(self, app: ASGIApp) -> None:
        """Guard *app*."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as failure:
            if has_begun:
                raise
            accepted = [value.decode("latin-1") for name, value in scope["headers"] if name == b"accept"]
            response = responses.of_failure(failure, responses.negotiated(accepted))
            Exchange.of(scope).answers(response)
            await response(scope, receive, send)
