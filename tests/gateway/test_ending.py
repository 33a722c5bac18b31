"""A process ends in steps: it says so, serves on for a while, and ends; a second signal skips what is left of them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import Pipe, get_context
from typing import Any, cast

import pytest
import uvicorn

from gateway.http.health import LEAVING
from gateway.serve import UNASKED
from gateway.serving.server import HURRY, Server
from gateway.serving.workers import Workers, _Worker

pytestmark = pytest.mark.anyio

TERM, INT = signal.SIGTERM, signal.SIGINT


async def answer(_scope: Any, _receive: Any, _send: Any) -> None:
    raise AssertionError


@dataclass
class Lifespan:
    left: list[str] = field(default_factory=list)

    @property
    def state(self) -> dict[str, Any]:
        return {LEAVING: lambda: self.left.append("told")}


def a_server(drain_seconds: float = 0, *, is_worker: bool = False) -> Server:
    """Return a server that has started."""
    config = uvicorn.Config(answer, log_config=None)
    config.load()
    server = Server(config, drain_seconds, is_worker=is_worker)
    server.started, server.lifespan = True, cast("Any", Lifespan())
    return server


def told(server: Server) -> list[str]:
    return cast("Lifespan", server.lifespan).left


async def test_without_draining_the_first_signal_ends() -> None:
    server = a_server()
    server.handle_exit(TERM, None)

    assert (server.was_asked, server.should_exit, server.force_exit) == (True, True, False)
    assert await server.on_tick(0) is True


async def test_while_it_drains_everybody_is_told_to_go_elsewhere() -> None:
    server = a_server(60)
    server.handle_exit(TERM, None)

    assert (server.was_asked, server.should_exit) == (True, False)
    assert told(server) == ["told"]
    assert (b"connection", b"close") in server.server_state.default_headers
    assert await server.on_tick(0) is False
    assert (b"connection", b"close") in server.server_state.default_headers


async def test_after_draining_it_ends() -> None:
    server = a_server(1e-9)
    server.handle_exit(TERM, None)

    assert await server.on_tick(1) is True
    assert server.force_exit is False


@pytest.mark.parametrize("drain_seconds", [0, 60])
@pytest.mark.parametrize("second", [TERM, INT])
def test_a_second_signal_ends_at_once(drain_seconds: float, second: int) -> None:
    server = a_server(drain_seconds)
    server.handle_exit(TERM, None)
    server.handle_exit(second, None)

    assert (server.should_exit, server.force_exit) == (True, True)


def test_a_worker_gets_the_first_signal_twice_and_the_second_from_its_parent() -> None:
    server = a_server(60, is_worker=True)
    server.handle_exit(TERM, None)
    server.handle_exit(INT, None)
    assert (server.should_exit, server.force_exit) == (False, False)

    server.handle_exit(HURRY, None)
    assert (server.should_exit, server.force_exit) == (True, True)


def test_a_signal_before_it_serves_waits_for_nothing() -> None:
    server = a_server(60)
    server.started = False
    server.handle_exit(TERM, None)

    assert server.should_exit is True


# ── Several processes ─────────────────────────────────────────────────────────────────────────────


@dataclass
class Worker:
    """A process that is alive or not, and serves or not."""

    alive: bool = True
    serves: bool = True
    exitcode: int | None = None
    pid: int = 1

    @property
    def has_served(self) -> bool:
        return self.serves

    def lives(self, seconds: float, is_asked: Callable[[], bool]) -> bool:
        del seconds, is_asked
        return self.alive

    def kill(self) -> None:
        pass

    def join(self) -> None:
        pass


class Watched(Workers):
    """Starts nothing."""

    def __init__(self, *workers: Worker) -> None:
        self._was_asked = self._has_served = False
        self.signal_queue = []
        self.config = uvicorn.Config(answer, log_config=None)
        self.processes = list(workers)  # type: ignore[arg-type]  # alike
        self.should_exit = threading.Event()

    def _started(self) -> Any:
        return Worker()


def living(watched: Workers) -> list[bool]:
    return [cast("Worker", worker).lives(1, lambda: False) for worker in watched.processes]


def test_one_that_dies_is_replaced() -> None:
    watched = Watched(Worker(), Worker(alive=False, exitcode=-9))
    watched.keep_subprocess_alive()

    assert living(watched) == [True, True]
    assert not watched.should_exit.is_set()


def test_one_that_does_not_start_ends_no_others() -> None:
    watched = Watched(Worker(), Worker(alive=False, exitcode=UNASKED))
    watched.keep_subprocess_alive()

    assert living(watched) == [True, True]
    assert not watched.should_exit.is_set()


def test_where_none_has_ever_served_it_gives_up_and_nobody_has_asked() -> None:
    watched = Watched(Worker(serves=False), Worker(alive=False, exitcode=UNASKED))
    watched.keep_subprocess_alive()

    assert watched.should_exit.is_set()
    assert watched._was_asked is False  # noqa: SLF001 - what becomes the exit code


# ── Whether one lives, by a real process ──────────────────────────────────────────────────────────


@contextmanager
def a_process(code: str) -> Iterator[_Worker]:
    """Run *code* in place of a worker that may not answer."""
    worker = object.__new__(_Worker)
    worker.has_served = False
    worker.parent_conn, worker.child_conn = Pipe()
    worker.process = get_context("fork").Process(target=exec, args=(code,))  # type: ignore[assignment]  # alike
    worker.process.start()
    yield worker
    worker.process.kill()
    worker.process.join()
    worker.parent_conn.close()
    worker.child_conn.close()


def test_one_that_dies_while_it_is_asked_is_not_waited_for() -> None:
    with a_process("import time; time.sleep(0.3)") as worker:
        assert worker.lives(24 * 3600, lambda: False) is False


def test_one_that_hangs_is_waited_for_and_no_longer() -> None:
    with a_process("import time; time.sleep(60)") as worker:
        assert worker.lives(0.3, lambda: False) is False


def test_a_signal_is_heard_while_one_hangs() -> None:
    with a_process("import time; time.sleep(60)") as worker:
        assert worker.lives(60, lambda: True) is True


def test_one_that_answers_says_whether_it_serves() -> None:
    with a_process("import time; time.sleep(60)") as worker:
        for served in (False, True, False):
            worker.child_conn.send(served)
            assert worker.lives(60, lambda: False) is True
            assert worker.has_served is (served or worker.has_served)
        assert worker.has_served is True


@pytest.mark.parametrize("asks", ["handle_term", "handle_int"])
def test_who_asks_is_remembered(asks: str) -> None:
    watched = Watched()
    getattr(watched, asks)()

    assert watched.should_exit.is_set()
    assert watched._was_asked is True  # noqa: SLF001 - what becomes the exit code
