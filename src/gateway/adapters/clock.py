"""The home of the time: the machine's, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Tells the machine's time."""

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)
