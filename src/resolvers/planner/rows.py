"""The home of rows in a plan: a table under an alias, and the statement that selects what the caller may see of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.util import immutabledict

if TYPE_CHECKING:
    from resolvers.planner.arguments import Argument


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the plan: the columns of *model* under an alias.

    A column is text for SQLAlchemy (``t1.id``), so that a body may use it in a subquery of any depth. A real column
    would join its table to each FROM that nobody told to `correlate`.
    """

    model: type[Any]
    alias: str
    depth: int
    """How many rows stand inside one another here, this one included."""

    def __getattr__(self, name: str) -> sa.ColumnElement[Any]:
        """Return the column *name*."""
        return sa.literal_column(f"{self.alias}.{name}", self.model.__table__.c[name].type)

    def put_into(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        """Return *statement*, which is written on the model, with this row in its place."""
        table = self.model.__table__

        def replaced(element: Any, **_options: Any) -> Any:
            owner = getattr(element, "table", None)
            if isinstance(element, sa.Column) and isinstance(owner, sa.Table) and owner.key == table.key:
                return getattr(self, element.name)
            return table.alias(self.alias) if isinstance(element, sa.Table) and element.key == table.key else None

        adapted: Any = visitors.replacement_traverse(statement, {}, replaced)
        # Nothing of the ORM is left in it; SQLAlchemy would take a fifth of its time to find that out.
        adapted._propagate_attrs = immutabledict()  # noqa: SLF001 - there is no other way back to a plain select
        return cast("sa.Select[Any]", adapted)

    @property
    def has_id(self) -> bool:
        """Whether a column of its own tells the row from all others."""
        return "id" in self.model.__table__.c


@dataclass(frozen=True, slots=True)
class Entered:
    """A table as a plan reads it: *statement* selects from *row*, an alias, what the caller may see."""

    statement: sa.Select[Any]
    row: Any

    def where(self, condition: sa.ColumnElement[bool]) -> Entered:
        """Return this with one more condition."""
        return replace(self, statement=self.statement.where(condition))

    def ordered(self, clauses: list[sa.ColumnElement[Any]]) -> Entered:
        """Return this in the order of *clauses* alone."""
        return replace(self, statement=self.statement.order_by(None).order_by(*clauses))

    def limited(self, count: Argument, offset: Argument | None = None) -> Entered:
        """Return at most *count* rows, from the one at *offset* on."""
        return replace(self, statement=self.statement.limit(count).offset(offset))

    def select(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """Return the select of *columns*."""
        return self.statement.with_only_columns(*columns, maintain_column_froms=True)

    def everything(self) -> sa.Select[Any]:
        """Return the select of all columns, under their names."""
        return self.select(sa.literal_column(f"{self.row.alias}.*"))
