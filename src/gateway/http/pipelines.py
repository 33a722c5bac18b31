"""The home of how many requests of one connection may wait: where to stop in what came, and when to read on.

Who sends without waiting for answers fills the memory otherwise: uvicorn queues all that a piece holds, and reads
another piece for each answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.flow_control import FlowControl

if TYPE_CHECKING:
    from asyncio import Transport
    from collections.abc import Collection

_END_OF_HEAD: Final = b"\n\r\n"
"""No head ends without. In a body it means nothing, and costs nothing but another piece."""


def end_of(received: bytes, begin: int, heads: int) -> int:
    """Return how far to parse *received* from *begin*, so that at most *heads* heads end there."""
    # What was parsed before may lack no more than the end of this one.
    for _ in range(heads - 1):
        found = received.find(_END_OF_HEAD, begin)
        if found < 0:
            return len(received)
        begin = found + len(_END_OF_HEAD)
    return begin


class Gate(FlowControl):
    """Lets nothing more be read as long as requests are *waiting*: then no more wait than have come."""

    def __init__(self, transport: Transport, waiting: Collection[Any]) -> None:
        """Be open."""
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        """Read on, unless requests are waiting."""
        if not self._waiting:
            super().resume_reading()
