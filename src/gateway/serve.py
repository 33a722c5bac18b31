"""The home of serving: by one process or several, with uvicorn's options, until a signal comes."""

from __future__ import annotations

import errno
import logging.config
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from gateway.http.protocol import BoundedProtocol
from gateway.operator import logs
from gateway.operator.settings import OperatorError, hand_down
from gateway.serving.server import GRACE_SECONDS, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.applications import Starlette

    from gateway.operator.settings import Settings

_log = logging.getLogger(__name__)

UNASKED: Final = 3
"""The exit code of a stop that nobody asked for; uvicorn's own for a start that failed."""
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


def serve(settings: Settings, doubts: Sequence[str] = ()) -> None:
    """Serve until a signal comes, and tell of *doubts*; end with `UNASKED` where no signal came."""
    logging.config.dictConfig(logs.configuration(settings.log_level))
    for doubt in doubts:
        _log.warning(doubt)
    if settings.workers > 1:
        from gateway.serving.workers import Workers  # noqa: PLC0415 - one process does without

        hand_down(settings)
        config = uvicorn.Config("gateway.app:from_environment", factory=True, **options(settings))
        asked = Workers(config, settings.drain_seconds).serve()
    else:
        asked = serve_alone(_app(settings), settings)
    if not asked:
        sys.exit(UNASKED)


def serve_alone(app: Starlette, settings: Settings, announce: Callable[[str], None] | None = None) -> bool:
    """Serve *app* in this process; *announce* is told the URL as soon as it answers. Tell whether the end was asked."""
    server = Server(uvicorn.Config(app, **options(settings)), settings.drain_seconds, announce)
    with suppress(KeyboardInterrupt):
        try:
            server.run()
        except Exception:  # noqa: BLE001 - the boundary at which bugs are logged
            _log.exception("the server has failed")
            return False
    return server.was_asked


def serve_demo(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve in this process; *announce* is told the URL as soon as it answers."""
    if not serve_alone(_app(settings), settings, announce):
        sys.exit(UNASKED)


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
        "log_config": logs.configuration(settings.log_level),
        "http": BoundedProtocol,
        "timeout_keep_alive": settings.keep_alive_seconds,
        "timeout_graceful_shutdown": GRACE_SECONDS,
        "timeout_worker_healthcheck": _START_SECONDS,
        # By `gateway.http.forwarded`; uvicorn would take FORWARDED_ALLOW_IPS, trust 127.0.0.1, and lose the peer.
        "proxy_headers": False,
    }
