"""The home of the processes that serve limit and plain: `python -m bench.serving limit URL PORT WORKERS`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from starlette.types import ASGIApp, Receive, Scope, Send

_URL = "BENCH_DATABASE_URL"


class _Opened:
    """The application that *opened* opens with the server."""

    def __init__(self, opened: Callable[[str], AbstractAsyncContextManager[ASGIApp]]) -> None:
        self._opened = opened
        self._app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._app(scope, receive, send)
            return
        await receive()
        async with self._opened(os.environ[_URL]) as app:
            self._app = app
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def limit() -> ASGIApp:
    """Return the limit, for a process of uvicorn."""
    from bench.limit import opened
    from gateway.serving import collector

    collector.resume()  # as the gateway
    return _Opened(opened)


def plain() -> ASGIApp:
    """Return the plain application, for a process of uvicorn."""
    from bench.plain import opened

    return _Opened(opened)


def main(name: str, url: str, port: str, workers: str) -> None:
    """Serve until a signal comes."""
    os.environ[_URL] = url
    uvicorn.run(
        f"bench.serving:{name}",
        factory=True,
        port=int(port),
        workers=int(workers),
        lifespan="on",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
