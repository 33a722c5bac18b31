"""The home of which tests are run: all of them, or the quick ones; and on which database those that need just one.

What is left out by `--quick` is told at the end. What is marked `either_database` runs on one of the two, by the name
of the test, so that each database has half of them.
"""

from __future__ import annotations

import sys
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path


LONG_PROOFS = {
    *("authorization", "bench", "browser", "controls", "differential", "fire", "hostile", "importing", "outside")
}
"""Folders of tests that prove something by trying very much."""
SLOW = {"multiprocessing", "subprocess", "tracemalloc", "uvicorn"}
"""Modules that start processes or servers, or are as slow."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick", action="store_true", help="on SQLite alone, without processes and without proofs that try very much"
    )


class Choice:
    """Leaves out what is not to be run."""

    def __init__(self, *, quick: bool) -> None:
        self._quick = quick
        self._left_out = 0

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        return True if self._quick and collection_path.name in LONG_PROOFS else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        names = {item.nodeid for item in items}
        once = [item for item in items if not _is_twin(item, names, only="sqlite" if self._quick else None)]
        chosen = [item for item in once if _is_quick(item)] if self._quick else once
        self._left_out = len(once) - len(chosen)
        kept = set(chosen)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = chosen

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a process of pytest-xdist has left out, which is the same in each."""
        self._left_out = getattr(node, "workeroutput", {}).get("left_out", 0)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        if (output := getattr(session.config, "workeroutput", None)) is not None:
            output["left_out"] = self._left_out
        yield
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if self._left_out and reporter:
            folders = ", ".join(sorted(LONG_PROOFS))
            reporter.write_line(
                f"Left to `make test`: {self._left_out} tests, of PostgreSQL and processes, and all of {folders}."
            )


def backend_of(item: pytest.Item) -> Any:
    """Return the database system that the test runs on; None if it needs none or both."""
    parameters: Iterable[object] = getattr(getattr(item, "callspec", None), "params", {}).values()
    return next((value for value in parameters if value in ("sqlite", "postgresql")), None)


def _is_twin(item: pytest.Item, names: set[str], only: str | None) -> bool:
    """Tell whether the same test is among *names*, and runs on the other database."""
    if item.get_closest_marker("either_database") is None or (backend := backend_of(item)) is None:
        return False
    other = "sqlite" if backend == "postgresql" else "postgresql"
    if item.nodeid.replace(str(backend), other) not in names:
        return False
    name = item.nodeid.replace(str(backend), "")
    chosen = only or ("sqlite", "postgresql")[zlib.crc32(name.encode()) % 2]
    return bool(backend != chosen)


def _is_quick(item: pytest.Item) -> bool:
    if backend_of(item) == "postgresql":
        return False
    return isinstance(item, pytest.Function) and not _is_slow(item.function.__module__)


@cache
def _is_slow(name: str) -> bool:
    """Tell whether the module *name*, or one of the tests' own that it takes something from, uses one of `SLOW`."""
    homes = {_home_of(value) for value in vars(sys.modules[name]).values()} - {name, "tests.conftest"}
    return not SLOW.isdisjoint(home.partition(".")[0] for home in homes) or any(
        _is_slow(home) for home in homes if home.startswith("tests.") and home in sys.modules
    )


def _home_of(value: object) -> str:
    return str(getattr(value, "__module__", None) or getattr(value, "__name__", ""))


def pytest_configure(config: pytest.Config) -> None:
    quick = bool(config.getoption("--quick"))
    if quick:
        hypothesis.settings.register_profile("quick", deadline=None, max_examples=20)
        hypothesis.settings.load_profile("quick")
    config.pluginmanager.register(Choice(quick=quick))
