"""The home of how a process opens its database: as soon as it is there.

An outage is no wrong configuration: a process that starts in one does what it can without, until it is over, as those
do that were there before. What is wrong all the same is told, and looked at again: who mends it need start nothing.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from db.engine import open_database
from db.errors import DatabaseUnavailableError
from gateway.operator.database import NEWER, database_explained, require_usable
from gateway.operator.settings import OperatorError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from db.engine import Database

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0
_TOLD_AGAIN_EVERY = 60
"""Looks: a minute."""


class Opening:
    """Opens the database at *url*, and then enters what *begin* makes of it, for as long as the process serves."""

    def __init__(
        self, url: str, begin: Callable[[Database], AbstractAsyncContextManager[None]], *, pause: float = _PAUSE_SECONDS
    ) -> None:
        """Look again every *pause* seconds."""
        self._url = url
        self._begin = begin
        self._pause = pause
        self._stack = AsyncExitStack()
        self._failed = DatabaseUnavailableError()
        self.database: Database | None = None
        """The database once it answers, whether it can be used or not."""
        self.is_open = False

    def refuse(self) -> DatabaseUnavailableError:
        """Return what whoever comes too early is answered."""
        return DatabaseUnavailableError(self._failed.cause, self._failed.during)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Open the database now or, meanwhile, later; close it at the end."""
        looking = None if await self._look(tells=True) else asyncio.create_task(self._look_again())
        try:
            yield
        finally:
            if looking is not None:
                looking.cancel()
                await asyncio.gather(looking, return_exceptions=True)
            await self._stack.aclose()

    async def _look_again(self) -> None:
        looks = 1
        while True:
            await asyncio.sleep(self._pause)
            try:
                if await self._look(tells=looks % _TOLD_AGAIN_EVERY == 0):
                    _log.info("the database is there")
                    return
            except Exception:  # noqa: BLE001 - the boundary at which bugs are logged
                _log.exception("to open the database has failed, and is tried again")
            looks += 1

    async def _look(self, *, tells: bool) -> bool:
        try:
            with database_explained():
                if self.database is None:
                    self.database = await open_database(self._url)
                    self._stack.push_async_callback(self.database.close)
            is_newer = await require_usable(self.database)
            with database_explained():
                await self._stack.enter_async_context(self._begin(self.database))
        except OperatorError as fault:
            if isinstance(outage := fault.__cause__, DatabaseUnavailableError):
                self._failed = outage
            if tells:
                _log.warning("the database can't be used, and is waited for: %s", fault)
            return False
        if is_newer:
            _log.warning(NEWER)
        self.is_open = True
        return True
