"""The home of runs of pytest with one of our plug-ins, over tests that are made up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
RAN = "def test_ran(): pass\n"


class Run(NamedTuple):
    code: int
    last_line: str
    output: str


def run(directory: Path, tests: str, *arguments: str, ci: bool = False, plugin: str = "tests.not_run") -> Run:
    """Run *tests* beside one that passes."""
    (directory / "test_it.py").write_text(RAN + tests, encoding="utf-8")
    (directory / "pytest.ini").write_text("[pytest]\nmarkers =\n    browser\n    either_database\n", encoding="utf-8")
    own = {name: value for name, value in os.environ.items() if name not in {"CI", "PYTEST_ADDOPTS"}}
    result = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "pytest", "-p", plugin, *arguments],
        cwd=directory,
        # Other people's plugins take most of the start, and tell nothing here.
        env=own | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | ({"CI": "true"} if ci else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(result.returncode, result.stdout.splitlines()[-1], result.stdout)
