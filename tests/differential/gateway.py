"""The home of the plug: how the proof asks the gateway. Everything else here knows nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from db.engine import Database


class NotPluggedInError(Exception):
    """There is no gateway to ask."""


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
    raise NotPluggedInError(database, channel_code, token, now, document, variables, operation_name)
