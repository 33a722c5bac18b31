"""The home of the insert that may meet a row that is there already; each database's has `on_conflict_do_update`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlmodel import SQLModel
    from sqlmodel.ext.asyncio.session import AsyncSession

_INSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def upsert(session: AsyncSession, table: type[SQLModel]) -> Any:  # noqa: ANN401 - either database's
    """Return an insert into *table* in the words of the session's database."""
    return _INSERTS[session.get_bind().dialect.name](table)
