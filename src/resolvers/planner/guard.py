"""The home of what a plan is given to tell who may read what: the caller's tables, and the predicate of each table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from resolvers.planner import templates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.engine import Dialect

    from db.enums import AdminScope
    from resolvers.planner.arguments import Audience
    from resolvers.planner.compile import Visible
    from resolvers.planner.templates import Sql


class CallerTable(NamedTuple):
    """A table of one row that tells something of the caller."""

    select: Any
    audience: Audience | None = None
    """Of whom alone it tells something; None if of whoever asks. For others it is a row of NULLs."""

    def expression(self, name: str, asking: Audience | None, dialect: Dialect) -> tuple[str, Sql]:
        """Return how the table's expression begins, and what it holds, for those who are *asking*, if that is known."""
        if self.audience is None or asking in {None, self.audience}:
            # One row: SQLite would look it up again wherever it is read.
            return f"{name} AS MATERIALIZED (", templates.sql(self.select, dialect)
        nothing = (sa.cast(sa.null(), column.type).label(column.key) for column in self.select.selected_columns)
        # Put in place, it is a constant: that a user has no scope costs nothing, in whichever predicate it is asked.
        return f"{name} AS NOT MATERIALIZED (", templates.sql(sa.select(*nothing), dialect)


class Guard(NamedTuple):
    """Who may read what."""

    asks: tuple[sa.ColumnElement[Any], ...]
    """What the statement of each root field answers first: who calls, NULL for nobody, and more about the caller."""
    tables: Mapping[str, CallerTable]
    """The tables that caller and predicates read, by name, each after those that it reads."""
    visible: Visible
    """The predicate of each table."""
    has: Callable[[AdminScope], sa.ColumnElement[bool]]
    """Whether the caller is staff with a scope."""
