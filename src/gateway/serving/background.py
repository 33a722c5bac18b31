"""The home of what a serving process does beside answering: it sends mails and sweeps."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from db.errors import DatabaseUnavailableError
from gateway.operator.notices import Notice
from resolvers.mails import outbox
from resolvers.sweeping import sweep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from db.engine import Database
    from resolvers.ports import Clock

    Work = Callable[[asyncio.Event], Awaitable[None]]
    """Goes on until the event is set, and then finishes what it has begun."""

_log = logging.getLogger(__name__)

_FINISHING_SECONDS = 5.0
_SWEEP_SECONDS = 3600.0
_RECOVERING_SECONDS = 10.0
_WAITING = timedelta(minutes=5)
_LOOK_SECONDS = 60.0


@asynccontextmanager
async def working(works: Sequence[Work]) -> AsyncIterator[None]:
    """Do *works* meanwhile. At the end each may finish what it has begun, for a few seconds."""
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(_kept_going(work, stopping)) for work in works]
    try:
        yield
    finally:
        stopping.set()
        if tasks:
            _done, unfinished = await asyncio.wait(tasks, timeout=_FINISHING_SECONDS)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)


def sweeping(database: Database, clock: Clock, *, first: float = 60.0, seconds: float = _SWEEP_SECONDS) -> Work:
    """Return what sweeps every so many *seconds*; *first* soon after the start, as some restart every hour."""

    async def run(stopping: asyncio.Event) -> None:
        pause = first
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), pause)
                return
            pause = seconds
            try:
                await sweep(database, clock.now())
            except DatabaseUnavailableError:
                _log.warning("sweeping was broken off by an outage, and goes on in %s seconds", pause)

    return run


def waiting_mails(database: Database, clock: Clock, *, seconds: float = _LOOK_SECONDS) -> Work:
    """Return what reminds of mails that nobody sends, for a process that sends none itself."""
    notice = Notice()

    async def run(stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            with suppress(DatabaseUnavailableError):  # the database tells of it
                if await outbox.are_due(database, clock.now() - _WAITING):
                    notice.tell("mails wait, and nobody has sent them for minutes: set GATEWAY_SMTP_URL")
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), seconds)

    return run


async def _kept_going(work: Work, stopping: asyncio.Event) -> None:
    """Do *work* again after a bug has ended it: mails must not wait for the next start."""
    while not stopping.is_set():
        try:
            await work(stopping)
        except Exception:  # noqa: BLE001 - the boundary at which bugs are logged
            _log.exception("work beside answering has failed, and goes on in %s seconds", _RECOVERING_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _RECOVERING_SECONDS)
