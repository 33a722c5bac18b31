"""The home of what tests leave behind: what was not closed or not awaited fails the run, once, at its end.

Python tells of it when it collects, in whichever test runs then: an error there would be the error of an innocent.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import warnings
    from collections.abc import Generator, Iterator


@pytest.fixture(scope="session", autouse=True)
def everything_is_collected() -> Iterator[None]:
    """What is left in a circle is told while there is still somebody to tell."""
    yield
    # What is freed may free more.
    for _ in range(5):
        gc.collect()


_KINDS = (pytest.PytestUnraisableExceptionWarning, pytest.PytestUnhandledThreadExceptionWarning)


class LeftBehind:
    """Collects what is told, and fails the run for it."""

    def __init__(self) -> None:
        self._told: list[str] = []

    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage, nodeid: str) -> None:
        if issubclass(warning_message.category, _KINDS):
            self._told.append(f"{nodeid or 'somewhere'}, or a test before it:\n{warning_message.message}")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        yield
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if not self._told or reporter is None:
            return
        for told in self._told:
            reporter.write_line(told)
        reporter.write_line(f"Left behind: {len(self._told)}. Close and await what tests begin.")
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LeftBehind())
