"""The home of JSON in SQL: constructs that write JSON text, for SQLite and for PostgreSQL.

Objects are built as text, with ``||``. Unlike ``json_build_object`` that has no limit on the number or the length of
keys, keeps their order, and is the fastest form on both databases.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    Json = list[str | sa.ColumnElement[str]]
    """JSON in pieces: a `str` is JSON source, the rest are expressions of JSON text."""

T = TypeVar("T")

type_ = sa.Text()
_WIDTH = 64
"""Operands of one flat ``||``; longer texts are a tree, because databases limit the depth of an expression."""


class Text(FunctionElement[str]):
    """What is text in SQL."""

    type = sa.Text()
    inherit_cache = True


class concatenated(Text):  # noqa: N801 - reads as the SQL function that it is
    """All arguments, one after the other. Not an operand of another operator: it has no parentheses of its own."""

    name = "concatenated"


class quoted(Text):  # noqa: N801
    """A text as JSON string, escaped; what NULL becomes is told by `or_null`."""

    name = "quoted"


class joined(Text):  # noqa: N801
    """Aggregate: the texts of all rows with commas between them, in the order of the rows; NULL without rows."""

    name = "joined"


class rfc3339(Text):  # noqa: N801
    """A `UtcDateTime` as ``2018-03-14T10:07:26Z``, with a fraction only where there is one."""

    name = "rfc3339"


class iso_date(Text):  # noqa: N801
    """A date as ``1984-05-23``."""

    name = "iso_date"


class as_text(Text):  # noqa: N801
    """A value's text."""

    name = "as_text"


class member(Text):  # noqa: N801
    """The member (second argument, a key) of a JSON column as text; NULL where it is missing or null."""

    name = "member"


class place_in(FunctionElement[int]):  # noqa: N801
    """Where in a text (first argument) another one (second argument) begins."""

    name = "place_in"
    type = sa.Integer()
    inherit_cache = True


class strings(FunctionElement[str]):  # noqa: N801
    """The strings of a JSON array that is given as text: a table with the column ``value``."""

    name = "strings"
    inherit_cache = True


def array_values(array: Any) -> sa.Select[str]:  # noqa: ANN401 - an argument, which inputs type as its list
    """Return a select of the strings of *array*, a parameter that holds a JSON array."""
    table = strings(array).table_valued(sa.column("value", sa.Text))
    return sa.select(table.c.value)


def literal(text: str) -> sa.ColumnElement[str]:
    """Return *text* as SQL literal; never for text of a caller."""
    return sa.literal_column(in_source(text), sa.Text)


def in_source(text: str) -> str:
    """Return *text* as it stands in the source of SQL; never for text of a caller."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def concat(parts: Sequence[str | sa.ColumnElement[str]]) -> sa.ColumnElement[str]:
    """Return the concatenation of *parts*: a `str` is JSON source, the rest are expressions of JSON text."""
    operands = [literal(part) if isinstance(part, str) else part for part in merged(parts)]
    return tree(operands, lambda group: concatenated(*group), lambda group: Grouping(concatenated(*group)))


def merged(parts: Iterable[str | T]) -> list[str | T]:
    """Return *parts* with strings that stand beside one another put together."""
    found: list[str | T] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return found


def tree(operands: list[T], joined: Callable[[list[T]], T], grouped: Callable[[list[T]], T]) -> T:
    """Return *operands* joined, those of a long list in groups of groups."""
    while len(operands) > _WIDTH:
        operands = [grouped(operands[at : at + _WIDTH]) for at in range(0, len(operands), _WIDTH)]
    return operands[0] if len(operands) == 1 else joined(operands)


def key(name: str) -> str:
    """Return *name* as the JSON source of a key with its colon."""
    return f"{json.dumps(name)}:"


def boolean(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[str]:
    """Return ``true``, or ``false`` where *condition* is false or NULL."""
    return sa.case((condition, literal("true")), else_=literal("false"))


def or_null(json: Json) -> Json:
    """Return *json*, or ``null`` where one of its pieces is NULL."""
    return [sa.func.coalesce(concat(json), literal("null"), type_=type_)]


def array(json: sa.ColumnElement[str]) -> Json:
    """Return the aggregate that writes *json* of all rows, in their order, as JSON array; NULLs are left out."""
    return ["[", sa.func.coalesce(joined(json), literal(""), type_=type_), "]"]


def array_of(rows: sa.Select[Any]) -> Json:
    """Return the JSON array of *rows*, an ordered select of one column of JSON."""
    (column,) = rows.selected_columns
    table = rows.with_only_columns(column.label("json"), maintain_column_froms=True).subquery()
    return [sa.select(concat(array(table.c.json))).scalar_subquery()]


def in_quotes(text: sa.ColumnElement[str]) -> Json:
    """Return *text* as JSON string where it can't hold anything to escape: ids, enum names, times, decimals."""
    return ['"', text, '"']


def arguments(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> list[str]:  # noqa: ANN401
    """Return the SQL of the arguments of *element*."""
    return [compiler.process(clause, **kw) for clause in element.clauses]


@compiles(concatenated)
def _(element: concatenated, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return " || ".join(arguments(element, compiler, **kw))


@compiles(quoted, "postgresql")
def _(element: quoted, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "to_json(({})::text)::text".format(*arguments(element, compiler, **kw))


@compiles(quoted, "sqlite")
def _(element: quoted, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "json_quote({})".format(*arguments(element, compiler, **kw))


@compiles(joined, "postgresql")
def _(element: joined, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "string_agg({}, ',')".format(*arguments(element, compiler, **kw))


@compiles(joined, "sqlite")
def _(element: joined, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "group_concat({}, ',')".format(*arguments(element, compiler, **kw))


@compiles(rfc3339, "postgresql")
def _(element: rfc3339, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "(replace((({}) AT TIME ZONE 'UTC')::text, ' ', 'T') || 'Z')".format(*arguments(element, compiler, **kw))


@compiles(rfc3339, "sqlite")
def _(element: rfc3339, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "(rtrim(rtrim(substr({}, 1, 26), '0'), '.') || 'Z')".format(*arguments(element, compiler, **kw))


@compiles(iso_date)
@compiles(as_text)
def _(element: Text, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "CAST({} AS TEXT)".format(*arguments(element, compiler, **kw))


@compiles(member, "postgresql")
def _(element: member, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "({} ->> {})".format(*arguments(element, compiler, **kw))


@compiles(member, "sqlite")
def _(element: member, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    document, name = arguments(element, compiler, **kw)
    # SQLite makes numbers of JSON's numbers and booleans; PostgreSQL leaves them as they are written. What `->` finds
    # is JSON to SQLite's other functions, until something is appended.
    text = f"{document} ->> {name}"
    return f"iif(typeof({text}) IN ('integer', 'real'), {document} -> {name} || '', {text})"


@compiles(place_in, "postgresql")
def _(element: place_in, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "strpos({}, {})".format(*arguments(element, compiler, **kw))


@compiles(place_in, "sqlite")
def _(element: place_in, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "instr({}, {})".format(*arguments(element, compiler, **kw))


@compiles(strings, "postgresql")
def _(element: strings, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "json_array_elements_text(CAST({} AS json))".format(*arguments(element, compiler, **kw))


@compiles(strings, "sqlite")
def _(element: strings, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return "json_each({})".format(*arguments(element, compiler, **kw))
