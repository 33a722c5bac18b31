"""The home of what is looked at before anything is served: what must be mended, and what is only told."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from db.errors import DatabaseUnavailableError
from gateway.operator import doubtful
from gateway.operator.database import DatabaseAwayError, database_explained, usable_database
from resolvers.channels.service import channels

if TYPE_CHECKING:
    from db.engine import Database
    from gateway.operator.settings import Settings


async def doubts_of(settings: Settings) -> list[str]:
    """Return what looks wrong; raise `OperatorError` for what is wrong. A database that is only away is waited for."""
    doubts = list(doubtful.of_settings(settings))
    try:
        async with usable_database(settings.database_url) as database:
            with database_explained():
                doubts += await doubtful.of_channels(database, settings.default_channel)
            doubts += await doubts_of_landing_pages(database)
    except DatabaseAwayError as away:
        doubts.append(f"{away} It is waited for, and requests are answered 503 until it is there.")
    return doubts


async def doubts_of_landing_pages(database: Database) -> list[str]:
    """Return what is doubtful of all channels; nothing where the database does not answer now."""
    with suppress(DatabaseUnavailableError):
        async with database.unit_of_work() as session:
            return list(doubtful.of_landing_pages(await channels(session)))
    return []
