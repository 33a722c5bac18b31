"""The home of templates: SQL that is compiled once, and from then on only copied.

What a field reads depends on the outline of its arguments, not on the document that it stands in. So each field is
compiled down to the next rows of tables, with holes for their JSON, and a plan puts texts together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from db import json_text
from resolvers.planner.arguments import Argument, Constant
from resolvers.planner.statements import Parameter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy.engine import Dialect

    from resolvers.planner.arguments import Path, Recipe
    from resolvers.planner.statements import Sql

    WrittenJson = list[str | Sql]
    """JSON in pieces: a `str` is JSON source, the rest is SQL of JSON text."""


class _Alias(int):
    """The place of a table's name in a template: that of the row it stands in, 0, or of one that it enters."""


class _Hole(int):
    """The place of the JSON of a row."""


class _Bound(NamedTuple):
    """The place of a parameter that is made of the field's arguments."""

    identity: object
    recipe: Recipe
    convert: Any


_Piece = str | Parameter | _Bound | _Alias | _Hole

# Measured: a key of few bytes with a node below makes a template of 30 KB.
_BYTES = 4096
_BYTES_OF_PIECE = 64
_BYTES_OF_HOLE = 512

# Controls occur in no name and in no SQL that a body writes.
_PLACE = re.compile("\\$(\\d+)|\x01(\\d+)\x01|\x02(\\d+)\x02")


def alias(number: int) -> str:
    """Return what stands for the name of a table until a template is filled."""
    return sa.quoted_name(f"\x01{number}\x01", quote=False)


def hole(number: int) -> sa.ColumnElement[str]:
    """Return what stands for the JSON of a row until a template is filled."""
    return sa.literal_column(f"\x02{number}\x02", sa.Text())


class Place(NamedTuple):
    """Whose JSON a hole takes: a row of *model*, by the number of its alias, selected by the field at *keys*."""

    model: type[Any]
    alias: int
    depth: int
    keys: Path


@dataclass(frozen=True, slots=True)
class Template:
    """The JSON of a field, with places for what differs from plan to plan."""

    json: Sequence[str | Sequence[_Piece]]
    aliases: int
    """How many tables it enters."""
    holes: Sequence[Place]
    arguments: Sequence[object]
    """The identities of the arguments that it was compiled with, in whose places others are put."""

    @property
    def size(self) -> int:
        """About how many bytes it takes, with the outline that it is kept by."""
        pieces = [part for piece in self.json for part in ([piece] if isinstance(piece, str) else piece)]
        texts = sum(len(piece) for piece in pieces if isinstance(piece, str))
        return _BYTES + texts + _BYTES_OF_PIECE * len(pieces) + _BYTES_OF_HOLE * len(self.holes)

    def filled(self, aliases: Sequence[str], arguments: Iterable[Argument], holes: Sequence[Sql]) -> WrittenJson:
        """Return the JSON with *aliases*, *arguments* and *holes* in their places."""
        others = dict(zip(self.arguments, arguments, strict=True))
        made: dict[object, Parameter] = {}
        written: WrittenJson = []
        for piece in self.json:
            if isinstance(piece, str):
                written.append(piece)
                continue
            sql: Sql = []
            for part in piece:
                if isinstance(part, _Alias):
                    sql.append(aliases[part])
                elif isinstance(part, _Hole):
                    sql += holes[part]
                elif isinstance(part, _Bound):
                    sql.append(_made(part, others, made))
                else:
                    sql.append(part)
            written.append(sql)
        return written


def _made(part: _Bound, others: Mapping[object, Argument], made: dict[object, Parameter]) -> Parameter:
    """Return the parameter of *part*: one and the same wherever it stands in the template."""
    if part.identity not in made:
        made[part.identity] = Parameter(*part.recipe(others), part.convert)
    return made[part.identity]


def compiled(element: sa.ClauseElement, dialect: Dialect, arguments: Collection[object] = ()) -> list[_Piece]:
    """Return *element* in pieces; what depends on *arguments*, identities, is a place."""
    made: Any = element.compile(dialect=_numbering(dialect), compile_kwargs={"render_postcompile": True})
    parameters = [_parameter(made.binds[name], dialect, arguments) for name in made.positiontup or ()]
    texts = iter(_PLACE.split(str(made)))
    pieces: list[_Piece] = [next(texts)]
    for number, alias_number, hole_number, text in zip(texts, texts, texts, texts, strict=True):
        if number is not None:
            pieces.append(parameters[int(number) - 1])
        else:
            pieces.append(_Hole(hole_number) if alias_number is None else _Alias(alias_number))
        pieces.append(text)
    return [piece for piece in pieces if piece != ""]


def sql(element: sa.ClauseElement, dialect: Dialect) -> Sql:
    """Return *element*, in which nothing depends on a place, as SQL."""
    return [piece for piece in compiled(element, dialect) if isinstance(piece, str | Parameter)]


def concat(json: WrittenJson) -> Sql:
    """Return the SQL of the text of *json*."""
    operands: list[Sql] = [
        [json_text.in_source(piece)] if isinstance(piece, str) else piece for piece in json_text.merged(json)
    ]
    return json_text.tree(operands, _joined, lambda group: ["(", *_joined(group), ")"])


def _joined(operands: Sequence[Sql]) -> Sql:
    pieces: Sql = [*operands[0]]
    for operand in operands[1:]:
        pieces += [" || ", *operand]
    return pieces


def _parameter(bind: Any, dialect: Dialect, arguments: Collection[object]) -> Parameter | _Bound:
    convert = _converter(bind.type, dialect)
    if not isinstance(bind, Argument):
        return Parameter(Constant(bind.effective_value), (), convert)
    if bind.is_made_of(arguments):
        return _Bound(bind.identity, bind.recipe(arguments), convert)
    return Parameter(bind.fetch, bind.path, convert)


@lru_cache(maxsize=1024)
def _converter(type_: Any, dialect: Dialect) -> Any:
    return type_.dialect_impl(dialect).bind_processor(dialect)


@lru_cache(maxsize=8)
def _numbering(dialect: Dialect) -> Dialect:
    """Return the dialect with numbered parameters, which can be told from the rest of the text."""
    numbering: Dialect = type(dialect)(paramstyle="numeric_dollar")  # type: ignore[call-arg]  # of all default dialects
    return numbering
