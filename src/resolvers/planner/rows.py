"""The home of rows in a plan: a table under an alias, and the statement that selects what the caller may see of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.util import immutabledict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resolvers.planner.arguments import Argument

_ALL = sa.literal_column(str(2**63 - 1), sa.BigInteger())
"""The limit of what has none."""


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

    def put_into(self, statement: sa.Select[Any], source: sa.Select[Any] | None = None) -> sa.Select[Any]:
        """Return *statement*, which is written on the model, with this row in its place: of *source*, if given."""
        table = self.model.__table__
        read = table.alias(self.alias) if source is None else source.subquery(self.alias)

        def replaced(element: Any, **_options: Any) -> Any:
            owner = getattr(element, "table", None)
            if isinstance(element, sa.Column) and isinstance(owner, sa.Table) and owner.key == table.key:
                return getattr(self, element.name)
            return read if isinstance(element, sa.Table) and element.key == table.key else None

        adapted: Any = visitors.replacement_traverse(statement, {}, replaced)
        # Nothing of the ORM is left in it; SQLAlchemy would take a fifth of its time to find that out.
        adapted._propagate_attrs = immutabledict()  # noqa: SLF001 - there is no other way back to a plain select
        return cast("sa.Select[Any]", adapted)

    @property
    def has_id(self) -> bool:
        """Whether a column of its own tells the row from all others."""
        return "id" in self.model.__table__.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A select with a shortcut to what it finds; what a body returns where an index tells few rows from many.

    *few* selects the whole rows among which are all that *statement* finds, and none where these are *many*. Both read
    *table*.
    """

    statement: sa.Select[Any]
    table: sa.CTE
    few: sa.Select[Any]
    many: sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Entered:
    """A table as a plan reads it: *statement* selects from *row*, an alias, what the caller may see.

    With a *shortcut* it is read only where rows are many, and *among_few*, the same over few rows, else.
    """

    statement: sa.Select[Any]
    row: Any
    among_few: sa.Select[Any] | None = None
    shortcut: Shortcut | None = None
    order: Sequence[sa.ColumnElement[Any]] = ()

    def where(self, condition: sa.ColumnElement[bool]) -> Entered:
        """Return this with one more condition."""
        return self._with(lambda statement: statement.where(condition))

    def ordered(self, clauses: Sequence[sa.ColumnElement[Any]]) -> Entered:
        """Return this in the order of *clauses* alone."""
        return replace(self._with(lambda statement: statement.order_by(None).order_by(*clauses)), order=clauses)

    def limited(self, count: Argument, offset: Argument | None = None) -> Entered:
        """Return at most *count* rows, from the one at *offset* on."""
        return self._with(lambda statement: statement.limit(count).offset(offset))

    def select(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """Return the select of *columns*."""
        if self.among_few is None or self.shortcut is None:
            return self.statement.with_only_columns(*columns, maintain_column_froms=True)
        # One of them has no rows, and so the order is that of the other.
        both = sa.union_all(self._all_columns(self.among_few), self._all_columns(self._if(self.shortcut.many)))
        rows = sa.select(*columns).select_from(both.subquery(self.row.alias)).order_by(*self.order)
        return rows.add_cte(self.shortcut.table, nest_here=True)

    def everything(self) -> sa.Select[Any]:
        """Return the select of all columns, under their names."""
        return self.select(sa.literal_column(f"{self.row.alias}.*"))

    def _with(self, change: Callable[[sa.Select[Any]], sa.Select[Any]]) -> Entered:
        few = None if self.among_few is None else change(self.among_few)
        return replace(self, statement=change(self.statement), among_few=few)

    def _all_columns(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        whole: sa.Select[Any] = statement.with_only_columns(
            sa.literal_column(f"{self.row.alias}.*"), maintain_column_froms=True
        )
        # SQLite has no parentheses for a limit inside a union.
        return sa.select(sa.literal_column("*")).select_from(whole.subquery())

    def _if(self, many: sa.ColumnElement[bool]) -> sa.Select[Any]:
        """Return the statement without rows unless they are *many*: by its limit; a condition is asked for each row."""
        count: Any = self.statement._limit_clause  # noqa: SLF001 - SQLAlchemy has no other way to read it
        return self.statement.limit(sa.case((many, _ALL if count is None else count), else_=sa.literal_column("0")))
