"""The home of the order of tests: each process begins with its share of the longest files, so that none ends with one.

pytest-xdist gives each of them a row of tests to begin with; who has done all takes half of what another has left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")

LONGEST = (
    "tests/fire/test_figures.py",
    "tests/importing/test_killed.py",
    "tests/controls/test_planted_faults.py",
    "tests/browser/test_playground.py",
    "tests/controls/test_weakened_authorization.py",
    "tests/authorization/test_matrix.py",
    "tests/gateway/test_canaries.py",
    "tests/gateway/test_serving.py",
    "tests/authorization/test_mutations.py",
    "tests/importing/test_million.py",
    "tests/gateway/test_demo.py",
    "tests/gateway/test_stopping.py",
)
"""From the longest on; a half-minute of the processor to ten seconds each."""


def dealt(files: Sequence[tuple[str, T]], processes: int) -> list[T]:
    """Return what stands in *files* in a row for each process, of equal lengths, which begins with its share."""
    heads: list[list[T]] = [[] for _ in range(processes)]
    for number, longest in enumerate(LONGEST):
        heads[number % processes] += [item for file, item in files if file == longest]
    others = [item for file, item in files if file not in LONGEST]
    order: list[T] = []
    for number, head in enumerate(heads):
        length = (len(files) - len(order)) // (processes - number)
        missing = max(0, length - len(head))
        order += head + others[:missing]
        del others[:missing]
    return order


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    items[:] = dealt([(item.nodeid.partition("::")[0], item) for item in items], processes)
