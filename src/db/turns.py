"""The home of waiting: for a connection, a bounded time, and in the event loop until others had their turn."""

from __future__ import annotations

import asyncio
from time import monotonic

from db.errors import CheckoutTimeoutError

_PLACES = 64
"""So many look in each round whether it is their turn; to have thousands look would take longer than their work."""
CHECKOUT_TIMEOUT = 3.0
"""Seconds: sooner than a client's patience ends."""


class Turns(asyncio.Semaphore):
    """Lets a number of reads run at a time; ``async with`` raises `CheckoutTimeoutError` when the wait is too long."""

    def __init__(self, number: int, *, timeout: float = CHECKOUT_TIMEOUT) -> None:
        """Let *number* run at a time, and others wait *timeout* seconds."""
        super().__init__(number)
        self._timeout = timeout

    async def __aenter__(self) -> None:
        """Wait for a turn."""
        if not self.locked():
            await self.acquire()
            return
        try:
            async with asyncio.timeout(self._timeout):
                await self.acquire()
        except TimeoutError:
            raise CheckoutTimeoutError from None


class Rounds:
    """Lets work run in the thread of the event loop for some milliseconds of each of its rounds.

    Between two rounds the loop takes a new connection, just one where it is uvloop's, and answers what does no work:
    64 clients that came at once waited up to two seconds while those before them were answered.
    """

    def __init__(self, seconds: float, *, timeout: float = CHECKOUT_TIMEOUT) -> None:
        """Let work begin for so many *seconds* of a round, and others wait about *timeout* seconds."""
        self._seconds = seconds
        self._places = Turns(_PLACES, timeout=timeout)
        self._began: float | None = None

    async def turn(self) -> None:
        """Wait for a round in which there is time left; raise `CheckoutTimeoutError` when the wait is too long."""
        if self._is_over():
            async with self._places:
                while self._is_over():  # noqa: ASYNC110 - several have their turn in one round, who waits longest first
                    await asyncio.sleep(0)
        if self._began is None:
            self._began = monotonic()
            asyncio.get_running_loop().call_soon(self._end)

    def _is_over(self) -> bool:
        return self._began is not None and monotonic() - self._began > self._seconds

    def _end(self) -> None:
        self._began = None
