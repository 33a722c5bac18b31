"""The home of the server process: uvicorn, and how it ends."""

from __future__ import annotations

import logging.config
import signal
import socket
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

import uvicorn

from gateway.http.health import LEAVING
from gateway.operator import logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


_log = logging.getLogger(__name__)

HURRY: Final = signal.SIGQUIT
"""By which the parent of several processes passes on that it was asked to stop twice."""
GRACE_SECONDS: Final = 10
_CLOSING = (b"connection", b"close")


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
