"""The home of damaged files: good records in some dress, of which some are damaged, and what must be told of each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.importing.dresses import Dress, Layout, Row, cells, dress, layout, spelled
from tests.importing.plain_records import IDENTITY, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.importing.making import Record

RECORDS: Final = 48
DAMAGES: Final = 32


class Refusal(NamedTuple):
    """A reason that must be told: of what begins at a row, in which field, by which code."""

    field: str
    code: str
    begin: int = 0
    """The row of the piece at which the entry begins that is refused."""
    named: int | None = None
    """The row that the message names, where it is not the first."""
    more: bool = False
    """Whether other fields may be told beside it."""
    is_whole: bool = True
    """Whether the report holds the record."""
    is_blotted: bool = False


@dataclass
class Piece:
    """A record of a file, as the rows that it takes, and what must be told of it."""

    plain: Record | None
    """None of what is no record of the file that is not damaged."""
    record: Record
    """As it is spelled."""
    layout: Layout
    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    damages: list[str] = field(default_factory=list)
    is_kept: bool = False
    """Whether it must stay as it is, since what is beside it depends on that."""

    @property
    def is_free(self) -> bool:
        """Tell whether it can be damaged."""
        return not (self.refusals or self.is_kept or self.damages)


@dataclass
class File:
    """Pieces in a dress."""

    dress: Dress
    pieces: list[Piece]
    random: Random

    def piece(self, made: Record, kind: str) -> Piece:
        """Return a good piece."""
        record = spelled(made, kind, self.random)
        piece = Piece(made, record, layout(record, self.random))
        self.lay(piece)
        return piece

    def lay(self, piece: Piece) -> None:
        """Make the rows of a piece anew, after its record was changed."""
        piece.rows = cells(piece.record, piece.layout) if self.is_csv else [dict(piece.record)]

    @property
    def is_csv(self) -> bool:
        """Tell whether a record is a row of cells."""
        return self.dress.format == "csv"

    def neighbours(self, piece: Piece) -> list[Piece]:
        """Return the pieces before and after *piece*."""
        at = self.pieces.index(piece)
        return [*self.pieces[max(at - 1, 0) : at], *self.pieces[at + 1 : at + 2]]


class Written(NamedTuple):
    """A file as it is written, and what must be told of it."""

    content: bytes
    told: Mapping[int, list[tuple[Refusal, int | None]]]
    """By line, the reasons, each with the line that its message names."""


def made_file(kind: str, file_format: str, seed: int) -> File:
    """Return a file without damage."""
    random = Random(f"{kind} {file_format} {seed}")  # noqa: S311 - repeatable
    file = File(dress(kind, file_format, random), [], random)
    file.pieces = [file.piece(plain(kind, number, random), kind) for number in range(RECORDS)]
    return file


def written_file(file: File, seed: int) -> Written:
    """Write a file, with lines without values in between."""
    random = Random(seed)  # noqa: S311 - repeatable
    out = bytearray(file.dress.head)
    told: dict[int, list[tuple[Refusal, int | None]]] = defaultdict(list)
    for piece in file.pieces:
        lines = list(_lines(file.dress, piece, random, out))
        for refusal in piece.refusals:
            named = None if refusal.named is None else lines[refusal.named]
            told[lines[refusal.begin]].append((refusal, named))
    content = bytes(out)
    return Written(content.removesuffix(file.dress.line_end) if random.random() < 0.3 else content, told)


def _lines(own: Dress, piece: Piece, random: Random, out: bytearray) -> Iterator[int]:
    """Add the lines of a piece; yield the number of the first of each row."""
    for row in piece.rows:
        while random.random() < 0.1:
            out += own.blank(random) + own.line_end
        yield out.count(b"\n") + 1
        out += own.line(row, random) + own.line_end


def good(file: File) -> dict[str, Record]:
    """Return the plain records that come in, by identity."""
    kind = file.dress.kind
    return {
        piece.plain[IDENTITY[kind]]: piece.plain
        for piece in file.pieces
        if piece.plain is not None and not piece.refusals
    }
