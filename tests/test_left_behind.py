"""What a test leaves behind fails the run once, and no test that is innocent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.runs import run

if TYPE_CHECKING:
    from pathlib import Path

LEAK = """
import gc
class Left:
    def __del__(self): raise OSError("not closed")
def test_that_leaves_something(): Left()
def test_that_is_innocent(): gc.collect()
"""
CIRCLE = """
class Left:
    def __init__(self): self.own = self
    def __del__(self): raise OSError("not closed")
def test_that_is_innocent(): pass
def test_that_leaves_a_circle_and_is_the_last(): Left()
"""
THREAD = """
import threading
def fail(): raise OSError("in a thread")
def test_that_leaves_a_thread():
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
def test_that_is_innocent(): pass
"""


def test_what_is_left_behind_fails_the_run_once(tmp_path: Path) -> None:
    for tests, told in ((LEAK, "not closed"), (THREAD, "in a thread")):
        ran = run(tmp_path, tests, plugin="tests.left_behind")

        assert ran.code == 1
        assert "3 passed" in ran.output
        assert ran.last_line == "Left behind: 1. Close and await what tests begin."
        assert told in ran.output


@pytest.mark.parametrize("arguments", [(), ("-p", "xdist.plugin", "--numprocesses=2")], ids=["alone", "beside others"])
def test_what_the_last_test_leaves_in_a_circle_is_told(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ran = run(tmp_path, CIRCLE, *arguments, plugin="tests.left_behind")

    assert ran.code == 1
    assert "3 passed" in ran.output
    assert ran.last_line == "Left behind: 1. Close and await what tests begin."


def test_nothing_left_behind_is_nothing_told(tmp_path: Path) -> None:
    ran = run(tmp_path, "", plugin="tests.left_behind")

    assert ran.code == 0
    assert "Left behind" not in ran.output
