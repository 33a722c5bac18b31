"""The home of how many mails a process has in hand: a few at once, and more of those that the mail server lets wait."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Coroutine

AT_ONCE: Final = 4
"""Each needs a connection for a moment, and requests need them, too; mail servers allow few as well."""
MOST: Final = 32
PATIENCE_SECONDS: Final = 10.0
"""After which a mail that is still in hand keeps no other one waiting: a server may take ten minutes to answer."""


class Hands:
    """What is done at the same time."""

    def __init__(self, *, at_once: int = AT_ONCE, most: int = MOST, patience: float = PATIENCE_SECONDS) -> None:
        """Begin nothing."""
        self._at_once, self._most, self._patience = at_once, most, patience
        self._busy: set[asyncio.Task[None]] = set()
        self._all: set[asyncio.Task[None]] = set()
        self._freed = asyncio.Event()

    @property
    def free(self) -> int:
        """How many mails may be begun."""
        return max(0, min(self._at_once - len(self._busy), self._most - len(self._all)))

    @property
    def are_free(self) -> bool:
        """Whether it is worth while to claim some: that costs as much for one as for several."""
        return self.free >= max(1, self._at_once // 2)

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """Do *work*, which must not raise, beside what is in hand."""
        task = asyncio.create_task(work)
        self._busy.add(task)
        self._all.add(task)
        waiting = asyncio.get_running_loop().call_later(self._patience, self._let_wait, task)
        task.add_done_callback(lambda _done: waiting.cancel())
        task.add_done_callback(self._all.discard)
        task.add_done_callback(self._let_wait)

    async def some_free(self) -> None:
        """Wait until they are."""
        while not self.are_free:
            self._freed.clear()
            await self._freed.wait()

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, _error: object, _traceback: object) -> None:
        """Wait until nothing is in hand; break all of it off where that is cancelled."""
        try:
            while self._all and kind is not asyncio.CancelledError:
                await asyncio.wait(self._all)
        finally:
            for task in self._all:
                task.cancel()
            await asyncio.gather(*self._all, return_exceptions=True)

    def _let_wait(self, task: asyncio.Task[None]) -> None:
        self._busy.discard(task)
        self._freed.set()
