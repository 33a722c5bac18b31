"""The home of reading a few columns before a unit of work: a select of one row, compiled once per dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Select
    from sqlalchemy.engine import Dialect

    from db.engine import Database


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    value: Any
    """What is bound unless the caller gives something else."""
    convert: Callable[[Any], Any] | None

    def bound(self, given: dict[str, object]) -> Any:  # noqa: ANN401 - as the driver takes it
        value = given.get(self.name, self.value)
        return self.convert(value) if self.convert else value


class RowQuery:
    """A select that always has exactly one row.

    What the driver returns is not converted: JSON is text, a boolean may be 0 or 1, a time may be text.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        """Keep *statement*; what varies in it are `bindparam`s with names and types."""
        self._statement = statement
        self._compiled: dict[str, tuple[str, list[_Parameter]]] = {}

    async def read(self, database: Database, **parameters: object) -> tuple[Any, ...]:
        """Return the row, read outside of any transaction."""
        sql, expected = self._for(database.dialect)
        return await database.read(sql, [parameter.bound(parameters) for parameter in expected])

    def _for(self, dialect: Dialect) -> tuple[str, list[_Parameter]]:
        if dialect.name not in self._compiled:
            made: Any = self._statement.compile(dialect=dialect)
            self._compiled[dialect.name] = (
                str(made),
                [
                    _Parameter(
                        name, made.params[name], made.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
                    )
                    for name in made.positiontup or ()
                ],
            )
        return self._compiled[dialect.name]
