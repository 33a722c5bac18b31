"""The home of the last line of a test run: what did not run, and why. Where CI is set, that turns the run red."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

KINDS = ("audit", "browser")
"""The markers whose tests need what not every machine has."""


class NotRun:
    """Counts what is skipped, and what a stop leaves over. What the caller deselects was not to be run."""

    def __init__(self) -> None:
        self._begun = 0
        self._skipped: Counter[tuple[str, str]] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._begun += report.when == "setup"
        self._count(report, next((f"{kind} " for kind in KINDS if kind in report.keywords), ""))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._count(report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        """Write after the summary of pytest, which comes with this hook too."""
        yield
        if session.config.option.collectonly or session.exitstatus == pytest.ExitCode.INTERNAL_ERROR:
            return
        line, in_ci = self._line(session.testscollected - self._begun), bool(os.environ.get("CI"))
        if self._skipped and in_ci:
            line += " In CI everything must run."
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
        if reporter := session.config.pluginmanager.get_plugin("terminalreporter"):
            reporter.write_line(line)

    def _count(self, report: pytest.TestReport | pytest.CollectReport, kind: str = "") -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self._skipped[kind, _reason(report)] += 1

    def _line(self, left_over: int) -> str:
        groups = [f"{_number(count, kind)} ({reason})" for (kind, reason), count in self._skipped.items()]
        if left_over > 0:
            groups.append(f"{_number(left_over)} (the run was stopped)")
        return f"Not run: {'; '.join(groups) or 'nothing'}."


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    assert isinstance(report.longrepr, tuple)
    return report.longrepr[2].removeprefix("Skipped: ").removesuffix(".")


def _number(count: int, kind: str = "") -> str:
    return f"{count} {kind}test{'s' if count > 1 else ''}"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(NotRun())
