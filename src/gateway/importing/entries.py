"""The home of entries: the records of a file, each with its line, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from resolvers.rules.violations import Violation, ViolationCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

LONGEST_LINE: Final = 1024 * 1024
"""Bytes. What is longer is passed over in pieces: no line may fill the memory."""
TOO_LONG: Final = Violation((), ViolationCode.TOO_LONG, LONGEST_LINE, f"It is longer than {LONGEST_LINE:,} bytes.")
_PIECE = 65_536
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Position(NamedTuple):
    """How much of a file is done with, in bytes and in lines."""

    offset: int = 0
    lines: int = 0


START: Final = Position()


@dataclass(frozen=True)
class Entry:
    """A record: its first *line*, its fields, what was wrong with its form, and where the next one begins.

    What the next one is worth may depend on this one.
    """

    line: int
    end: Position
    fields: Mapping[str, object] = field(default_factory=dict, repr=False)
    faults: Sequence[Violation] = ()
    concerns_next: bool = False
    is_whole: bool = True
    """Whether the fields are what the file tells of it, no more and no less: the report holds no other records."""
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict, repr=False)
    """On which line a part of it stands, by the list and the place in it; where it is not the first line."""

    @cached_property
    def digest(self) -> str | None:
        """What tells the record from all others, whatever the order of its fields; None of one that is damaged."""
        if self.faults or not self.fields:
            return None
        try:
            text = orjson.dumps(self.fields, option=orjson.OPT_SORT_KEYS)
        except TypeError:  # a number of more than 64 bits, which will be refused
            return None
        return blake2b(text, digest_size=16).hexdigest()

    def with_fault(self, fault: Violation) -> Entry:
        """Return the record with one more fault."""
        return replace(self, faults=[*self.faults, fault])


class Line(NamedTuple):
    """A line of a file with its number. Of one that is too long, *content* is the beginning."""

    number: int
    content: bytes
    too_long: bool


class Lines:
    """Reads a file line by line, from a position on."""

    def __init__(self, file: BinaryIO, start: Position = START) -> None:
        """Read *file* from *start* on."""
        self._file = file
        self.go_to(start)

    def go_to(self, position: Position) -> None:
        """Read on from *position*."""
        self._file.seek(position.offset)
        self.position = position

    def read(self) -> Line | None:
        """Return the next line, None at the end. A byte order mark at the beginning of the file is left out."""
        content = self._file.readline(LONGEST_LINE + 1)
        if not content:
            return None
        length, rest = len(content), content
        too_long = length > LONGEST_LINE
        while rest and not rest.endswith(b"\n"):
            rest = self._file.readline(_PIECE)
            length += len(rest)
        if self.position.offset == 0:
            content = content.removeprefix(_BYTE_ORDER_MARK)
        self.position = Position(self.position.offset + length, self.position.lines + 1)
        return Line(self.position.lines, content, too_long)


def unreadable(why: str) -> Violation:
    """Return the violation of a record whose form is wrong as a whole."""
    return Violation((), ViolationCode.INVALID, explanation=why)
