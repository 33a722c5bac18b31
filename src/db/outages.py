"""The home of what the log says of outages: that one goes on, once a second at most, and once that it is over."""

from __future__ import annotations

import logging
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.errors import DatabaseUnavailableError

_log = logging.getLogger(__name__)
# A command tells of the outage itself, and has no log.
_log.addHandler(logging.NullHandler())

_PAUSE_SECONDS = 1.0


class Outages:
    """Tells of failures and of the recovery of one way to use the database: reading it or writing to it."""

    def __init__(self, what: str, clock: Callable[[], float] = monotonic) -> None:
        """Name the way as *what* can't be done, such as "read"."""
        self._what = what
        self._clock = clock
        self.last: DatabaseUnavailableError | None = None
        """Why the database could not be used, until it can."""
        self._began, self._told = 0.0, -_PAUSE_SECONDS
        self._failures = 0
        self._is_told = False

    def failed(self, outage: DatabaseUnavailableError) -> None:
        """Tell of *outage*, unless one was told just now; by its cause, as texts repeat values."""
        now = self._clock()
        if self.last is None:
            self._began = now
        self.last = outage
        self._failures += 1
        # Also where it comes and goes, as with too small a pool.
        if now < self._told + _PAUSE_SECONDS:
            return
        self._told, self._is_told = now, True
        found = {"cause": outage.cause, "during": outage.during, "failures": self._failures}
        message = "the database can't be %s: %s during %s"
        _log.error(message, self._what, outage.cause, outage.during, extra={"database": found})

    def answered(self) -> None:
        """Tell that the database can be used again. To be called only after failures: see `last`."""
        now = self._clock()
        found = {"failures": self._failures, "seconds": round(now - self._began, 1)}
        self.last, self._failures = None, 0
        if not self._is_told:
            return
        self._is_told = False
        _log.info("the database can be %s again", self._what, extra={"database": found})
