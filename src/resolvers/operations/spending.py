"""The home of what computing costs: how long documents that nobody has sent before may keep a process busy.

Reading and planning a document takes a hundred times as long as answering it again, and anybody may send one. So who
sends new ones pays from a purse, which fills again with time: a signed-in user from one of their own, all others from
that of their network; and both from purses that many share.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, thread_time
from typing import TYPE_CHECKING, Final, NamedTuple

from resolvers.rules.errors import Limit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MINUTE: Final = 60.0
_MANY_PURSES: Final = 20_000
"""So many are kept before those that are full again are forgotten."""
_STRANGERS, _MEMBERS, _PROXIES = "strangers", "members", "listed proxies"
_LITTLE: Final = 0.1
"""Of the own purse."""


class SpentError(Exception):
    """Too much was computed for this caller lately. Trying again makes sense after *retry_after_seconds*."""

    def __init__(self, retry_after_seconds: int, limit: Limit) -> None:
        super().__init__(retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds
        self.limit = limit


class Payer(NamedTuple):
    """Who pays: a signed-in user, or else a network."""

    network: str | None
    """None is that of many people, such as of a shop's own server."""
    user_id: str | None = None

    @property
    def name(self) -> str:
        """What tells one payer from another."""
        return self.user_id or self.network or _PROXIES


class _Purse(NamedTuple):
    name: str
    size: float
    """How many seconds come back in a minute, and how many it holds."""
    limit: Limit


@dataclass(slots=True, kw_only=True)
class Spending:
    """The purses of a process: seconds of the processor in a minute."""

    each: float = 2.0
    """Of a user, and of a network of others. The users of a network together have five times as many."""
    strangers: float = 20.0
    """Of all who are not signed in."""
    members: float = 40.0
    """Of all users: anybody may make some."""
    clock: Callable[[], float] = monotonic
    processor: Callable[[], float] = thread_time
    _owed: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By purse: how many seconds were spent and have not come back yet, and when that was so."""
    _many: int = _MANY_PURSES

    @contextmanager
    def paid_by(self, payer: Payer) -> Iterator[None]:
        """Have *payer* pay for what is computed inside; raise `SpentError`, before it is, if a purse is empty."""
        now = self.clock()
        own, *shared = purses = self._purses(payer)
        self._refuse_empty(own, now)
        # Who has spent little is let in all the same: ten strangers shall not shut everybody out.
        if self._owing(own, now) > own.size * _LITTLE:
            for purse in shared:
                self._refuse_empty(purse, now)
        begun = self.processor()
        try:
            yield
        finally:
            spent = self.processor() - begun
            for purse in purses:
                self._owed[purse.name] = self._owing(purse, now) + spent, now
            if len(self._owed) > self._many:
                self._forget_full(now)

    def _purses(self, payer: Payer) -> list[_Purse]:
        """Return those that are paid from, the payer's own first."""
        if payer.user_id is not None:
            together = (
                []
                if payer.network is None
                else [_Purse(f"{_MEMBERS} of {payer.network}", 5 * self.each, Limit.DOCUMENTS_OF_NETWORK)]
            )
            own = _Purse(payer.user_id, self.each, Limit.DOCUMENTS_OF_USER)
            return [own, *together, _Purse(_MEMBERS, self.members, Limit.DOCUMENTS)]
        if payer.network is None:
            return [_Purse(_PROXIES, self.strangers, Limit.DOCUMENTS)]
        own = _Purse(payer.network, self.each, Limit.DOCUMENTS_OF_NETWORK)
        return [own, _Purse(_STRANGERS, self.strangers, Limit.DOCUMENTS)]

    def _refuse_empty(self, purse: _Purse, now: float) -> None:
        excess = self._owing(purse, now) - purse.size
        if excess >= 0:
            raise SpentError(max(1, math.ceil(excess * _MINUTE / purse.size)), purse.limit)

    def _owing(self, purse: _Purse, now: float) -> float:
        owed, since = self._owed.get(purse.name, (0.0, now))
        return max(0.0, owed - (now - since) * purse.size / _MINUTE)

    def _forget_full(self, now: float) -> None:
        # A purse of `each` fills the slowest: what fills it has filled the others.
        slowest = self.each / _MINUTE
        self._owed = {
            name: (owed, since) for name, (owed, since) in self._owed.items() if owed > (now - since) * slowest
        }
        # To look at all of them takes as long as there are many: not again at the next one.
        self._many = max(_MANY_PURSES, 2 * len(self._owed))
