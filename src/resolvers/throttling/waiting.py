"""The home of who waits for slow hashes in this process: of one account few at a time, of one network not all. Pure.

Counted before anything is read or written: whoever finds no place has cost nothing.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from resolvers.rules.errors import Limit, RateLimited

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

_UNBOUNDED: Final = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRoom:
    """Has so many places for those who wait, or are waited for, of one account and of one network."""

    of_account: int = _UNBOUNDED
    of_network: int = _UNBOUNDED
    _taken: Counter[Any] = field(default_factory=Counter)

    @contextmanager
    def place(self, account: Hashable | None, network: Hashable | None) -> Iterator[None]:
        """Take a place for as long as it is needed; what is None has no limit. Raises `RateLimited`."""
        with ExitStack() as stack:
            for what, most in ((("account", account), self.of_account), (("network", network), self.of_network)):
                if what[1] is not None:
                    stack.enter_context(self._one(what, most))
            yield

    @contextmanager
    def _one(self, what: Hashable, most: int) -> Iterator[None]:
        if self._taken[what] >= most:
            raise RateLimited(1, Limit.HASHER)
        self._taken[what] += 1
        try:
            yield
        finally:
            self._taken[what] -= 1
            if not self._taken[what]:
                del self._taken[what]  # or everybody who ever came would be remembered
