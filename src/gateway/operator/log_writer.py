"""The home of where the lines of the log go: into a bounded queue, which one thread writes.

Whoever reads a pipe may stop, and a disk may hang: a write to it then never returns. In the thread of the event loop it
would stop every request, the health checks and SIGTERM. So nobody who logs ever waits: what does not fit is dropped
and counted, and the log tells how much that was as soon as it is read again.
"""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES: Final = 1024 * 1024
"""That wait to be written: some 4,500 requests."""
FLUSH_SECONDS: Final = 2.0
"""That the end of the process waits for the reader."""
_TOGETHER_SECONDS: Final = 0.01
"""For which lines are gathered: to wake the thread for each would cost more than to write it."""
_LOOK_SECONDS: Final = 0.005


class LogWriter:
    """Writes lines to *descriptor*, if there is one; *told* is the line that says how many were dropped."""

    def __init__(self, descriptor: int | None, told: Callable[[int], bytes], *, most_bytes: int = MOST_BYTES) -> None:
        """Let *most_bytes* wait."""
        self._descriptor = descriptor
        self._told = told
        self._most_bytes = most_bytes
        # A signal may come while its thread is inside, and be logged.
        self._lock = threading.RLock()
        self._lines: deque[bytes] = deque()
        self._bytes = 0
        self._dropped = 0
        self._telling = 0
        """Drops that the line which is being written tells of."""
        self._failed = False
        self._some = threading.Event()
        self._thread: threading.Thread | None = None

    def put(self, line: bytes) -> None:
        """Have *line* written, or drop it where too much waits. Never waits."""
        with self._lock:
            if self._bytes + len(line) > self._most_bytes:
                self._dropped += 1
                return
            self._lines.append(line)
            self._bytes += len(line)
            if self._thread is None:
                # The end of the process shall not wait for a thread that waits for a reader.
                self._thread = threading.Thread(target=self._run, name="log", daemon=True)
                self._thread.start()
        if not self._some.is_set():
            self._some.set()

    def flush(self, seconds: float = FLUSH_SECONDS) -> None:
        """Wait until everything is written, but no longer than *seconds*."""
        until = monotonic() + seconds
        while (self._bytes or (self._dropped and not self._failed)) and monotonic() < until:
            sleep(_LOOK_SECONDS)

    def _run(self) -> None:
        while True:
            self._some.wait()
            sleep(_TOGETHER_SECONDS)
            self._some.clear()
            self._failed = False
            while not self._failed and (piece := self._piece()):
                self._write(piece)

    def _piece(self) -> list[bytes]:
        """Return the next lines, so many as a pipe takes in one piece: other processes may write to the same one."""
        with self._lock:
            piece: list[bytes] = []
            length = 0
            while self._lines and (not piece or length + len(self._lines[0]) <= select.PIPE_BUF):
                piece.append(self._lines.popleft())
                length += len(piece[-1])
            if not self._lines and self._dropped:
                piece.append(self._told(self._dropped))
                self._telling, self._dropped = self._dropped, 0
                self._bytes += len(piece[-1])
            return piece

    def _write(self, lines: list[bytes]) -> None:
        """Write *lines*, which count as waiting until they are written."""
        rest = text = b"".join(lines)
        try:
            while rest:
                rest = rest[self._written(rest) :]
        except OSError:
            # The pipe is closed, or the disk full: with the next line it is tried again.
            self._failed = True
        with self._lock:
            if self._failed:
                self._dropped += len(lines) + max(0, self._telling - 1)
            self._telling = 0
            self._bytes -= len(text)

    def _written(self, text: bytes) -> int:
        if self._descriptor is None:
            return len(text)
        try:
            return os.write(self._descriptor, text)
        except BlockingIOError:
            # Whoever shares the pipe may have made it one that does not wait.
            select.select([], [self._descriptor], [], 1)
            return 0
