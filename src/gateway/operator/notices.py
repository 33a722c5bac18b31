"""The home of what an operator is told of while requests are answered: in the log, and seldom enough to be read."""

from __future__ import annotations

import logging
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

_EVERY_SECONDS = 3600


class Notice:
    """A line that is written when what it tells of is met, and once an hour at most: who calls could fill a disk."""

    def __init__(self, write: Callable[[str], None] = _log.warning, now: Callable[[], float] = monotonic) -> None:
        """Be due at once."""
        self._write = write
        self._now = now
        self._due = now()

    @property
    def is_due(self) -> bool:
        """Whether it would be written: to look for what it tells of may cost more than this."""
        return self._now() >= self._due

    def tell(self, text: str) -> None:
        """Write *text*, if it is due."""
        if self.is_due:
            self._due = self._now() + _EVERY_SECONDS
            self._write(text)
