"""Imports of damaged files of every kind, killed before any statement or commit: they end as those of one run."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from db.journal import Import
from tests.gateway.processes import environment
from tests.importing.damaged_files import made_file, written_file
from tests.importing.damages import damage
from tests.importing.making import content, imported, make_shop, rows, written
from tests.importing.test_killed import without_times

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import FreshDatabase

FORMATS = {"customers": "csv", "users": "jsonl", "addresses": "csv", "orders": "csv"}
MOMENTS = 4
"""The seed of the moments at which they are killed."""


def of_kinds(directory: Path) -> dict[str, Path]:
    """Write a damaged file of each kind."""
    files = {}
    for kind, file_format in FORMATS.items():
        file = made_file(kind, file_format, MOMENTS)
        damage(file)
        files[kind] = written(directory / f"{kind}.{file_format}", [written_file(file, MOMENTS).content])
    return files


@pytest.mark.either_database
def test_killed_at_any_point_and_run_again_it_ends_as_in_one_run(
    database_url: str, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    files = of_kinds(tmp_path)
    arguments = [str(each) for kind, file in files.items() for each in (kind, file, tmp_path / f"{kind}.killed")]
    with fresh_database("sqlite") as sole:
        for each in (database_url, sole):
            make_shop(each)
        told = subprocess.run(  # noqa: S603 - our own
            [sys.executable, "-m", "tests.importing.killing", database_url, str(MOMENTS), *arguments],
            env=environment(database_url=database_url),
            capture_output=True,
            text=True,
            check=False,
        )
        kills = list(map(int, told.stdout.split()))
        assert (len(kills), min(kills, default=0) >= 1, sum(kills) >= 10) == (len(FORMATS), True, True), told
        for kind, file in files.items():
            assert imported(sole, kind, file, "--refused", str(tmp_path / f"{kind}.calm")).exit_code == 1
            assert (tmp_path / f"{kind}.killed").read_bytes() == (tmp_path / f"{kind}.calm").read_bytes()
        assert_same(database_url, sole)


def assert_same(url: str, sole: str) -> None:
    stored = content(sole)
    for table, found in content(url).items():
        assert without_times(found) == without_times(stored[table]), table
    counts = [
        {(row["kind"], row["position"], row["imported"], row["refused"], row["known"]) for row in rows(each, Import)}
        for each in (url, sole)
    ]
    assert counts[0] == counts[1]
