"""The home of load: wrk, which asks a question through so many connections, and what it has measured."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from bench import shop

if TYPE_CHECKING:
    from bench.questions import Question

_SCRIPT = Path(__file__).with_name("requests.lua")


class FailedError(Exception):
    """A load that measures nothing: requests were not answered as they should be."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one load was like for its clients; times in milliseconds."""

    requests: int
    bytes: float
    """Of an answer with its headers."""
    per_second: float
    p50: float
    p99: float


class Wrk:
    """Loads servers with questions about a shop of so many *customers*; keeps its files in *folder*."""

    def __init__(self, folder: Path, customers: int) -> None:
        """Find wrk; write down who calls."""
        found = shutil.which("wrk")
        if found is None:
            msg = "The load comes from wrk, which is not here. Install it: apt-get install wrk"
            raise FailedError(msg)
        self._wrk = found
        self._folder = folder
        self._customers = customers
        callers = {"all": range(customers), "great": filter(shop.is_great, range(customers))}
        for name, numbers in callers.items():
            (folder / name).write_text("\n".join(map(shop.token, numbers)))

    def load(self, url: str, question: Question, connections: int, seconds: int) -> Load:
        """Ask *question* at *url* for so many seconds; raise `FailedError` where an answer has a bad status."""
        body = self._folder / "body"
        body.write_bytes(question.body())
        tokens = "" if question.callers == "nobody" else str(self._folder / question.callers)
        threads = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
        # Who signs in is one of the customers; a document is a new one for as long as this takes.
        numbers = self._customers if question.callers == "nobody" else 10**9
        ran = subprocess.run(  # noqa: S603 - found above
            [self._wrk, *threads, "-s", str(_SCRIPT), url, "--", tokens, str(body), str(numbers)],
            capture_output=True,
            text=True,
            check=True,
        )
        told = orjson.loads(ran.stdout.splitlines()[-1])
        if told["failures"] or not told["requests"]:
            msg = f"{told['failures']} of {told['requests']} requests to {url} failed."
            raise FailedError(msg)
        requests = told["requests"]
        return Load(requests, told["bytes"] / requests, requests / told["seconds"], told["p50"], told["p99"])
