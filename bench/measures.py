"""The home of what is measured: the experiments, each with its subjects in turn, round after round."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import orjson

from bench import questions, shop
from bench.questions import Question, overview
from bench.servers import SUBJECTS, Server, cpu_seconds, running
from bench.wrk import FailedError, Load
from gateway.adapters.hashing import Argon2Hasher, permits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.wrk import Wrk

_MEASURED_ALIKE = [overview(), overview(1), overview(100, "great"), questions.TINY_QUERY]
_STARTS = 5
_WARM_SECONDS = 2
_LEAST_SHARE = 0.8
"""Of the bytes of one answer, which all others should about have."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """A *question* that *subjects* are asked through so many *connections*, each with so many processes."""

    name: str
    question: Question
    connections: int = 16
    subjects: tuple[str, ...] = SUBJECTS
    workers: int = 1


EXPERIMENTS = [
    *(Experiment("main query", overview(), connections) for connections in (1, 16, 64)),
    Experiment("tiny query", questions.TINY_QUERY),
    *(
        Experiment(f"{orders} orders a page", overview(orders, "great"), subjects=("gateway", "limit"))
        for orders in (1, 10, 20, 50, 100)
    ),
    Experiment("100 orders a page", overview(100, "great"), connections=4),
    Experiment("a new document each time", questions.DISTINCT, connections=1, subjects=("gateway", "plain")),
    Experiment("main query, two processes", overview(), connections=64, workers=2),
]
SIGN_IN = Experiment("signing in", questions.SIGN_IN, subjects=("gateway",))


@dataclass(frozen=True, slots=True)
class Figures:
    """What one load took: for its clients, in processor time a request (ms), in resident memory (MiB)."""

    load: Load
    server_ms: float
    database_ms: float
    memory: float


Results = dict[tuple[str, int, str], list[Figures]]
"""By name of the experiment, connections and subject: the figures of each round."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Measures on the database at *url*, whose server has the id *database*."""

    url: str
    database: int | None
    wrk: Wrk
    folder: Path
    rounds: int
    seconds: int
    tell: Callable[[str], None]

    def measure(self, experiments: list[Experiment]) -> Results:
        """Return the figures of *experiments*."""
        results: Results = {}
        for workers in sorted({experiment.workers for experiment in experiments}):
            with ExitStack() as stack:
                servers = {
                    name: stack.enter_context(running(name, self.url, self.folder / f"{name}.log", workers))
                    for name in SUBJECTS
                }
                self._compare(servers)
                for experiment in experiments:
                    if experiment.workers == workers:
                        self._experiment(experiment, servers, results)
        return results

    def _compare(self, servers: dict[str, Server]) -> None:
        """Raise `FailedError` unless limit and plain answer what the gateway does: else there is nothing to compare."""
        for question in _MEASURED_ALIKE:
            answer = servers["gateway"].answer(question, 0)
            same = servers["limit"].answer(question, 0) == answer
            if not same or orjson.loads(servers["plain"].answer(question, 0)) != orjson.loads(answer):
                msg = f"Not all answer the same to {question}."
                raise FailedError(msg)

    def _experiment(self, experiment: Experiment, servers: dict[str, Server], results: Results) -> None:
        for number in range(self.rounds + 1):
            self.tell(f"{experiment.name}, {experiment.connections} connections, round {number} of {self.rounds}")
            for name in experiment.subjects:
                # The first is to get warm.
                figures = self._load(experiment, servers[name], self.seconds if number else _WARM_SECONDS)
                if number:
                    results.setdefault((experiment.name, experiment.connections, name), []).append(figures)

    def _load(self, experiment: Experiment, server: Server, seconds: int) -> Figures:
        before = cpu_seconds(server.pid), cpu_seconds(self.database)
        load = self.wrk.load(server.url, experiment.question, experiment.connections, seconds)
        # An error is answered by 200 as well, and soon.
        answer = server.answer(experiment.question, 0)
        if not answer.startswith(b'{"data":') or load.bytes < _LEAST_SHARE * len(answer):
            msg = f"{server.name} answers {load.bytes:.0f} bytes to {experiment.name}, and should answer {len(answer)}."
            raise FailedError(msg)
        after = cpu_seconds(server.pid), cpu_seconds(self.database)
        server_ms, database_ms = (
            (end - begin) * 1000 / load.requests for begin, end in zip(before, after, strict=True)
        )
        return Figures(load, server_ms, database_ms, server.memory())

    def starts(self) -> list[tuple[float, float]]:
        """Return seconds to the first answer, and MiB after it, of several starts of the gateway."""
        found = []
        for number in range(_STARTS):
            self.tell(f"start {number + 1} of {_STARTS}")
            with running("gateway", self.url, self.folder / "gateway.log") as server:
                found.append((server.start_seconds, server.memory()))
        return found

    def signing_in(self) -> tuple[float, float]:
        """Return how many log-ins a second the gateway answers, and how many passwords bare Argon2 judges meanwhile."""
        found, bare = [], []
        with running("gateway", self.url, self.folder / "gateway.log") as server:
            for number in range(self.rounds):
                self.tell(f"signing in, round {number + 1} of {self.rounds}")
                bare.append(asyncio.run(_hashes(self.seconds)))
                found.append(self._load(SIGN_IN, server, self.seconds).load.per_second)
        return median(found), median(bare)


async def _hashes(seconds: float) -> float:
    """Return how many passwords a second all cores judge that do nothing else."""
    hasher, judged = Argon2Hasher(), 0
    password_hash = await hasher.hash(shop.PASSWORD)
    until = (began := time.perf_counter()) + seconds

    async def judge() -> None:
        nonlocal judged
        while time.perf_counter() < until:
            await hasher.verify(password_hash, shop.PASSWORD)
            judged += 1

    await asyncio.gather(*(judge() for _ in range(permits())))
    hasher.close()
    return judged / (time.perf_counter() - began)
