"""The home of the application: its routes, and what it opens at the start and closes at the end."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from db.engine import open_database
from gateway import responses
from gateway.channels import Channels
from gateway.clock import SystemClock
from gateway.graphql import GraphQL
from gateway.hashing import Argon2Hasher, permits
from gateway.operating import explained, require_migrated
from gateway.playground import playground_of
from gateway.responses import Refusal
from gateway.settings import Settings, load
from resolvers.schema import operations_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response


def create_app(settings: Settings) -> Starlette:
    """Return the application. Its lifespan opens the database, and refuses one that is not migrated."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with _opened(settings) as app.state.graphql:
            yield

    async def respond(request: Request) -> Response:
        graphql: GraphQL = request.app.state.graphql
        return await graphql.respond(request, request.path_params.get("channel", settings.default_channel))

    playground = playground_of(settings)
    endpoint = playground.before(respond) if playground else respond
    paths = ("/graphql", "/{channel}/graphql")
    app = Starlette(
        routes=[
            *(Route(path, endpoint, methods=["GET", "POST"]) for path in paths),
            *(playground.routes() if playground else ()),
        ],
        exception_handlers={HTTPException: _refuse},
        lifespan=lifespan,
    )
    # A redirect would be built from the Host that a client sends.
    app.router.redirect_slashes = False
    return app


def from_environment() -> Starlette:
    """Return the application by the settings of the environment; for processes that uvicorn starts."""
    return create_app(load(Settings))


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[GraphQL]:
    await require_migrated(settings.database_url)
    with explained():
        database = await open_database(settings.database_url)
    hasher = Argon2Hasher(at_once=permits(settings.workers))
    try:
        yield GraphQL(
            operations=operations_on(database),
            channels=Channels(database),
            database=database,
            clock=SystemClock(),
            hasher=hasher,
        )
    finally:
        hasher.close()
        await database.close()


async def _refuse(request: Request, error: Exception) -> Response:
    """Answer what no route answers: another path or method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    codes = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
    refusal = Refusal(
        error.status_code, codes.get(error.status_code, "BAD_USER_INPUT"), f"{error.detail}.", error.headers
    )
    return responses.of_refusal(refusal, responses.negotiated(request.headers.getlist("accept")))
