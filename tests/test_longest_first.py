"""The longest files begin, and no test is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.longest_first import LONGEST, dealt

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("processes", [1, 2, 3, 5])
@pytest.mark.parametrize("others", [0, 1, 300])
def test_each_process_begins_with_a_share_of_the_longest(processes: int, others: int) -> None:
    files = [(f"tests/rules/test_{number}.py", number) for number in range(others)]
    files += [(file, others + number) for number, file in enumerate(LONGEST)]

    order = dealt(files, processes)

    assert sorted(order) == list(range(others + len(LONGEST)))
    if others == 300:
        row = len(order) // processes
        shares = [sum(item >= others for item in order[number * row :][:5]) for number in range(processes)]
        assert min(shares) >= len(LONGEST) // max(processes, 3)


def test_the_longest_are_there() -> None:
    assert [file for file in LONGEST if not (ROOT / file).exists()] == []
