"""The home of what is kept because it was used lately, within a bound of what it weighs."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


@dataclass(slots=True)
class _Entry(Generic[V]):
    value: V
    weight: int
    payer: str | None


class Recent(Generic[K, V]):
    """The values that were used last, of *most* bytes in all."""

    def __init__(self, most: int) -> None:
        """Keep nothing yet."""
        self._most = most
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()
        self._share: Counter[str | None] = Counter()
        """Of `weight`, by who has paid for it."""
        self.weight = 0
        """About how many bytes are kept."""

    def get(self, key: K) -> V | None:
        """Return the value of *key* if it is kept."""
        if (entry := self._entries.get(key)) is None:
            return None
        self._entries.move_to_end(key)
        return entry.value

    def put(self, key: K, value: V, weight: int, payer: str | None = None) -> None:
        """Keep *value*, which takes about *weight* bytes and for which *payer* has paid."""
        if key in self._entries:
            self._forget(key)
        self._entries[key] = _Entry(value, 0, payer)
        self.reweigh(key, weight)

    def reweigh(self, key: K, weight: int) -> None:
        """Count *weight* for *key* from now on, if it is kept."""
        if (entry := self._entries.get(key)) is None:
            return
        self._count(entry, weight)
        # Nobody pushes out what others use: of one payer there is a fourth at most, and it is the oldest that goes.
        while entry.payer is not None and self._share[entry.payer] > self._most // 4:
            self._forget(next(key for key, kept in self._entries.items() if kept.payer == entry.payer))
        while self.weight > self._most:
            self._forget(next(iter(self._entries)))

    def _forget(self, key: K) -> None:
        self._count(self._entries.pop(key), 0)

    def _count(self, entry: _Entry[V], weight: int) -> None:
        self.weight += weight - entry.weight
        self._share[entry.payer] += weight - entry.weight
        entry.weight = weight
        if not self._share[entry.payer]:
            del self._share[entry.payer]
