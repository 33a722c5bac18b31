"""The home of waiting: for a connection, a bounded time, and in the event loop until others had their turn."""

from __future__ import annotations

import asyncio
from time import monotonic

CHECKOUT_TIMEOUT = 3.0
"""Seconds: sooner than a client's patience ends."""


class Turns(asyncio.Semaphore):
    """Lets a number of reads run at a time; ``async with`` raises `TimeoutError` when the wait is too long."""

    def __init__(self, number: int, *, timeout: float = CHECKOUT_TIMEOUT) -> None:
        """Let *number* run at a time, and others wait *timeout* seconds."""
        super().__init__(number)
        self._timeout = timeout

    async def __aenter__(self) -> None:
        """Wait for a turn."""
        if not self.locked():
            await self.acquire()
            return
        async with asyncio.timeout(self._timeout):
            await self.acquire()


class Rounds:
    """Lets work run in the thread of the event loop for some milliseconds of each of its rounds.

    Between two rounds the loop takes a new connection, just one where it is uvloop's, and answers what does no work:
    64 clients that came at once waited up to two seconds while those before them were answered.
    """

    def __init__(self, seconds: float, *, timeout: float = CHECKOUT_TIMEOUT) -> None:
        """Let work begin for so many *seconds* of a round, and wait *timeout* seconds."""
        self._seconds = seconds
        self._timeout = timeout
        self._began: float | None = None

    async def turn(self) -> None:
        """Wait for a round in which there is time left; raise `TimeoutError` when the wait is too long."""
        until = None
        while self._began is not None and (now := monotonic()) - self._began > self._seconds:
            until = until or now + self._timeout
            if now > until:
                raise TimeoutError
            # Until the next round, and not for an event: who waits longest comes first, and several in one round.
            await asyncio.sleep(0)
        if self._began is None:
            self._began = monotonic()
            asyncio.get_running_loop().call_soon(self._end)

    def _end(self) -> None:
        self._began = None
