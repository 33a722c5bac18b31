"""The home of the processes that are measured: started on a free port, metered, ended by their id."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import psutil

from bench import shop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.questions import Question

SUBJECTS = ("gateway", "limit", "plain")
_LONGEST_START = 30.0
_THROTTLES = ("FREE_PASSWORD_TRIES", "TRIES_PER_NETWORK", "TRIES_PER_ACCOUNT", "SIGN_INS_AT_ONCE")
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers at *url*, and was ready *start_seconds* after it began."""

    name: str
    url: str
    pid: int
    start_seconds: float

    def answer(self, question: Question, number: int) -> bytes:
        """Return its answer to customer *number*."""
        headers = {"content-type": "application/json", "authorization": f"Bearer {shop.token(number)}"}
        return httpx2.post(self.url, content=question.body(number), headers=headers, timeout=60).content

    def memory(self) -> float:
        """Return the resident memory of its largest process, in MiB."""
        largest: int = max(process.memory_info().rss for process in _family(self.pid))
        return largest / _MIB


@contextmanager
def running(name: str, database_url: str, log: Path, workers: int = 1) -> Iterator[Server]:
    """Run a subject on *database_url* with so many processes; what it logs goes to the file *log*."""
    port = _free_port()
    command, environment = _command(name, database_url, port, workers)
    with log.open("wb") as lines:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=lines, stderr=lines)  # noqa: S603 - our own
    try:
        _await(port, process)
        path = f"/{shop.CHANNEL}/graphql" if name == "gateway" else "/graphql"
        yield Server(name, f"http://127.0.0.1:{port}{path}", process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait()


def cpu_seconds(pid: int | None) -> float:
    """Return the processor time that process *pid* and all below it have taken; 0 for none."""
    if pid is None:
        return 0.0
    found = 0.0
    for process in _family(pid):
        with suppress(psutil.NoSuchProcess):  # its parent has taken over its time
            # All four: of itself, and of those below it that have ended.
            found += sum(process.cpu_times()[:4])
    return found


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _command(name: str, database_url: str, port: int, workers: int) -> tuple[list[str], dict[str, str]]:
    # Whatever this machine is set to: a server compiles its modules at its first start only.
    left_out = ("GATEWAY_", "PYTHONDONTWRITEBYTECODE")
    others = {key: value for key, value in os.environ.items() if not key.startswith(left_out)}
    if name != "gateway":
        return [sys.executable, "-m", "bench.serving", name, database_url, str(port), str(workers)], others
    settings = {
        "GATEWAY_DATABASE_URL": database_url,
        "GATEWAY_SECRET_KEY": "a key of the bench that protects nothing",
        "GATEWAY_PORT": str(port),
        "GATEWAY_WORKERS": str(workers),
        **{
            f"GATEWAY_{name}": "1000000" for name in _THROTTLES
        },  # all clients share one address, and sign in all the time
    }
    return [str(Path(sys.executable).with_name("gateway")), "serve"], others | settings


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until something is answered at *port*: the parent of several processes listens before they do."""
    until = time.monotonic() + _LONGEST_START
    while time.monotonic() < until and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=_LONGEST_START)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.005)
        else:
            return
        finally:
            connection.close()
    msg = f"{process.args!r} did not start."
    raise RuntimeError(msg)
