"""The home of the command: ``python -m tests.hostile.worst`` breeds documents that are dear to answer, and prints them.

Run it on a machine that does nothing else. Every document of 64 KiB should take less than 100 ms of the processor.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic, process_time
from types import FrameType
from typing import Any

from graphql import execute_sync
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy.dialects import sqlite

from resolvers.operations.cache import Documents
from resolvers.operations.reading import RefusedError
from resolvers.planner.arguments import Caller, Inputs
from resolvers.planner.plans import Planner
from resolvers.schema import GUARD
from tests.hostile.generated import CORE, Choices, document

_CALLER = Caller(channel_id="chn", now=datetime(2026, 1, 1, tzinfo=UTC), token_sha256=bytes(32))
_VARIABLES: dict[str, Any] = {"v0": True, "v1": False}
_KEPT = 40
"""So many of the dearest have offspring."""


def answered(planner: Planner, text: str) -> str:
    """Do what a process does for a document that it has not seen, all but the statements; return what became of it."""
    documents = Documents(CORE, planner)
    try:
        found, coerced, plan = documents.prepared(text, None, _VARIABLES, lambda _document: None)
        plan.refusals(Inputs(_CALLER, coerced.coerced))
        if plan.unplanned:
            execute_sync(CORE, found.alone_with(plan.unplanned), variable_values=_VARIABLES)
    except RefusedError as refused:
        return str(refused.errors[0]["extensions"]["code"])
    return "planned"


def a_planner() -> Planner:
    """Return a planner that knows no template yet."""
    return Planner(sqlite.dialect(), GUARD)


def seconds(text: str) -> tuple[float, str]:
    """Return how long *text* takes, the better of two times, and what became of it."""
    best, outcome = 9.0, ""
    for _ in range(2):
        planner = a_planner()
        begun = process_time()
        outcome = answered(planner, text)
        best = min(best, process_time() - begun)
    return best, outcome


def steps(text: str) -> tuple[int, str]:
    """Return how many functions are called for *text*, which no other work of the machine changes."""
    outcomes: list[str] = []
    planner = a_planner()
    taken = called(lambda: outcomes.append(answered(planner, text)))
    return taken, outcomes[0]


def called(act: Callable[[], object]) -> int:
    """Return how many functions are called when *act* is."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count


@dataclass(order=True)
class Bred:
    """A document with what it takes, dearest last."""

    cost: float
    outcome: str
    text: str
    numbers: tuple[int, ...]
    seed: int


def breed(enough: Callable[[int], bool], seed: int) -> tuple[list[Bred], Counter[str]]:
    """Return the dearest documents, dearest first, and how often each outcome was seen."""
    chance = random.Random(seed)  # noqa: S311 - an order
    dearest: list[Bred] = []
    outcomes: Counter[str] = Counter()
    made = 0
    while not enough(made):
        made += 1
        parent = chance.choice(dearest) if dearest and chance.random() < 0.7 else None
        choices = Choices(_changed(parent.numbers, chance) if parent else (), made)
        text = document(choices)
        cost, outcome = seconds(text)
        outcomes[outcome] += 1
        dearest = sorted([*dearest, Bred(cost, outcome, text, tuple(choices.numbers), made)], reverse=True)[:_KEPT]
    return dearest, outcomes


def _changed(numbers: tuple[int, ...], chance: random.Random) -> list[int]:
    changed = list(numbers)
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(len(changed))] = chance.randrange(2**16)
    return changed[: chance.randint(1, len(changed))] if chance.random() < 0.1 else changed


def main() -> None:
    """Breed for some seconds; print the worst, and write the very worst to standard output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    answered(a_planner(), "{ channel { id } }")
    console = Console(stderr=True)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Breeding", total=given.seconds)
        begun = monotonic()

        def enough(_made: int) -> bool:
            passed = monotonic() - begun
            progress.update(task, completed=passed)
            return passed > float(given.seconds)

        dearest, outcomes = breed(enough, given.seed)
    table = Table(
        "ms of CPU", "outcome", "bytes", "begins", title=f"The worst of {outcomes.total():,}: {dict(outcomes)}"
    )
    for bred in dearest[:10]:
        table.add_row(f"{bred.cost * 1000:.1f}", bred.outcome, f"{len(bred.text):,}", bred.text[:60])
    console.print(table)
    print(dearest[0].text)  # noqa: T201 - what the command is for


if __name__ == "__main__":
    main()
