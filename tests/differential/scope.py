"""The home of response keys: which stand in a selection already, so that repeating one merges and never conflicts."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Entry:
    """A response key: what it selects, in writing, and what stands below it."""

    written: str
    type: str
    below: Scope


@dataclass
class Scope:
    """The response keys of one object."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def take(self, key: str, written: str, type_: str) -> Entry | None:
        """Return the entry of *key*, new or the same again; None if the key means something else."""
        entry = self.entries.setdefault(key, Entry(written, type_, Scope()))
        return entry if (entry.written, entry.type) == (written, type_) else None

    def agrees(self, other: Scope) -> bool:
        """Tell whether the keys of both can stand in one object."""
        return all(
            mine is None
            or ((mine.written, mine.type) == (theirs.written, theirs.type) and mine.below.agrees(theirs.below))
            for key, theirs in other.entries.items()
            for mine in [self.entries.get(key)]
        )

    def absorb(self, other: Scope) -> None:
        """Take over all keys of *other*."""
        for key, theirs in other.entries.items():
            self.entries.setdefault(key, Entry(theirs.written, theirs.type, Scope())).below.absorb(theirs.below)
