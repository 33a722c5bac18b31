"""The home of the way from the channel in a URL to what is known of it: its id, and the language that it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from db.lengths import CODE
from db.models import Channel
from db.row_query import RowQuery

if TYPE_CHECKING:
    from db.engine import Database

_CODE = sa.bindparam("code", type_=sa.Text)
_CHANNEL = RowQuery(
    sa.select(
        sa.select(col(Channel.id)).where(col(Channel.code) == _CODE).scalar_subquery(),
        sa.select(col(Channel.default_locale)).where(col(Channel.code) == _CODE).scalar_subquery(),
    )
)


class Known(NamedTuple):
    """What is known of a channel."""

    id: str
    locale: str
    """What it speaks to who does not say what to speak; as it was when the process first met the channel."""


class Channels:
    """Knows the channels of *database* by their codes.

    The id of a channel never changes, so it is kept. That a code is unknown is not: the channel may be made meanwhile,
    and who tries out codes would fill the memory.
    """

    def __init__(self, database: Database) -> None:
        """Know none yet."""
        self._database = database
        self._known: dict[str, Known] = {}

    async def id_of(self, code: str) -> str | None:
        """Return the id of the channel *code*, None if there is none."""
        known = await self.find(code)
        return known and known.id

    async def find(self, code: str) -> Known | None:
        """Return what is known of the channel *code*, None if there is none."""
        if known := self._known.get(code):
            return known
        # A URL may hold what no code does, and what PostgreSQL takes for no text: %00.
        if len(code) > CODE or not code.isprintable():
            return None
        found, locale = await _CHANNEL.read(self._database, code=code)
        if found is None:
            return None
        known = self._known[code] = Known(found, locale)
        return known
