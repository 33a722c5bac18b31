"""The last line of a run tells truly what did not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import runs

SKIPPED = """
import pytest
@pytest.mark.browser
@pytest.mark.parametrize("number", [1, 2])
def test_skipped(number): pytest.skip("no chromium: apt-get install chromium")
def test_other(): pytest.skip("no curl.")
"""
FAILED = "import pytest\ndef test_failed(): assert False\ndef test_left(): pass\ndef test_over(): pass\n"
EXPECTED = "Not run: 2 browser tests (no chromium: apt-get install chromium); 1 test (no curl)."


def run(directory: Path, tests: str, *arguments: str, ci: bool = False) -> tuple[int, str]:
    return runs.run(directory, tests, *arguments, ci=ci)[:2]


@pytest.mark.parametrize("ci", [False, True])
def test_where_everything_ran_nothing_is_told(tmp_path: Path, ci: bool) -> None:  # noqa: FBT001 - both ways
    assert run(tmp_path, "", ci=ci) == (0, "Not run: nothing.")


def test_what_is_skipped_is_told_by_reason(tmp_path: Path) -> None:
    assert run(tmp_path, SKIPPED) == (0, EXPECTED)
    assert run(tmp_path, SKIPPED, "--quiet") == (0, EXPECTED)


def test_in_ci_a_skipped_test_is_a_failure(tmp_path: Path) -> None:
    assert run(tmp_path, SKIPPED, ci=True) == (1, f"{EXPECTED} In CI everything must run.")


def test_a_module_that_is_skipped_as_a_whole_counts_too(tmp_path: Path) -> None:
    tests = "import pytest\npytest.skip('no node', allow_module_level=True)\n"
    assert run(tmp_path, tests, ci=True) == (5, "Not run: 1 test (no node). In CI everything must run.")


def test_what_the_caller_deselects_does_not_count(tmp_path: Path) -> None:
    assert run(tmp_path, SKIPPED, "-k", "ran", ci=True) == (0, "Not run: nothing.")


def test_an_expected_failure_did_run(tmp_path: Path) -> None:
    tests = "import pytest\n@pytest.mark.xfail\ndef test_x(): assert False\n"
    assert run(tmp_path, tests, ci=True) == (0, "Not run: nothing.")


def test_what_a_stop_leaves_over_is_told(tmp_path: Path) -> None:
    assert run(tmp_path, FAILED, "-x") == (1, "Not run: 2 tests (the run was stopped).")
