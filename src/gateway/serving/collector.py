"""The home of the garbage collector's settings: off during a start, seldom at work after it."""

from __future__ import annotations

import gc

_THRESHOLDS = 5_000, 10, 100
"""Python's own, 700, 10 and 10, go through all kept documents again and again, 60 ms each time."""


def pause() -> None:
    """Collect nothing until `resume`: most that a start makes stays, and looking through it takes a tenth of it."""
    gc.disable()


def resume() -> None:
    """Collect again, but never look at what is there by now."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()
