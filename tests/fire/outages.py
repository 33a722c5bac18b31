"""The home of figures of operation: a log that nobody reads, and a database that goes away under real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import orjson
import psutil

from tests.fire.controls import Control
from tests.fire.figures import Finding, Size, figure, unless
from tests.gateway.processes import ROOT, SECRET_KEY, environment

PATIENCE = 90.0
"""Seconds for what takes a moment on a quiet machine."""
END_SECONDS = 30.0
AT_ONCE = 16
LONG_ID = "x" * 60

CONTROLS = (
    Control(
        32,
        "lines are written where they are made",
        "        with self._lock:\n            if self._bytes + len(line) > self._most_bytes:\n",
        "        if self._descriptor is not None:\n            os.write(self._descriptor, line)\n            return\n"
        "        with self._lock:\n            if self._bytes + len(line) > self._most_bytes:\n",
        "not answered",
    ),
    Control(
        32,
        "drops are not counted",
        "                self._dropped += 1\n                return\n",
        "                return\n",
        "are told",
    ),
    Control(
        33,
        "an outage at the start ends it",
        "            if tells:\n                _log.warning(",
        "            if tells:\n                raise\n                _log.warning(",
        "no other one",
    ),
)


@dataclass
class Served:
    """A `gateway serve` that a figure has started."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path
    clients: httpx2.AsyncClient = field(default_factory=lambda: httpx2.AsyncClient(timeout=PATIENCE, verify=False))

    async def status(self, path: str, **how: Any) -> int | None:
        """Return the status of an answer; None if none comes."""
        try:
            return (await self.clients.get(f"{self.url}{path}", **how)).status_code
        except httpx2.TransportError:
            return None

    async def becomes(self, path: str, status: int) -> bool:
        """Tell whether *path* is answered by *status* in the end."""
        return await holds(lambda: self.status(path), status)

    def ended(self, seconds: float = END_SECONDS) -> int | None:
        """Return the exit code; None if it does not end."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


async def holds(find: Callable[[], Any], expected: object) -> bool:
    """Wait until *find* finds what is *expected*."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = find()
        if (await found if asyncio.iscoroutine(found) else found) == expected:
            return True
        await asyncio.sleep(0.1)
    return False


@asynccontextmanager
async def serving(url: str, log: Path, *arguments: str) -> AsyncIterator[Served]:
    """Serve the database at *url*, with *log* as standard error."""
    served = _begun(url, log, arguments)
    try:
        yield served
    finally:
        await served.clients.aclose()
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(served.process.pid)
            for each in (*parent.children(recursive=True), parent):
                each.kill()
        served.process.wait()


def _begun(url: str, log: Path, arguments: Sequence[str]) -> Served:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = environment(database_url=url, secret_key=SECRET_KEY, port=str(port))
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(ROOT)]))
    # For reading and writing: to open a pipe for writing alone waits for who reads.
    with os.fdopen(os.open(log, os.O_RDWR | os.O_CREAT, 0o600), "rb", 0) as error:
        process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-m", "gateway.cli", "serve", *arguments],
            env=settings | {"PYTHONPATH": path},
            stderr=error,
        )
    return Served(process, f"http://127.0.0.1:{port}", log)


# ── A log that nobody reads ───────────────────────────────────────────────────────────────────────


@figure(32, "a log that nobody reads stops no request and no end; what was dropped is told to who reads again")
async def unread(url: str, size: Size) -> Finding:
    """Fill a pipe and what waits for it, read it again, fill it again, and end the process."""
    count = size.of(20_000, 6_000)
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "log"
        os.mkfifo(log)
        reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
        try:
            async with serving(url, log) as served:
                return await _unread(served, reader, count)
        finally:
            os.close(reader)


async def _unread(served: Served, reader: int, count: int) -> Finding:
    began = await served.becomes("/readyz", 200)
    answered = await _asked(served, count)
    if answered < count:
        return Finding(f"{answered} of {count} answered", ("requests are not answered",))
    lines, dropped = await asyncio.to_thread(_read, reader, count)
    answered += await _asked(served, count)
    late = time.monotonic()
    served.process.send_signal(signal.SIGTERM)
    code = await asyncio.to_thread(served.ended)
    seconds = time.monotonic() - late
    told = (
        f"{answered} answered unread; {lines} lines and {dropped} drops told of {count}; ended after {seconds:.1f} s"
        f" with {code}"
    )
    return Finding(
        told,
        (
            *unless(began, "it does not start"),
            *unless(dropped > 0 and lines + dropped == count, f"{lines} lines and {dropped} drops are told of {count}"),
            *unless(code == -signal.SIGTERM, f"SIGTERM ends it with {code}"),
        ),
    )


async def _asked(served: Served, count: int) -> int:
    """Ask so often; return how many answers came, until one does not."""
    left = iter(range(count))
    answered = 0

    async def ask() -> None:
        nonlocal answered
        for _ in left:
            if await served.status("/x/graphql", headers={"x-request-id": LONG_ID}, timeout=15) is None:
                return
            answered += 1

    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    return answered


