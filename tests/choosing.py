"""The home of which tests are run: all of them, or the quick ones; and on which database those that need just one.

What is left out by `--quick` is told at the end. What is marked `either_database` runs on one of the two, by the name
of the test, so that each database has half of them.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable


LONG_PROOFS = {"authorization", "bench", "browser", "controls", "differential", "fire", "outside"}
"""Folders of tests that prove something by trying very much."""
PROCESSES = {"multiprocessing", "subprocess", "tests.controls.forking", "tests.gateway.processes", "tracemalloc"}
"""What a module takes something from that starts processes, or that is as slow."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick", action="store_true", help="on SQLite alone, without processes and without proofs that try very much"
    )


class Choice:
    """Leaves out what is not to be run."""

    def __init__(self, *, quick: bool) -> None:
        self._quick = quick
        self._left_out = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        once = [item for item in items if not _is_twin(item, only="sqlite" if self._quick else None)]
        chosen = [item for item in once if _is_quick(item)] if self._quick else once
        self._left_out = len(once) - len(chosen)
        kept = set(chosen)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = chosen

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        yield
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if self._left_out and reporter:
            reporter.write_line(
                f"Left to `make test`: {self._left_out} tests, on PostgreSQL, with processes, and long proofs."
            )


def backend_of(item: pytest.Item) -> Any:
    """Return the database system that the test runs on; None if it needs none or both."""
    parameters: Iterable[object] = getattr(getattr(item, "callspec", None), "params", {}).values()
    return next((value for value in parameters if value in ("sqlite", "postgresql")), None)


def _is_twin(item: pytest.Item, only: str | None) -> bool:
    """Tell whether the same test runs on the other database."""
    if item.get_closest_marker("either_database") is None or (backend := backend_of(item)) is None:
        return False
    name = item.nodeid.replace(str(backend), "")
    chosen = only or ("sqlite", "postgresql")[zlib.crc32(name.encode()) % 2]
    return bool(backend != chosen)


def _is_quick(item: pytest.Item) -> bool:
    if backend_of(item) == "postgresql" or LONG_PROOFS & set(item.path.parts):
        return False
    module: Any = getattr(item, "module", None)
    return not any(_home_of(value) in PROCESSES for value in vars(module).values()) if module else True


def _home_of(value: object) -> object:
    return getattr(value, "__module__", None) or getattr(value, "__name__", None)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Choice(quick=config.getoption("--quick")))
