"""The home of what a figure is: a number that must hold, found by running the gateway where it hurts."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import NamedTuple


class Finding(NamedTuple):
    """What a figure has found: the numbers, and what of it must not be; nothing, where it holds."""

    told: str
    wrong: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()
    """What this machine lacks: as much was not found, and does not hold."""


class Size(NamedTuple):
    """How much is tried: everything, or as much as a test has time for."""

    whole: bool

    def of(self, whole: int, short: int) -> int:
        """Return how many."""
        return whole if self.whole else short


Run = Callable[[str, Size], Coroutine[None, None, Finding]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the table: its *number*, what it says, and what finds it in an empty migrated database by URL."""

    number: int
    claim: str
    run: Run


FIGURES: dict[int, Figure] = {}
"""All of them, by number."""


def figure(number: int, claim: str) -> Callable[[Run], Run]:
    """Enter a figure into the table."""

    def enter(run: Run) -> Run:
        FIGURES[number] = Figure(number, claim, run)
        return run

    return enter


def unless(holds: bool, what: str) -> tuple[str, ...]:  # noqa: FBT001 - reads as said
    """Return *what* is wrong unless something *holds*."""
    return () if holds else (what,)