def _read(reader: int, count: int) -> tuple[int, int]:
    """Read until all requests are accounted for: return how many lines there are, and how many are told as dropped."""
    rest, lines, dropped = b"", 0, 0
    until = time.monotonic() + PATIENCE / 3
    while lines + dropped < count and time.monotonic() < until:
        try:
            piece = os.read(reader, 65536)
        except BlockingIOError:
            piece = b""
        if not piece:
            time.sleep(0.01)
            continue
        *whole, rest = (rest + piece).split(b"\n")
        for line in map(orjson.loads, whole):
            lines += line["event"] == "request" and line["request_id"] == LONG_ID
            dropped += line.get("dropped", 0)
    return lines, dropped


# ── A database that goes away ─────────────────────────────────────────────────────────────────────


class File:
    """A database of SQLite whose directory is taken away."""

    def __init__(self, url: str) -> None:
        self._file = Path(url.removeprefix("sqlite:///"))

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[str]:
        """Yield a URL that can be taken away."""
        with tempfile.TemporaryDirectory() as directory:
            self._there, self._away = Path(directory) / "there", Path(directory) / "away"
            self._there.mkdir()
            (self._there / self._file.name).write_bytes(self._file.read_bytes())
            yield f"sqlite:///{self._there / self._file.name}"

    async def leave(self) -> None:
        """Go away."""
        self._there.rename(self._away)

    async def come_back(self) -> None:
        """Be there again."""
        self._away.rename(self._there)


class Server:
    """A server of PostgreSQL behind a door that can be closed."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._door: asyncio.Server | None = None
        self._port = 0
        self._through: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[str]:
        """Yield a URL that can be taken away."""
        await self.come_back()
        user = self._url.netloc.rpartition("@")[0]
        yield self._url._replace(netloc=f"{user}@127.0.0.1:{self._port}", query="").geturl()
        await self.leave()

    async def leave(self) -> None:
        """Let nobody in, and whoever is in, out."""
        assert self._door is not None
        self._door.close()
        for writer in self._through:
            writer.transport.abort()
        self._through.clear()

    async def come_back(self) -> None:
        """Let everybody in."""
        self._door = await asyncio.start_server(self._let_in, "127.0.0.1", self._port)
        self._port = self._door.sockets[0].getsockname()[1]

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        socket_in = parse_qs(self._url.query).get("host", [None])[0]
        port = self._url.port or 5432
        try:
            inside = (
                await asyncio.open_unix_connection(f"{socket_in}/.s.PGSQL.{port}")
                if socket_in
                else await asyncio.open_connection(self._url.hostname, port)
            )
        except OSError:
            writer.transport.abort()
            return
        self._through |= {writer, inside[1]}
        await asyncio.gather(_passed(reader, inside[1]), _passed(inside[0], writer))


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    writer.transport.abort()


@figure(33, "a worker that dies in an outage ends nothing: another one waits for the database, as do those that live")
async def outage(url: str, size: Size) -> Finding:
    """Take the database away, kill a worker, and give the database back; several times."""
    rounds = size.of(3, 1)
    database = File(url) if url.startswith("sqlite") else Server(url)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as directory:
        async with database.reached() as reached, serving(reached, Path(directory) / "log", "--workers=2") as served:
            wrong += unless(await holds(lambda: _started(served), 2), "they do not start")
            for number in range(rounds):
                await database.leave()
                _killed(served)
                wrong += unless(await holds(lambda: _started(served), 3 + number), "no other one starts in the outage")
                wrong += unless(served.process.poll() is None, f"all of it ended with {served.process.poll()}")
                wrong += unless(await served.status("/healthz") == 200, "those that live do not answer")
                await database.come_back()
                wrong += unless(await _all_ready(served), "they are not ready after the outage")
                if wrong:
                    break
            served.process.terminate()
            code = await asyncio.to_thread(served.ended)
    wrong += unless(code == 0, f"the end that was asked for has the code {code}")
    return Finding(f"{rounds} killed in an outage each; 2 of 2 ready after each; ended with {code}", tuple(wrong))


def _started(served: Served) -> int:
    """Return how many processes have said that they serve."""
    return served.log.read_bytes().count(b"Application startup complete")


def _killed(served: Served) -> None:
    workers = [
        child for child in psutil.Process(served.process.pid).children() if "spawn_main" in " ".join(child.cmdline())
    ]
    workers[0].kill()


async def _all_ready(served: Served) -> bool:
    """Tell whether, whoever of them is asked, all are ready in the end."""

    async def asked() -> set[int | None]:
        fresh = {"connection": "close"}
        return set(await asyncio.gather(*(served.status("/readyz", headers=fresh) for _ in range(16))))

    return await holds(asked, {200})
