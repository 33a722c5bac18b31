"""The home of a process that does nothing but send: `gateway mail run`."""

from __future__ import annotations

import asyncio
import logging.config
import signal
from typing import TYPE_CHECKING

from db.engine import open_database
from gateway.background import sweeping, working
from gateway.clock import SystemClock
from gateway.logs import configuration
from gateway.mail.sending import sender_of
from gateway.operating import database_explained, require_migrated
from gateway.settings import OperatorError

if TYPE_CHECKING:
    from gateway.settings import Settings


async def send_until_stopped(settings: Settings) -> None:
    """Send mails until a signal comes, and then finish what was begun. Raises `OperatorError`."""
    if settings.smtp_url is None:
        msg = "GATEWAY_SMTP_URL is missing: there is nowhere to send to."
        raise OperatorError(msg)
    logging.config.dictConfig(configuration(settings.log_level))
    await require_migrated(settings.database_url)
    with database_explained():
        database = await open_database(settings.database_url)
    stopped, clock = asyncio.Event(), SystemClock()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        sender = sender_of(settings, database, clock)
        async with working([sweeping(database, clock), *([sender.run] if sender else ())]):
            await stopped.wait()
    finally:
        await database.close()
