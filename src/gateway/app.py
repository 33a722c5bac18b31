"""The home of the application: its routes, and what it opens at the start and closes at the end."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from gateway.adapters.clock import SystemClock
from gateway.adapters.hashing import Argon2Hasher, permits
from gateway.http.boundary import Boundary, refuse
from gateway.http.channel_ids import Channels
from gateway.http.cors import Cors
from gateway.http.forwarded import Forwarded
from gateway.http.graphql import GraphQL
from gateway.http.health import LEAVING, Readiness, alive
from gateway.http.request_log import RequestLog
from gateway.http.responses import Refusal
from gateway.mail.transport import sender_of
from gateway.operator.addresses import is_near
from gateway.operator.settings import DemoSettings, Settings, load
from gateway.playground import playground_of
from gateway.serving import collector
from gateway.serving.background import sweeping, waiting_mails, working
from gateway.serving.opening import Opening
from resolvers.schema import operations_on
from resolvers.throttling.waiting import WaitingRoom

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from db.engine import Database
    from gateway.http.request_log import Write
    from gateway.serving.background import Work
    from resolvers.ports import Clock, Hasher


def create_app(
    settings: Settings, *, log: Write | None = None, hasher: Hasher | None = None, works: bool = False
) -> Starlette:
    """Return the application. Its lifespan opens the database, once it is there and migrated.

    *log* is told level and fields of each request's line. *hasher* hashes in place of Argon2. One that *works* sends
    mails and sweeps beside answering.
    """
    clock = SystemClock()

    @asynccontextmanager
    async def begun(database: Database) -> AsyncIterator[None]:
        async with _answering(settings, database, clock, hasher) as graphql:
            app.state.graphql = graphql
            async with working(_works(settings, database, clock) if works else []):
                yield

    opening = Opening(settings.database_url, begun)
    readiness = Readiness(lambda: opening.database, clock, serves=lambda: opening.is_open)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with opening.kept():
            # The server's own: see `gateway.serving.server`.
            yield {LEAVING: readiness.leave}

    def graphql() -> GraphQL:
        if not opening.is_open:
            raise opening.refuse()
        found: GraphQL = app.state.graphql
        return found

    async def healthz(_request: Request) -> Response:
        return alive()

    async def readyz(_request: Request) -> Response:
        return await readiness.answer()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await graphql()(scope, receive, send)

    playground = playground_of(settings)
    endpoint: ASGIApp = _Endpoint(answer)
    endpoint = playground.before(endpoint) if playground else endpoint
    app = Starlette(
        routes=[
            *(_route(path, endpoint, "GET", "POST") for path in ("/{channel}/graphql", "/graphql")),
            *(playground.routes() if playground else ()),
            *(_mailbox(settings, graphql) if settings.mailbox else ()),
            _route("/healthz", healthz, "GET"),
            _route("/readyz", readyz, "GET"),
        ],
        middleware=[Middleware(RequestLog, log), *_middleware(settings), Middleware(Boundary)],
        exception_handlers={HTTPException: refuse},
        lifespan=lifespan,
    )
    # A redirect would be built from the Host that a client sends.
    app.router.redirect_slashes = False
    return app


def served(settings: Settings) -> Starlette:
    """Return the application of a process that serves nothing else: it logs."""
    from gateway.operator.logs import request_lines  # noqa: PLC0415 - imports structlog, which most tests can do without

    app = create_app(settings, log=request_lines(settings.log_level), works=True)
    collector.resume()
    return app


def from_environment() -> Starlette:
    """Return the application by the settings of the environment; for processes that uvicorn starts."""
    return served(load(Settings))


class _Endpoint:
    """An ASGI application, as it needs no `Request`: Starlette takes a function for one of its own."""

    def __init__(self, answer: ASGIApp) -> None:
        """Answer by *answer*."""
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope, receive, send)


def _route(path: str, endpoint: ASGIApp | Callable[[Request], Awaitable[Response]], *methods: str) -> Route:
    route = Route(path, endpoint, methods=methods)
    # Starlette's ends with $, which also stands before a line end: /graphql%0a would be the endpoint.
    route.path_regex = re.compile(route.path_regex.pattern.removesuffix("$") + r"\Z")
    return route


def _mailbox(settings: Settings, opened: Callable[[], GraphQL]) -> Iterator[Route]:
    from gateway.mail.mailbox import routes  # noqa: PLC0415 - of development only
    from gateway.mail.shown import PostedMails  # noqa: PLC0415
    from gateway.mail.transport import DEVELOPMENT_SENDER, keys_of  # noqa: PLC0415

    posted = PostedMails(opened, keys_of(settings))
    for path, page in routes(posted, settings.mail_from or DEVELOPMENT_SENDER):
        yield _route(path, page if settings.mailbox_public else _near(page), "GET")


def _near(page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Return *page* for this machine alone: whoever reads a mail has its link."""

    async def guarded(request: Request) -> Response:
        if not is_near(request.headers):
            message = "The mailbox answers this machine alone: http://localhost. See GATEWAY_MAILBOX_PUBLIC."
            raise Refusal(404, "NOT_FOUND", message)
        return await page(request)

    return guarded


def _works(settings: Settings, database: Database, clock: Clock) -> list[Work]:
    sender = sender_of(settings, database, clock)
    return [sweeping(database, clock), sender.run if sender else waiting_mails(database, clock)]


def _middleware(settings: Settings) -> Iterator[Middleware]:
    yield Middleware(Forwarded, settings.trusted_proxies)
    local = isinstance(settings, DemoSettings)
    if settings.cors_origins or local:
        yield Middleware(Cors, settings.cors_origins, local=local)


@asynccontextmanager
async def _answering(
    settings: Settings, database: Database, clock: Clock, hasher: Hasher | None
) -> AsyncIterator[GraphQL]:
    argon2 = Argon2Hasher(at_once=permits(settings.workers))
    try:
        yield GraphQL(
            operations=operations_on(database, spending=settings.spending()),
            channels=Channels(database),
            database=database,
            clock=clock,
            hasher=hasher or argon2,
            limits=settings.limits(),
            waiting=WaitingRoom(of_account=settings.sign_ins_at_once, of_network=argon2.places // 2),
            secrets=[key.get_secret_value().encode() for key in settings.secret_key],
            default_channel=settings.default_channel,
        )
    finally:
        argon2.close()
