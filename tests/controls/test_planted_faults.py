"""The differential proof finds every planted fault, and nothing where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.controls.planted_faults import FAULTS, Fault, planted, quick_run

OPERATIONS = 2500
SEED = 1
NOTHING = " 0 documents answered differently"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_proof_finds(fault: Fault, tmp_path: Path) -> None:
    source = planted(tmp_path, fault)
    printed = quick_run(source, operations=OPERATIONS, seed=SEED)
    assert NOTHING not in printed
    if not wrong_answers(printed):
        printed = quick_run(source, operations=OPERATIONS, seed=SEED, differences=20)
    # what only breaks the statement would be found by any test
    assert wrong_answers(printed)


def wrong_answers(printed: str) -> list[str]:
    """Return how the answers begin that differ and are no failures."""
    begins = [told.partition("\n")[0] for told in printed.split("── gateway\n")[1:]]
    return [begin for begin in begins if "Error: " not in begin]


def test_the_proof_finds_nothing_in_the_source_as_it_is(tmp_path: Path) -> None:
    assert NOTHING in quick_run(planted(tmp_path, None), operations=OPERATIONS // 10, seed=SEED)
