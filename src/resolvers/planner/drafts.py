"""The home of putting a plan's statements together: templates filled with names, arguments and one another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resolvers.planner import templates
from resolvers.planner.compiler import object_json
from resolvers.planner.declarations import type_name_of
from resolvers.planner.rows import Row

if TYPE_CHECKING:
    from resolvers.planner.compiler import Compiler
    from resolvers.planner.selection import Members, Selected
    from resolvers.planner.statements import Sql
    from resolvers.planner.templates import WrittenJson

MAX_NESTED_ROWS = 3
"""So many rows inside one another are written where they stand."""


class TooManyTablesError(Exception):
    """A selection enters more tables than a plan may."""


class Names(Iterator[str]):
    """The names of the tables of one operation, at most *most*."""

    def __init__(self, most: int) -> None:
        """Give none yet."""
        self._left = range(1, most + 1).__iter__()

    def __next__(self) -> str:
        """Return a name that no other table of the operation has; raise `TooManyTablesError` after the last."""
        for number in self._left:
            return f"t{number}"
        raise TooManyTablesError


@dataclass(frozen=True, slots=True)
class Draft:
    """One statement while it is put together; the tables of its operation get *names*."""

    compiler: Compiler
    names: Names
    expressions: list[tuple[str, Sql]] = field(default_factory=list)
    """Table expressions, by name."""

    def field(self, owner: str, selected: Selected, row: Any) -> WrittenJson:
        """Return the JSON of a field that is *selected* on *row* of the type *owner*."""
        if selected.refused:
            return ["null"]
        template = self.compiler.template(owner, selected, row)
        outer, depth = (row.alias, row.depth) if isinstance(row, Row) else ("", 0)
        aliases = [outer, *(next(self.names) for _ in range(template.aliases))]
        holes = [
            self._object(selected.below(place.keys), Row(place.model, aliases[place.alias], depth + place.depth))
            for place in template.holes
        ]
        return template.filled(aliases, selected.bound(), holes)

    def _object(self, selected: Selected, row: Row) -> Sql:
        type_name = type_name_of(row.model)
        members = selected.members[type_name]
        if row.has_id and row.depth > MAX_NESTED_ROWS:
            return self._out_of_line(type_name, members, row)
        return self._written(type_name, members, row)

    def _written(self, type_name: str, members: Members, row: Row) -> Sql:
        json = object_json(type_name, members, lambda member: self.field(type_name, member, row))
        return templates.concat(json)

    def _out_of_line(self, type_name: str, members: Members, row: Row) -> Sql:
        # SQLite's parser has a stack of 100 entries, and each level of nested subqueries takes about ten. A table
        # expression is parsed on its own; both databases put it back in place and look up the one row.
        twin = Row(row.model, next(self.names), depth=1)
        json = self._written(type_name, members, twin)
        name = next(self.names)
        table = self.compiler.dialect.identifier_preparer.format_table(row.model.__table__)
        self.expressions.append((name, [f"SELECT {twin.alias}.id, ", *json, f" AS json FROM {table} AS {twin.alias}"]))
        return [f"(SELECT {name}.json FROM {name} WHERE {name}.id = {row.alias}.id)"]  # noqa: S608 - names of our own
