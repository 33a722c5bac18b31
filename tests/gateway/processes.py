"""The home of real gateway processes: started on a free port of the loopback, ended by their id."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import psutil
from argon2 import Parameters, Type

from db.engine import open_database
from gateway.adapters.clock import SystemClock
from gateway.adapters.hashing import Argon2Hasher
from gateway.demo import load_demo

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
_SOURCES = [*filter(None, [os.environ.get("PYTHONPATH")]), str(ROOT)]
"""The copy that a control has planted a fault in goes first."""
SECRET_KEY = "made for tests and kept by nobody"
HEADERS = {"content-type": "application/json"}

_LONGEST_START = 300.0
_URL = re.compile(r"http://127\.0\.0\.1:\d+")
_CHEAP = Parameters(type=Type.ID, version=19, salt_len=16, hash_len=32, time_cost=1, memory_cost=8, parallelism=1)


def load_demo_into(url: str) -> None:
    """Load the demo data, with hashes that are made fast and replaced at the first log-in."""

    async def load() -> None:
        database = await open_database(url)
        hasher = Argon2Hasher(_CHEAP)
        try:
            assert await load_demo(database, hasher, SystemClock())
        finally:
            hasher.close()
            await database.close()

    asyncio.run(load())


def environment(**settings: str) -> dict[str, str]:
    """Return the environment of a process that has these settings and no others."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    return own | {f"GATEWAY_{name.upper()}": value for name, value in settings.items()} | {"COLUMNS": "200"}


class Process:
    """A running `gateway`, with what it has printed."""

    def __init__(
        self, arguments: list[str], settings: Mapping[str, str], directory: Path, module: str = "gateway.cli"
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-m", module, *arguments],
            cwd=directory,
            env=environment(**settings) | {"PYTHONPATH": os.pathsep.join(_SOURCES)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        return "".join(self._lines)

    def url(self) -> str:
        """Return the URL that the process prints, once it answers there."""

        def answering() -> str | None:
            found = _URL.search(self.output)
            return found[0] if found and _answers(found[0]) else None

        return self.awaited(answering)

    def awaited(self, find: Callable[[], T | None]) -> T:
        """Return what *find* finds, as soon as it does."""
        until = time.monotonic() + _LONGEST_START
        while not (found := find()):
            assert self._process.poll() is None, f"it ended: {self.output}"
            assert time.monotonic() < until, f"nothing came: {self.output}"
            time.sleep(0.02)
        return found

    @property
    def connections(self) -> int:
        """How many clients it has accepted, and not hung up on."""
        found = psutil.Process(self._process.pid).net_connections("tcp")
        return sum(connection.status == psutil.CONN_ESTABLISHED for connection in found)

    def stop(self) -> int:
        """End the process as an operator does; return its exit code."""
        self._process.terminate()
        try:
            code = self._process.wait(_LONGEST_START)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def _read(self) -> None:
        assert self._process.stdout is not None
        self._lines.extend(self._process.stdout)


@contextmanager
def running(*arguments: str, directory: Path, module: str = "gateway.cli", **settings: str) -> Iterator[Process]:
    """Run `gateway`, or what *module* makes of it, with *arguments*; end it after the `with`."""
    process = Process(list(arguments), settings, directory, module)
    try:
        yield process
    finally:
        process.stop()


def _answers(url: str) -> bool:
    try:
        httpx2.get(f"{url}/graphql")
    except httpx2.TransportError:
        return False
    return True


def operation(name: str) -> str:
    """Return an operation that front-ends send."""
    return (ROOT / "tests" / "operations" / f"{name}.graphql").read_text("utf-8")


class Client:
    """A front-end of a channel, signed in or not."""

    def __init__(self, url: str, channel: str) -> None:
        self._url = f"{url}/{channel}/graphql"
        self._headers: dict[str, str] = {}

    def signed_in(self, username: str) -> Client:
        """Sign in by the password of the demo."""
        result = self.ask("Authenticate", input={"username": username, "password": "banana"})["authenticate"]
        assert result["__typename"] == "AuthenticateSuccess", result
        assert result["user"]["username"] == username
        self._headers["authorization"] = f"Bearer {result['authentication']['token']}"
        return self

    def ask(self, name: str, **variables: object) -> dict[str, Any]:
        """Return the data of an operation."""
        return self.ask_text(operation(name), **variables)

    def ask_text(self, document: str, **variables: object) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        answer = httpx2.post(self._url, json=body, headers=self._headers, timeout=30)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data
