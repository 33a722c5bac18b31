"""Quick tests are those that need neither PostgreSQL nor processes; what no database decides runs on one of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.runs import run

if TYPE_CHECKING:
    from pathlib import Path

TWINS = """
import pytest
@pytest.mark.either_database
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("number", range(40))
def test_on_either(database, number): pass
@pytest.mark.either_database
@pytest.mark.parametrize("database", ["postgresql"])
def test_that_has_no_twin(database): pass
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_on_both(database): pass
"""
SLOW = """
import subprocess
def test_with_a_process(): pass
"""


def test_what_no_database_decides_runs_once_and_each_database_has_some(tmp_path: Path) -> None:
    ran = run(tmp_path, TWINS, "--verbose", plugin="tests.choosing")
    chosen = re.findall(r"test_on_either\[(\d+)-(\w+)\] PASSED", ran.output)

    assert sorted(int(number) for number, _database in chosen) == [*range(40)]
    assert {database for _number, database in chosen} == {"sqlite", "postgresql"}
    assert len(re.findall("test_on_both.*PASSED|test_that_has_no_twin.*PASSED", ran.output)) == 3


def test_the_quick_ones_are_those_on_sqlite_and_the_others_are_told(tmp_path: Path) -> None:
    ran = run(tmp_path, TWINS, "--quick", plugin="tests.choosing")

    assert "42 passed" in ran.output
    assert ran.last_line.startswith("Left to `make test`: 2 tests")


def test_a_module_that_starts_processes_is_not_quick(tmp_path: Path) -> None:
    ran = run(tmp_path, SLOW, "--quick", plugin="tests.choosing")

    assert ran.last_line.startswith("Left to `make test`: 2 tests")
