"""The home of the parent of several serving processes: it replaces those that die, and ends those that are left.

Uvicorn's own ends all of them, with exit code 0, as soon as one does not start.
"""

from __future__ import annotations

import logging
import os
import signal
from multiprocessing.connection import wait
from time import monotonic, sleep
from typing import TYPE_CHECKING, cast

from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from gateway.serving.server import GRACE_SECONDS, HURRY, Server

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    import uvicorn

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0
"""Before another process is started in place of one that did not start."""
_LOOK_SECONDS = 0.2
_LATE_SECONDS = 10
"""So much longer than it may take, a process that was told to end may live."""


class Workers(Multiprocess):
    """Serves by several processes."""

    def __init__(self, config: uvicorn.Config, drain_seconds: float) -> None:
        """Listen, and have each process that serves drain for *drain_seconds*."""
        super().__init__(config, [config.bind_socket()])
        self._drain_seconds = drain_seconds
        self._was_asked = False
        self._has_served = False

    def serve(self) -> bool:
        """Serve until a signal comes; tell whether one came."""
        self.run()
        return self._was_asked

    def init_processes(self) -> None:
        """Start all of them."""
        self.processes = [self._started() for _ in range(self.processes_num)]

    def keep_subprocess_alive(self) -> None:
        """Replace those that have died or hang; give up where not one has ever served."""
        for place, worker in enumerate(cast("list[_Worker]", self.processes)):
            if self.should_exit.is_set():
                return
            if worker.lives(self.config.timeout_worker_healthcheck, lambda: bool(self.signal_queue)):
                self._has_served = self._has_served or worker.has_served
                continue
            worker.kill()
            worker.join()
            if worker.exitcode == STARTUP_FAILURE:
                if not self._has_served:
                    _log.error("process %s did not start, and no other one has: giving up", worker.pid)
                    self.should_exit.set()
                    return
                sleep(_PAUSE_SECONDS)
            _log.error("process %s has died with %s: another one is started", worker.pid, worker.exitcode)
            self.processes[place] = self._started()

    def restart_all(self) -> None:
        """Replace one after the other, as SIGHUP asks, each once the next one serves."""
        for place, former in enumerate(self.processes):
            successor = self._started()
            if not successor.wait_until_ready(self.config.timeout_worker_healthcheck, self.should_exit):
                successor.kill()
                successor.join()
                _log.error("process %s did not get ready: the others stay", successor.pid)
                return
            former.terminate()
            former.join()
            self.processes[place] = successor

    def handle_ttin(self) -> None:
        """Start one more."""
        self.processes_num += 1
        self.processes.append(self._started())

    def handle_int(self) -> None:
        """End."""
        self._was_asked = True
        super().handle_int()

    def handle_term(self) -> None:
        """End."""
        self._was_asked = True
        super().handle_term()

    def join_all(self) -> None:
        """Wait until all have ended; a second signal hurries them, and none is waited for without end."""
        until = monotonic() + self._drain_seconds + GRACE_SECONDS + _LATE_SECONDS
        while living := [worker for worker in self.processes if worker.process.is_alive()]:
            if {signal.SIGINT, signal.SIGTERM} & set(self.signal_queue):
                self.signal_queue.clear()
                for worker in living:
                    assert worker.pid is not None  # noqa: S101 - it was started
                    os.kill(worker.pid, HURRY)
            if monotonic() > until:
                for worker in living:
                    worker.process.kill()
            sleep(0.05)

    def _started(self) -> _Worker:
        worker = _Worker(self.config, self.sockets, self._drain_seconds)
        worker.start()
        return worker


class _Worker(Process):
    """One of them."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], drain_seconds: float) -> None:
        """Be ready to start."""
        self._drain_seconds = drain_seconds
        self.has_served = False
        super().__init__(config, sockets)

    def lives(self, seconds: float, is_asked: Callable[[], bool]) -> bool:
        """Tell whether it answers within so many *seconds*; whoever is asked for something else meanwhile looks later.

        Uvicorn waits for the answer of one that has just died for as long as for one that hangs, and hears no signal.
        """
        until = monotonic() + seconds
        answered: Sequence[object] = ()
        try:
            self.parent_conn.send(b"ping")
            while not answered and monotonic() < until:
                if is_asked():
                    return True
                answered = wait([self.parent_conn, self.process.sentinel], _LOOK_SECONDS)
            if self.process.sentinel in answered or not answered:
                return False
            self.has_served = bool(self.parent_conn.recv()) or self.has_served
        except (OSError, EOFError):
            return False
        return True

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve, in the process itself."""
        self._server = Server(self.config, self._drain_seconds, is_worker=True)
        super().target(sockets)
