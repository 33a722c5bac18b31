"""The home of the server process: uvicorn with its options, and how it ends."""

from __future__ import annotations

import errno
import logging.config
import signal
import socket
import sys
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from gateway.http.health import LEAVING
from gateway.http.protocol import BoundedProtocol
from gateway.operator import logs
from gateway.operator.settings import OperatorError, hand_down

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from starlette.applications import Starlette

    from gateway.operator.settings import Settings

_log = logging.getLogger(__name__)

UNASKED: Final = 3
"""The exit code of a stop that nobody asked for; uvicorn's own for a start that failed."""
HURRY: Final = signal.SIGQUIT
"""By which the parent of several processes passes on that it was asked to stop twice."""
GRACE_SECONDS: Final = 10
_START_SECONDS = 60
"""A process that has said nothing for so long is replaced. In uvicorn's 5 none would ever start on a busy machine."""
_CLOSING = (b"connection", b"close")


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


class Server(uvicorn.Server):
    """Ends in steps: it says that it will, serves *drain_seconds* more, answers what it has received, and ends.

    A second signal skips what is left of them. *announce* is told its URL once it listens, with the port that it got.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        drain_seconds: float = 0,
        announce: Callable[[str], None] | None = None,
        *,
        is_worker: bool = False,
    ) -> None:
        """Serve by *config*. A worker's parent and a terminal both send the signal: only `HURRY` is a second one."""
        super().__init__(config)
        self._drain_seconds = drain_seconds
        self._announce = announce
        self._is_worker = is_worker
        self._drains_until: float | None = None

    @property
    def was_asked(self) -> bool:
        """Whether a signal has asked for the end."""
        return bool(self._captured_signals)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals over; after this uvicorn ends the process by the one that it got."""
        with super().capture_signals():
            before = signal.signal(HURRY, self.handle_exit) if self._is_worker else None
            try:
                yield
            finally:
                logs.flush()
                if before is not None:
                    signal.signal(HURRY, before)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; at once, if it has begun."""
        del frame
        if not self.was_asked:
            self._captured_signals.append(sig)
            if self.started and self._drain_seconds:
                self._drain()
            else:
                self.should_exit = True
        elif sig == HURRY or not self._is_worker:
            self.should_exit = self.force_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Tell whether to end."""
        ends = await super().on_tick(counter)
        return ends or (self._drains_until is not None and monotonic() >= self._drains_until)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started and self._announce:
            host = "127.0.0.1" if self.config.host in {"0.0.0.0", "::"} else self.config.host  # noqa: S104 - compared
            host = f"[{host}]" if ":" in host else host
            port = self.servers[0].sockets[0].getsockname()[1]
            self._announce(f"http://{host}:{port}")

    def _drain(self) -> None:
        """Go on answering, and have everybody go elsewhere meanwhile."""
        self._drains_until = monotonic() + self._drain_seconds
        self.config.encoded_headers = [*self.config.encoded_headers, _CLOSING]
        self.server_state.default_headers = [*self.server_state.default_headers, _CLOSING]
        self.lifespan.state[LEAVING]()
