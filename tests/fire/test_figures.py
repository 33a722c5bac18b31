"""Every figure holds on both databases, and is red for the expected reason without its guard."""

from __future__ import annotations

import asyncio

import pytest

from tests.fire.controls import Control
from tests.fire.figures import FIGURES, Figure, Size
from tests.fire.run import CONTROLS, controlled


@pytest.mark.parametrize("figure", FIGURES.values(), ids=lambda figure: f"F{figure.number}")
def test_it_holds(figure: Figure, database_url: str) -> None:
    finding = asyncio.run(figure.run(database_url, Size(whole=False)))

    assert finding.wrong == (), finding.told


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: f"F{control.figure} {control.name}")
def test_it_is_red_where(control: Control) -> None:
    assert controlled(control).wrong == ()


def test_every_figure_has_a_control() -> None:
    assert {control.figure for control in CONTROLS} == set(FIGURES)
