"""The home of SQL that is compiled once, and from then on only copied: templates, and statements made of them.

What a field reads depends on the outline of its arguments, not on the document that it stands in. So each field is
compiled down to the next rows of tables, with gaps for their JSON, and a plan puts texts together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from db import json_text
from resolvers.planner.arguments import Argument, Constant, composed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sqlalchemy.engine import Dialect

    from resolvers.planner.arguments import Fetch, Inputs, Path, Recipe


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a statement: fetched from the inputs, then turned into what the driver takes."""

    fetch: Fetch
    path: Path
    convert: Callable[[Any], Any] | None = None


Sql = list[str | Parameter]
"""SQL in pieces, between which its parameters stand."""
WrittenJson = list[str | Sql]
"""JSON in pieces: a `str` is JSON source, the rest is SQL of JSON text."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled select of exactly one row."""

    sql: str
    parameters: tuple[Parameter, ...]
    fetches: tuple[Fetch, ...]
    """What fetches and converts each of the parameters in one step."""

    def bound(self, inputs: Inputs) -> list[Any]:
        """Return the parameters for *inputs*, in order, as the driver takes them; may raise `BadArgumentError`."""
        return [fetch(inputs) for fetch in self.fetches]

    @classmethod
    def written(cls, sql: Sql, dialect: Dialect) -> Statement:
        """Return the statement of *sql*, with the parameters as *dialect* writes them."""
        numbers: dict[Parameter, int] = {}
        text, parameters = [], []
        sign = "$" if dialect.name == "postgresql" else "?"
        for piece in sql:
            if isinstance(piece, str):
                text.append(piece)
                continue
            if piece not in numbers:
                parameters.append(piece)
                numbers[piece] = len(parameters)
            text.append(f"{sign}{numbers[piece]}")
        return cls("".join(text), tuple(parameters), tuple(_fetches(parameters)))


def _fetches(parameters: Iterable[Parameter]) -> Iterable[Fetch]:
    """Return what fetches and converts in one step."""
    for parameter in parameters:
        convert = parameter.convert
        yield parameter.fetch if convert is None else composed(convert, parameter.fetch)


class _TableGap(int):
    """Where the name of a table goes: that of the row it stands in, 0, or of one that it enters."""


class _RowGap(int):
    """Where the JSON of a row goes."""


class _ArgumentGap(NamedTuple):
    """Where a parameter goes that is made of the field's arguments."""

    identity: object
    recipe: Recipe
    convert: Any


_Piece = str | Parameter | _ArgumentGap | _TableGap | _RowGap

# Measured: a key of few bytes with a node below makes a template of 30 KB.
_BYTES = 4096
_BYTES_OF_PIECE = 128

# Controls occur in no name and in no SQL that a body writes.
_GAP = re.compile("\\$(\\d+)|\x01(\\d+)\x01|\x02(\\d+)\x02")


def alias(number: int) -> str:
    """Return what stands for the name of a table until a template is filled."""
    return sa.quoted_name(f"\x01{number}\x01", quote=False)


def gap(number: int) -> sa.ColumnElement[str]:
    """Return what stands for the JSON of a row until a template is filled."""
    return sa.literal_column(f"\x02{number}\x02", sa.Text())


class Gap(NamedTuple):
    """What goes into the gap of a row: one of *model*, by the number of its alias, selected by the field at *keys*."""

    model: type[Any]
    alias: int
    depth: int
    keys: Path


@dataclass(frozen=True, slots=True)
class Template:
    """The JSON of a field, with gaps for what differs from plan to plan."""

    json: Sequence[str | Sequence[_Piece]]
    aliases: int
    """How many tables it enters."""
    gaps: Sequence[Gap]
    arguments: Sequence[object]
    """The identities of the arguments that it was compiled with, in whose gaps others are put."""

    @property
    def weight(self) -> int:
        """About how many bytes it takes, with the outline that it is kept by."""
        pieces = [part for piece in self.json for part in ([piece] if isinstance(piece, str) else piece)]
        texts = sum(len(piece) for piece in pieces if isinstance(piece, str))
        return _BYTES + texts + _BYTES_OF_PIECE * len(pieces)

    def filled(self, aliases: Sequence[str], arguments: Iterable[Argument], gaps: Sequence[Sql]) -> WrittenJson:
        """Return the JSON with *aliases*, *arguments* and *gaps* in their gaps."""
        others = dict(zip(self.arguments, arguments, strict=True))
        made: dict[object, Parameter] = {}
        written: WrittenJson = []
        for piece in self.json:
            if isinstance(piece, str):
                written.append(piece)
                continue
            sql: Sql = []
            for part in piece:
                if isinstance(part, _TableGap):
                    sql.append(aliases[part])
                elif isinstance(part, _RowGap):
                    sql += gaps[part]
                elif isinstance(part, _ArgumentGap):
                    sql.append(_made(part, others, made))
                else:
                    sql.append(part)
            written.append(sql)
        return written


def _made(part: _ArgumentGap, others: Mapping[object, Argument], made: dict[object, Parameter]) -> Parameter:
    """Return the parameter of *part*: one and the same wherever it stands in the template."""
    if part.identity not in made:
        made[part.identity] = Parameter(*part.recipe(others), part.convert)
    return made[part.identity]


def compiled(element: sa.ClauseElement, dialect: Dialect, arguments: Collection[object] = ()) -> list[_Piece]:
    """Return *element* in pieces; what depends on *arguments*, identities, is a gap."""
    made: Any = element.compile(dialect=_numbering(dialect), compile_kwargs={"render_postcompile": True})
    parameters = [_parameter(made.binds[name], dialect, arguments) for name in made.positiontup or ()]
    texts = iter(_GAP.split(str(made)))
    pieces: list[_Piece] = [next(texts)]
    for number, alias_number, gap_number, text in zip(texts, texts, texts, texts, strict=True):
        if number is not None:
            pieces.append(parameters[int(number) - 1])
        else:
            pieces.append(_RowGap(gap_number) if alias_number is None else _TableGap(alias_number))
        pieces.append(text)
    return [piece for piece in pieces if piece != ""]


def sql(element: sa.ClauseElement, dialect: Dialect) -> Sql:
    """Return *element*, in which nothing leaves a gap, as SQL."""
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


def _parameter(bind: Any, dialect: Dialect, arguments: Collection[object]) -> Parameter | _ArgumentGap:
    convert = _converter(bind.type, dialect)
    if not isinstance(bind, Argument):
        return Parameter(Constant(bind.effective_value), (), convert)
    if bind.is_made_of(arguments):
        return _ArgumentGap(bind.identity, bind.recipe(arguments), convert)
    return Parameter(bind.fetch, bind.path, convert)


@lru_cache(maxsize=1024)
def _converter(type_: Any, dialect: Dialect) -> Any:
    return type_.dialect_impl(dialect).bind_processor(dialect)


@lru_cache(maxsize=8)
def _numbering(dialect: Dialect) -> Dialect:
    """Return the dialect with numbered parameters, which can be told from the rest of the text."""
    numbering: Dialect = type(dialect)(paramstyle="numeric_dollar")  # type: ignore[call-arg]  # of all default dialects
    return numbering
