"""The home of search in SQL: all words must occur in a text, and an index tells in which rows they can.

The text of a statement does not depend on the words: each time they are a parameter, a list of them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from db import search_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine

    from db.models.base import Entity

MOST_FEW = 500
"""Rows that are looked at one by one. If there are more, a walk through all in their order soon fills a page."""
_PATTERNS = 3
"""That PostgreSQL's index is asked for: as many as most people type words."""
_BEGINNING = 5
"""Letters that the index is asked for of all words but the longest: each three that many texts have take time."""
_MOST_TRIGRAMS = 64
_NOTHING = '""'
"""What FTS5 finds nothing by."""
_LETTERS = re.compile(r"[^\W_]{3}")
"""What `pg_trgm` makes something of; FTS5 takes any three characters."""
_ESCAPED = {ord(letter): f"\\{letter}" for letter in "\\%_"}


class _Words(sa.types.TypeDecorator[list[str]]):
    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the parameter."""
        return dialect.type_descriptor(sa.ARRAY(sa.Text()) if dialect.name == "postgresql" else sa.Text())


class Words(_Words):
    """Words that must all occur."""

    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:  # noqa: ANN401 - the driver's
        """Return the words: an array of patterns, or JSON."""
        words = value or [""]
        return [_pattern(word) for word in words] if dialect.name == "postgresql" else json.dumps(words)


class Asked(_Words):
    """What the index is asked for such words: for what all texts have that have them, and some others may have."""

    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:  # noqa: ANN401 - the driver's
        """Return three patterns, or a text in the language of FTS5."""
        longest_first = sorted(value or (), key=len, reverse=True)
        words = [*longest_first[:1], *(word[:_BEGINNING] for word in longest_first[1:])]
        return _patterns(words) if dialect.name == "postgresql" else _match(words)


def _pattern(word: str) -> str:
    return f"%{word.translate(_ESCAPED)}%"


def _patterns(words: Sequence[str]) -> list[str] | None:
    patterns = [_pattern(word) for word in words if _LETTERS.search(word)]
    return (patterns * _PATTERNS)[:_PATTERNS] if patterns else None


def _match(words: Sequence[str]) -> str:
    trigrams = dict.fromkeys(word[at : at + 3] for word in words for at in range(len(word) - 2))
    escaped = [trigram.replace('"', '""') for trigram in list(trigrams)[:_MOST_TRIGRAMS]]
    return " AND ".join(f'"{trigram}"' for trigram in escaped) or _NOTHING


class _Condition(FunctionElement[bool]):
    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> Self:  # noqa: ARG002 - they all have parentheses or stand alone
        """Return itself: SQLAlchemy would compare it with 1 on SQLite, which then no index serves."""
        return self


class holds(_Condition):  # noqa: N801 - reads as the SQL function that it is
    """Whether a text (first argument) holds all `Words` (second argument)."""

    name = "holds"


class among(_Condition):  # noqa: N801
    """Whether an id (first argument) is one of those that a scalar subquery (second argument) selects: ten or so."""

    name = "among"


class is_unanswerable(_Condition):  # noqa: N801
    """Whether the index can't tell for what is `Asked`."""

    name = "is_unanswerable"


class _candidates(FunctionElement[str]):  # noqa: N801
    """The rows of a table that its index finds for what is `Asked`, all channels together: with the column ``id``."""

    name = "candidates"
    inherit_cache = True


@dataclass(frozen=True, slots=True)
class Candidates:
    """The rows that the index finds, one more than few at most."""

    ids: sa.CTE
    few: sa.Select[Any]
    """The rows of all of them, unless they are many."""
    many: sa.ColumnElement[bool]
    """Whether they are more than few, or the index can't tell."""

    @classmethod
    def of(cls, model: type[Entity], asked: Any) -> Self:  # noqa: ANN401 - a parameter
        """Return those of *model* for what is *asked*."""
        ids = may_hold(model, asked).limit(_literal(MOST_FEW + 1)).cte()
        count = sa.select(sa.func.count()).select_from(ids).scalar_subquery()
        found = model.__table__.alias("found")  # type: ignore[attr-defined]  # SQLModel doesn't tell
        unless_many = sa.select(ids.c.id).where(count <= _literal(MOST_FEW)).scalar_subquery()
        rows: sa.Select[Any] = (
            sa.select(sa.literal_column("found.*")).select_from(found).where(among(found.c.id, unless_many))
        )
        # The limit keeps both databases from walking through all rows to see which of them are found.
        few = rows.limit(_literal(MOST_FEW))
        return cls(ids, few, sa.or_(is_unanswerable(asked), count > _literal(MOST_FEW)))


def may_hold(model: type[Entity], asked: Any) -> sa.Select[tuple[str]]:  # noqa: ANN401 - a parameter
    """Return the ids of all rows of *model* whose search text may hold what is `Asked`, whatever their channel."""
    table = _candidates(sa.literal_column(str(model.__tablename__)), asked).table_valued(sa.column("id", sa.Text))
    return sa.select(table.c.id)


def _literal(number: int) -> Any:  # noqa: ANN401 - SQLAlchemy's limits take numbers by their type
    return sa.literal_column(str(number), sa.BigInteger())


def _arguments(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> list[str]:  # noqa: ANN401
    return [compiler.process(clause, **kw) for clause in element.clauses]


@compiles(holds, "postgresql")
def _(element: holds, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    # To the planner an unknown condition: it would take LIKE for so rare that it never walked in the order of a page.
    return "CASE WHEN {} LIKE ALL ({}) THEN true ELSE false END".format(*_arguments(element, compiler, **kw))


@compiles(holds, "sqlite")
def _(element: holds, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    text, words = _arguments(element, compiler, **kw)
    # Most texts have not even the first word, and to look into JSON takes longer than to look for it.
    others = f"NOT EXISTS (SELECT 1 FROM json_each({words}) WHERE NOT instr({text}, value))"  # noqa: S608 - parameters
    return f"CASE WHEN instr({text}, {words} ->> 0) THEN {others} ELSE false END"


@compiles(among, "postgresql")
def _(element: among, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    # As an array, which PostgreSQL takes for ten ids, whatever it makes of patterns that it does not know.
    return "({} = ANY (ARRAY{}))".format(*_arguments(element, compiler, **kw))


@compiles(among, "sqlite")
def _(element: among, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "({} IN {})".format(*_arguments(element, compiler, **kw))


@compiles(is_unanswerable, "postgresql")
def _(element: is_unanswerable, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "({} IS NULL)".format(*_arguments(element, compiler, **kw))


@compiles(is_unanswerable, "sqlite")
def _(element: is_unanswerable, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "({} = '{}')".format(*_arguments(element, compiler, **kw), _NOTHING)


@compiles(_candidates, "postgresql")
def _(element: _candidates, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    table, asked = _arguments(element, compiler, **kw)
    likes = " AND ".join(f"search_text LIKE ({asked})[{number}]" for number in range(1, _PATTERNS + 1))
    return f"(SELECT id FROM {table} WHERE {likes})"  # noqa: S608 - a parameter


@compiles(_candidates, "sqlite")
def _(element: _candidates, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    table, asked = _arguments(element, compiler, **kw)
    index = search_index.ALL[table]
    its_id = f"SELECT {index.key} FROM {index.numbers} WHERE number = {index.trigrams}.rowid"  # noqa: S608 - names of our own
    return f"(SELECT ({its_id}) AS id FROM {index.trigrams} WHERE {index.trigrams} MATCH {asked})"  # noqa: S608 - a parameter
