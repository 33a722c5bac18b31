"""Every figure holds, and is red for the expected reason without its guard; `make fire` tries all on both databases."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.conftest import FreshDatabase
from tests.controls.forking import ROOT
from tests.controls.planted_faults import planted
from tests.fire.controls import Control
from tests.fire.figures import FIGURES, Size
from tests.fire.run import CONTROLS, controlled

RACES = {5, 6, 7, 8, 15}
PROCESSES = {32, 33}
"""Those that start and kill processes for minutes: `make fire` alone finds them."""
ONE_EACH = {control.figure: control for control in CONTROLS if control.figure not in PROCESSES}.values()


@pytest.mark.parametrize("number", sorted(FIGURES.keys() - PROCESSES))
def test_it_holds(number: int, fresh_database: FreshDatabase) -> None:
    # Races are found on the database of several processes, all else on the one that is faster to make.
    with fresh_database("postgresql" if number in RACES else "sqlite") as url:
        finding = asyncio.run(FIGURES[number].run(url, Size(whole=False)))

    assert finding.wrong == (), finding.told
    if finding.not_run:
        pytest.skip(f"no {', '.join(finding.not_run)}: `make debian` installs them where it may")


@pytest.mark.parametrize("control", ONE_EACH, ids=lambda control: f"F{control.figure} {control.name}")
def test_it_is_red_where(control: Control) -> None:
    assert controlled(control).wrong == ()


def test_every_figure_has_a_control() -> None:
    assert {control.figure for control in CONTROLS} == set(FIGURES)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: f"F{control.figure} {control.name}")
def test_what_a_control_takes_away_is_there(control: Control, tmp_path: Path) -> None:
    planted(tmp_path, control.fault)


def test_those_who_review_are_told_of_every_figure() -> None:
    told = re.findall(r"^\| F(\d+) \| \w", (ROOT / "docs/security.md").read_text(), re.MULTILINE)
    assert {int(number) for number in told} == set(FIGURES)
