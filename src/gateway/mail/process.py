"""The home of a process that does nothing but send: `gateway mail run`."""

from __future__ import annotations

import asyncio
import logging.config
import signal
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from gateway.adapters.clock import SystemClock
from gateway.mail.transport import sender_of
from gateway.operator.database import DatabaseAwayError, usable_database
from gateway.operator.logs import configuration
from gateway.operator.settings import OperatorError
from gateway.serving.background import sweeping, working
from gateway.serving.opening import Opening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from db.engine import Database
    from gateway.operator.settings import Settings


async def send_until_stopped(settings: Settings) -> None:
    """Send mails until a signal comes, and then finish what was begun. Raises `OperatorError`."""
    if settings.smtp_url is None:
        msg = "GATEWAY_SMTP_URL is missing: there is nowhere to send to."
        raise OperatorError(msg)
    logging.config.dictConfig(configuration(settings.log_level))
    with suppress(DatabaseAwayError):  # it is waited for
        async with usable_database(settings.database_url):
            pass
    stopped, clock = asyncio.Event(), SystemClock()

    @asynccontextmanager
    async def begun(database: Database) -> AsyncIterator[None]:
        sender = sender_of(settings, database, clock)
        async with working([sweeping(database, clock), *([sender.run] if sender else ())]):
            yield

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with Opening(settings.database_url, begun).kept():
        await stopped.wait()
