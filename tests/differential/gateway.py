"""The home of the plug: how the proof asks the gateway. Everything else here knows nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlmodel import select

from db import models
from resolvers.context import caller_of
from resolvers.schema import operations_on
from tests.unlimited import ANY_SIZE, unmetered

if TYPE_CHECKING:
    from datetime import datetime

    from db.engine import Database
    from resolvers.operations.operation import Operations

_opened: WeakKeyDictionary[Database, tuple[Operations, dict[str, str]]] = WeakKeyDictionary()


class Reader:
    """Who reads: in English."""

    locales = ("en",)


async def _open(database: Database) -> tuple[Operations, dict[str, str]]:
    """Return what answers on *database*, and the ids of its channels by code."""
    if database not in _opened:
        async with database.unit_of_work() as session:
            channels = (await session.exec(select(models.Channel))).all()
        _opened[database] = (
            operations_on(database, ANY_SIZE, unmetered()),
            {channel.code: channel.id for channel in channels},
        )
    return _opened[database]


async def answer(  # noqa: PLR0913, PLR0917 - one request
    database: Database,
    channel_code: str,
    token: str | None,
    now: datetime,
    document: str,
    variables: dict[str, Any],
    operation_name: str | None,
) -> bytes:
    """Return the body of the gateway's response.

    The limits of an operation's size do not apply: the documents have more aliases than a client may send.
    """
    operations, channel_ids = await _open(database)
    api_key = token if token is not None and token.startswith("api_") else None
    caller = caller_of(channel_ids[channel_code], None if api_key else token, api_key, now)
    answered = await operations.answer(document, variables, operation_name, caller=caller, context=lambda: Reader)
    return answered.body
