"""The home of the playground: GraphiQL for who opens an endpoint in a browser, all of it served by the gateway."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.errors import DatabaseUnavailableError
from gateway.http.responses import LEGACY, MODERN, qualities
from gateway.operator.settings import DemoSettings
from gateway.playground import pages
from gateway.playground.files import Files

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from gateway.http.channel_ids import Channels
    from gateway.operator.settings import Settings
    from gateway.playground.examples import SignIns

_HTML = "text/html"


def playground_of(settings: Settings) -> Playground | None:
    """Return the playground, None where it is off; raise `OperatorError` where it is on and its files are missing."""
    if not settings.playground:
        return None
    files = Files.load()
    if isinstance(settings, DemoSettings):
        from gateway.demo import SIGN_INS  # noqa: PLC0415 - the demo alone pays for it

        return Playground(files, SIGN_INS, settings.default_channel)
    return Playground(files, {}, settings.default_channel)


@dataclass(frozen=True, slots=True)
class Playground:
    """Answers browsers. It knows the channels of the demo only; those of a real shop are nobody's business."""

    files: Files
    sign_ins: SignIns
    default_channel: str | None

    def routes(self) -> list[Route]:
        """Return what it answers beside the endpoint."""
        return [Route("/", self._root), Route("/playground/{version}/{name}", self._file)]

    def before(self, endpoint: ASGIApp) -> ASGIApp:
        """Return *endpoint*, but browsers get the page."""
        return _PageOrAnswer(self, endpoint)

    async def page(self, request: Request) -> Response:
        """Return the page of the channel that *request* names."""
        channel: str | None = request.path_params.get("channel")
        if channel is None:
            return self._to_default_channel()
        channels: Channels = request.app.state.graphql.channels
        if await channels.id_of(channel) is None:
            return pages.not_found("There is no such channel.", f"../{self._folder}", self.sign_ins)
        return pages.playground(channel, f"../{self._folder}", self.sign_ins)

    def _to_default_channel(self) -> Response:
        if self.default_channel is None:
            return pages.not_found("Name the channel in the path.", self._folder, self.sign_ins)
        # Relative: an absolute one would be built from the Host that a client sends, or lose a proxy's prefix.
        to = f"{quote(self.default_channel, safe='')}/graphql"
        return Response(status_code=303, headers={"location": to, "cache-control": "no-store", "vary": "accept"})

    @property
    def _folder(self) -> str:
        return f"playground/{self.files.version}"

    async def _root(self, request: Request) -> Response:
        if not _wants_page(request):
            raise HTTPException(404)
        return self._to_default_channel()

    async def _file(self, request: Request) -> Response:
        return self.files.respond(request)


@dataclass(frozen=True, slots=True)
class _PageOrAnswer:
    """Answers browsers by *playground*, and all others by *endpoint*."""

    playground: Playground
    endpoint: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = None
        if scope["method"] != "POST" and _wants_page(request := Request(scope)):
            with suppress(DatabaseUnavailableError):  # the endpoint says so
                response = await self.playground.page(request)
        await (response or self.endpoint)(scope, receive, send)


def _wants_page(request: Request) -> bool:
    """Tell a browser that opens the address from a client: `*/*` alone, as curl sends it, asks for no page."""
    if "query" in request.query_params:
        return False
    found = qualities(request.headers.getlist("accept"), (_HTML, MODERN, LEGACY))
    return found[_HTML] > max(found[MODERN], found[LEGACY])
