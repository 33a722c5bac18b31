"""The home of looking at the clock: how well the time that a log-in takes tells known accounts from unknown ones."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Sequence

from gateway.adapters.hashing import Argon2Hasher
from resolvers.ports import Verdict

EACH = 600
"""Of each kind: of 250 every tenth run would leave the bounds by chance."""
LEAST, MOST = 0.45, 0.55
"""Of an area under the curve that tells nothing."""
TELLING = 0.95
"""The least area of what anybody can tell apart."""


class LeakyHasher(Argon2Hasher):
    """The control: refuses at once where there is no hash to look at."""

    async def verify(self, password_hash: str | None, password: str) -> Verdict:
        return Verdict(matches=False) if password_hash is None else await super().verify(password_hash, password)


async def timed(log_ins: dict[str, Callable[[], Awaitable[object]]], each: int) -> dict[str, list[float]]:
    """Log in *each* times in each of the ways, in a random order; return the seconds."""
    seconds: dict[str, list[float]] = {way: [] for way in log_ins}
    turns = [way for way in log_ins for _ in range(each)]
    random.Random(9).shuffle(turns)  # noqa: S311 - an order
    for way in turns:
        began = time.perf_counter()
        await log_ins[way]()
        seconds[way].append(time.perf_counter() - began)
    return seconds


def judged(seconds: dict[str, list[float]]) -> tuple[str, tuple[str, ...]]:
    """Return what is told of the *seconds* of known and unknown accounts and of the controls, and what is wrong."""
    told, nothing, leak = (area(seconds["known"], seconds[way]) for way in ("unknown", "known again", "leaked"))
    numbers = f"AUC {told:.3f}, of nothing {nothing:.3f}, of a leak {1 - leak:.3f} ({len(seconds['known'])} each)"
    if not LEAST <= nothing <= MOST or 1 - leak < TELLING:
        return numbers, ("the machine was too busy to measure time: run it again",)
    return numbers, () if LEAST <= told <= MOST else ("the time tells whether there is an account",)


def area(some: Sequence[float], others: Sequence[float]) -> float:
    """Return how likely one of *some* is smaller than one of *others*: 0.5 if they are alike."""
    wins = sum((one < other) + (one == other) / 2 for one in some for other in others)
    return wins / (len(some) * len(others))
