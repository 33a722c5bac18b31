"""The home of the way from the channel in a URL to its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from db.models import Channel
from db.row_query import RowQuery

if TYPE_CHECKING:
    from db.engine import Database

_LONGEST_CODE = 40

_ID = RowQuery(
    sa.select(
        sa.select(col(Channel.id)).where(col(Channel.code) == sa.bindparam("code", type_=sa.Text)).scalar_subquery()
    )
)


class Channels:
    """Knows the channels of *database* by their codes.

    The id of a channel never changes, so it is kept. That a code is unknown is not: the channel may be made meanwhile,
    and who tries out codes would fill the memory.
    """

    def __init__(self, database: Database) -> None:
        """Know none yet."""
        self._database = database
        self._ids: dict[str, str] = {}

    async def id_of(self, code: str) -> str | None:
        """Return the id of the channel *code*, None if there is none."""
        if known := self._ids.get(code):
            return known
        # A URL may hold what no code does, and what PostgreSQL takes for no text: %00.
        if len(code) > _LONGEST_CODE or not code.isprintable():
            return None
        found: str | None
        [found] = await _ID.read(self._database, code=code)
        if found is not None:
            self._ids[code] = found
        return found
