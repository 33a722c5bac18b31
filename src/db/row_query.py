"""The home of reading a few columns before a unit of work: a select of one row, compiled once per dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.engine import Dialect

    from db.engine import Database


class RowQuery:
    """A select that always has exactly one row, whose parameters and columns are texts or numbers.

    What the driver returns is not converted: JSON is text, and a boolean may be 0 or 1.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        """Keep *statement*, whose parameters are `bindparam`s with names."""
        self._statement = statement
        self._compiled: dict[str, tuple[str, list[str]]] = {}

    async def read(self, database: Database, **parameters: object) -> tuple[Any, ...]:
        """Return the row, read outside of any transaction."""
        sql, names = self._for(database.dialect)
        return await database.read(sql, [parameters[name] for name in names])

    def _for(self, dialect: Dialect) -> tuple[str, list[str]]:
        if dialect.name not in self._compiled:
            compiled: Any = self._statement.compile(dialect=dialect)
            self._compiled[dialect.name] = str(compiled), list(compiled.positiontup or ())
        return self._compiled[dialect.name]
