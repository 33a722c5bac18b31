"""The home of the insert that may meet a row that is there already; each database's has `on_conflict_do_update`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import CursorResult
    from sqlmodel import SQLModel
    from sqlmodel.ext.asyncio.session import AsyncSession

_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class Upsert:
    """An insert into *table* that is written by *write* once for each database.

    Writing it anew takes as long as executing it. What varies in it are `bindparam`s with names and types.
    """

    def __init__(self, table: type[SQLModel], write: Callable[[Any], Any]) -> None:
        """Write nothing yet."""
        self._table = sa.inspect(table).local_table
        self._write = write
        self._written: dict[str, Any] = {}

    async def execute(self, session: AsyncSession, **parameters: object) -> CursorResult[Any]:
        """Execute it with *parameters*: those of its `bindparam`s, and columns of the row by name."""
        dialect = session.get_bind().dialect.name
        if dialect not in self._written:
            self._written[dialect] = self._write(_INSERTS[dialect](self._table))
        result: CursorResult[Any] = await session.exec(self._written[dialect], params=parameters)
        return result
