"""The home of waiting for a connection: a bounded time, and then the client is told that we are busy."""

from __future__ import annotations

import asyncio

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
