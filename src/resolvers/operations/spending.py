"""The home of what computing costs: how long documents that nobody has sent before may keep a process busy.

Reading and planning a document takes a hundred times as long as answering it again, and anybody may send one. So who
sends new ones pays from a purse, which fills again with time: a signed-in user from one of their own, all others from
that of their network and from one that they share.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, thread_time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MINUTE: Final = 60.0
_MANY_PURSES: Final = 20_000
"""So many are kept before those that are full again are forgotten."""
_STRANGERS: Final = "strangers"


class SpentError(Exception):
    """Too much was computed for this caller lately. Trying again makes sense after *retry_after_seconds*."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays: a signed-in user, or else a network; None is that of many people, such as of a shop's own server."""

    name: str | None
    is_stranger: bool

    @property
    def purses(self) -> tuple[str, ...]:
        """The names of the purses that are paid from."""
        own = () if self.name is None else (self.name,)
        return (*own, _STRANGERS) if self.is_stranger else own


@dataclass(slots=True, kw_only=True)
class Spending:
    """The purses of a process: seconds of the processor in a minute, *each* of one, and *strangers* of all together."""

    each: float = 2.0
    strangers: float = 20.0
    clock: Callable[[], float] = monotonic
    processor: Callable[[], float] = thread_time
    _owed: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By purse: how many seconds were spent and have not come back yet, and when that was so."""
    _many: int = _MANY_PURSES

    @contextmanager
    def paid_by(self, payer: Payer) -> Iterator[None]:
        """Have *payer* pay for what is computed inside; raise `SpentError`, before it is, if a purse is empty."""
        now = self.clock()
        for purse in payer.purses:
            self._refuse_empty(purse, now)
        begun = self.processor()
        try:
            yield
        finally:
            spent = self.processor() - begun
            for purse in payer.purses:
                self._owed[purse] = self._owing(purse, now) + spent, now
            if len(self._owed) > self._many:
                self._forget_full(now)

    def _refuse_empty(self, purse: str, now: float) -> None:
        excess = self._owing(purse, now) - self._size(purse)
        if excess >= 0:
            raise SpentError(max(1, math.ceil(excess * _MINUTE / self._size(purse))))

    def _size(self, purse: str) -> float:
        return self.strangers if purse == _STRANGERS else self.each

    def _owing(self, purse: str, now: float) -> float:
        owed, since = self._owed.get(purse, (0.0, now))
        return max(0.0, owed - (now - since) * self._size(purse) / _MINUTE)

    def _forget_full(self, now: float) -> None:
        self._owed = {purse: owed for purse, owed in self._owed.items() if self._owing(purse, now) > 0}
        # To look at all of them takes as long as there are many: not again at the next one.
        self._many = max(_MANY_PURSES, 2 * len(self._owed))
