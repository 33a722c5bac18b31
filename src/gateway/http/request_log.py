"""The home of the log's line for each request: its id, what was asked, how it was answered, how long it took.

Nothing that a client has made up is written, but the name of a valid operation and a well-formed request id. Never
variables, documents, headers, query strings or addresses; a path only where a route or a known channel made it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING, Any

from structlog.contextvars import bind_contextvars

from resolvers.rules.card_numbers import blotted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, MutableMapping, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from db.errors import DatabaseUnavailableError
    from gateway.http.responses import GraphQLResponse

    Write = Callable[[str, dict[str, Any]], None]

KEY = "gateway.exchange"
"""In the scope: the exchange of a request."""
_RANDOM = Random()  # noqa: S311 - an id tells requests apart, and is no secret
_WELL_FORMED = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LONGEST_NAME = 64
_MOST_CODES = 10
_QUIET = {"/healthz", "/readyz"}
"""Polled every few seconds: lines that nobody reads."""


@dataclass(slots=True)
class Exchange:
    """A request and its answer, as the log shows them."""

    request_id: str = ""
    path: str | None = None
    channel: str | None = None
    operation: str | None = None
    operation_type: str | None = None
    errors: Sequence[dict[str, Any]] = field(default_factory=tuple)
    status: int = 500
    outage: DatabaseUnavailableError | None = None
    limit: str | None = None
    has_begun: bool = False
    """Whether its answer is on its way."""
    unmarked_session_id: str | None = None
    """The session that asked, if its use is to be marked once it is answered."""

    @classmethod
    def of(cls, scope: MutableMapping[str, Any]) -> Exchange:
        """Return the exchange of the request of *scope*; one that nobody reads where no `RequestLog` stands before."""
        found: Exchange | None = scope.get(KEY)
        return found or cls()

    def runs(self, name: str | None, kind: str) -> None:
        """Keep which operation of the document runs; *kind* is query or mutation."""
        self.operation = name and blotted(name[:_LONGEST_NAME])
        self.operation_type = kind

    def uses(self, session_id: str) -> None:
        """Keep the session whose use is to be marked."""
        self.unmarked_session_id = session_id

    def meets(self, limit: str) -> None:
        """Keep which limit has closed."""
        self.limit = limit

    def answers(self, response: GraphQLResponse) -> None:
        """Keep what is wrong by the *response*."""
        self.errors, self.outage = response.errors, response.outage

    @property
    def is_our_fault(self) -> bool:
        """Whether the answer fails for a reason that is no client's."""
        return self.status >= 500 or self.outage is not None  # noqa: PLR2004 - as HTTP divides them

    def fields(self, method: str, duration: float) -> dict[str, Any]:
        """Return what the log shows, after *duration* seconds."""
        fields: dict[str, Any] = {
            "request_id": self.request_id,
            "method": method,
            "path": self.path,
            "channel": self.channel,
            "operation": self.operation,
            "operation_type": self.operation_type,
            "status": self.status,
            "duration_ms": round(duration * 1000, 2),
        }
        if self.errors:
            extensions = [error["extensions"] for error in self.errors]
            fields["errors"] = list(dict.fromkeys(found["code"] for found in extensions))[:_MOST_CODES]
            if ids := [found["errorId"] for found in extensions if "errorId" in found]:
                fields["error_id"] = ids[0] if len(ids) == 1 else ids[:_MOST_CODES]
        if self.outage is not None:
            fields["database"] = {"cause": self.outage.cause, "during": self.outage.during}
        if self.limit is not None:
            fields["limit"] = self.limit
        return fields


class RequestLog:
    """Gives each request an id, and tells *write* level and fields of its line once it is answered."""

    def __init__(self, app: ASGIApp, write: Write | None) -> None:
        """Log what *app* answers; without *write* there are ids only."""
        self._app = app
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = scope[KEY] = Exchange(request_id(scope["headers"]))
        # What is logged on the way has it too.
        bind_contextvars(request_id=exchange.request_id)
        began = perf_counter()

        async def send_identified(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status, exchange.has_begun = message["status"], True
                message["headers"] = [*message["headers"], (b"x-request-id", exchange.request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_identified)
        finally:
            if self._write:
                self._log(exchange, scope, perf_counter() - began, self._write)

    def _log(self, exchange: Exchange, scope: Scope, duration: float, write: Write) -> None:
        if exchange.path is None and (route := scope.get("route")) is not None:
            exchange.path = route.path
        level = "error" if exchange.is_our_fault else "info"
        if exchange.path in _QUIET and level == "info":
            level = "debug"
        write(level, exchange.fields(scope["method"], duration))


def request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the X-Request-Id of a proxy or client if it is well-formed, else a new one."""
    for name, value in headers:
        if name == b"x-request-id" and _WELL_FORMED.fullmatch(value):
            return value.decode()
    return f"{_RANDOM.getrandbits(64):016x}"
