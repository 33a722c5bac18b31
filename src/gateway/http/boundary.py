"""The home of the boundary: what goes wrong behind it is answered in JSON with a code, whichever path was asked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from gateway.http import heads, responses
from gateway.http.request_log import Exchange
from gateway.http.responses import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from gateway.http.responses import GraphQLResponse

_REFUSALS = {
    404: ("NOT_FOUND", "There is nothing here. The endpoint of a shop is /{channel}/graphql."),
    405: ("METHOD_NOT_ALLOWED", "Use POST, or GET for queries."),
}
_STOPPED = Refusal(
    503,
    "SERVICE_UNAVAILABLE",
    "The gateway was stopped before this was answered. What was to be changed may have been.",
)


class Boundary:
    """Keeps from *app* what is no request, and masks what goes wrong there."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before *app*."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on. If its answer has begun when it fails, the server hangs up."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            if (fault := heads.fault(scope)) is None:
                await self._app(scope, receive, send)
                return
            response = _refused(scope, fault)
        except asyncio.CancelledError:  # a stop, after its time of grace
            if not Exchange.of(scope).has_begun:
                await _refused(scope, _STOPPED)(scope, receive, send)
            raise
        except Exception as failure:
            if Exchange.of(scope).has_begun:
                raise
            response = _noted(scope, responses.of_failure(failure, responses.media_type_of(scope)))
        await response(scope, receive, send)


async def refuse(request: Request, error: Exception) -> GraphQLResponse:
    """Answer what was refused: by us, or by Starlette for its path or method."""
    if isinstance(error, Refusal):
        return _refused(request.scope, error)
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    code, message = _REFUSALS.get(error.status_code, ("BAD_USER_INPUT", f"{error.detail}."))
    return _refused(request.scope, Refusal(error.status_code, code, message, error.headers))


def _refused(scope: Scope, refusal: Refusal) -> GraphQLResponse:
    return _noted(scope, responses.of_refusal(refusal, responses.media_type_of(scope)))


def _noted(scope: Scope, response: GraphQLResponse) -> GraphQLResponse:
    Exchange.of(scope).answers(response)
    return response
