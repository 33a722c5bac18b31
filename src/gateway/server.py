"""The home of the server process: uvicorn and its options."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import uvicorn

from gateway.logs import configuration
from gateway.protocol import BoundedProtocol
from gateway.settings import OperatorError, hand_down

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette

    from gateway.settings import Settings

_GRACE_SECONDS = 10
_START_SECONDS = 60
"""A process that has said nothing for so long is replaced. In uvicorn's 5 none would ever start on a busy machine."""


def require_address(settings: Settings) -> None:
    """Raise `OperatorError` unless this process may listen at host and port: uvicorn would log a number, and end."""
    try:
        [*_, (family, kind, *_, address)] = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            msg = f"Port {settings.port} of {settings.host} is in use. Choose another by --port or GATEWAY_PORT."
        else:
            msg = f"{settings.host} can't be listened at: {error.strerror}. Check --host and GATEWAY_HOST."
        raise OperatorError(msg) from error


def serve(settings: Settings) -> None:
    """Serve until a signal comes."""
    if settings.workers > 1:
        hand_down(settings)
        uvicorn.run("gateway.app:from_environment", factory=True, **options(settings))
    else:
        uvicorn.run(_app(settings), **options(settings))


def serve_demo(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve in this process; *announce* is told the URL as soon as it answers."""
    config = uvicorn.Config(_app(settings), **options(settings))
    with suppress(KeyboardInterrupt):
        _AnnouncedServer(config, announce).run()


def _app(settings: Settings) -> Starlette:
    # The parent of several processes serves nothing, and is faster without.
    from gateway.app import served  # noqa: PLC0415

    return served(settings)


def options(settings: Settings) -> dict[str, Any]:
    """Return how uvicorn serves."""
    return {
        "host": settings.host,
        "port": settings.port,
        "workers": settings.workers,
        "lifespan": "on",  # a failure there must end the start
        "ws": "none",
        "server_header": False,
        # Uvicorn's prints the query string, which holds variables.
        "access_log": False,
        "log_config": configuration(settings.log_level),
        "http": BoundedProtocol,
        "timeout_graceful_shutdown": _GRACE_SECONDS,
        "timeout_worker_healthcheck": _START_SECONDS,
        # By `gateway.forwarded`; uvicorn would take FORWARDED_ALLOW_IPS, trust 127.0.0.1, and lose the peer.
        "proxy_headers": False,
    }


class _AnnouncedServer(uvicorn.Server):
    """Tells its URL once it listens, with the port that it got."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[str], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host = "127.0.0.1" if self.config.host in {"0.0.0.0", "::"} else self.config.host  # noqa: S104 - compared
            host = f"[{host}]" if ":" in host else host
            port = self.servers[0].sockets[0].getsockname()[1]
            self._announce(f"http://{host}:{port}")
