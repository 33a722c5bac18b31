"""The home of the rows of a CSV file, each with its line. A damaged one spoils none but itself."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from gateway.importing.csv_header import SEPARATORS, header_of
from gateway.importing.entries import LONGEST_LINE, TOO_LONG, Line, Lines, Position, unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import BinaryIO

    from resolvers.rules.violations import Violation


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row: its first *line*, its cells, or else what is wrong, and where the next one begins."""

    line: int
    end: Position
    cells: list[str]
    fault: Violation | None = None


_READ_AGAIN: Final = 16 * 1024 * 1024
"""Bytes that may be read for nothing, besides some times what has been got through: rows of which each opens a mark
that none closes would be read to the end of the file, one after the other."""
_FEWEST: Final = 4
"""Separators that a line has of which nobody believes that it is part of a text."""
_SEP = re.compile(rb"(?:\xef\xbb\xbf)?sep=.\s*", re.IGNORECASE)
"""What Excel takes for no row: it tells the separator."""

_FIRST_CELL = re.compile(rf'("?)(?P<cell>[^"{SEPARATORS}]*)\1(?P<separator>[{SEPARATORS}])')
"""Whatever the separator: of a row in another than the header's all of it would be the first cell."""


class _UnfitError(Exception):
    def __init__(self, violation: Violation) -> None:
        super().__init__()
        self.violation = violation


class Rows:
    """Reads the rows of a CSV file, from a position on."""

    def __init__(self, file: BinaryIO, start: Position, known: Collection[str], ignored: Collection[str] = ()) -> None:
        """Read the header of *file*, then the rows from *start* on. Raises `OperatorError` as `header_of` does."""
        self._lines = Lines(file)
        first = self._lines.read()
        while first and (not first.content.strip() or _SEP.fullmatch(first.content)):
            first = self._lines.read()
        self._wasted = 0
        self.header = header_of(first or Line(1, b"", too_long=False), known, ignored)
        if start.offset:
            self._lines.go_to(start)

    def go_to(self, offset: int) -> None:
        """Read on from a byte of the file."""
        self._lines.go_to(Position(offset))

    def __iter__(self) -> Iterator[CsvRow]:
        """Yield the rows after the header; those without any value are none."""
        while first := self._lines.read():
            after_first = self._lines.position
            if not first.content.strip(self._blank):
                continue
            try:
                found = self._cells(first)
            except (csv.Error, _UnfitError) as error:
                # A quotation mark that was never closed swallows the rows below it: they are read again.
                self._wasted += self._lines.position.offset - after_first.offset
                self._lines.go_to(after_first)
                violation = error.violation if isinstance(error, _UnfitError) else unreadable(f"It is no CSV: {error}.")
                yield CsvRow(first.number, after_first, self._beginning(first), violation)
            else:
                if found:
                    yield CsvRow(first.number, self._lines.position, found, self._misplaced(found))

    @cached_property
    def _blank(self) -> bytes:
        """What a line is made of that has no value."""
        return b" \r\n\t" + self.header.separator.encode()

    def _cells(self, first: Line) -> list[str]:
        """Return the cells of a row; none if it has no value."""
        found = next(csv.reader(self._texts(first), strict=True, delimiter=self.header.separator))
        if not any(map(str.strip, found)):
            return []
        number = len(self.header.columns)
        if len(found) != number:
            raise _UnfitError(unreadable(f"It has {len(found)} cells, and the header has {number}."))
        if any("\n" in cell and self._swallows_rows(cell) for cell in found):
            raise _UnfitError(unreadable("A quotation mark that opens in it is closed in a row below."))
        return found

    def _swallows_rows(self, cell: str) -> bool:
        """Tell whether a line of a cell has as many cells as a row: nobody writes so, but for who lost a mark."""
        between = len(self.header.columns) - 1
        return between >= _FEWEST and any(line.count(self.header.separator) == between for line in cell.splitlines())

    def _misplaced(self, cells: list[str]) -> Violation | None:
        """Return the violation of a row with a value that would be lost."""
        at = next((at for at in self.header.nameless if cells[at].strip()), None)
        return None if at is None else unreadable(f"Its cell {at + 1} has a value, and no name in the header.")

    def _texts(self, first: Line) -> Iterator[str]:
        """Yield the *first* line of a row, then as many as its quotation marks ask for."""
        line: Line | None = first
        length = 0
        has_time = self._wasted <= _READ_AGAIN + 4 * self._lines.position.offset
        while line:
            if line is not first and not has_time:
                raise _UnfitError(unreadable("A quotation mark is not closed in it."))
            length += len(line.content)
            if line.too_long or length > LONGEST_LINE:
                raise _UnfitError(TOO_LONG)
            try:
                yield line.content.decode()
            except UnicodeDecodeError:
                told = "It is not in UTF-8. Save the file as “CSV UTF-8”, or mend the line."
                raise _UnfitError(unreadable(told)) from None
            line = self._lines.read()

    def _beginning(self, line: Line) -> list[str]:
        """Return the first cell of a damaged row, if it is whole: of those behind it nobody can tell which is which."""
        found = _FIRST_CELL.match(line.content.decode(errors="replace"))
        return [found["cell"]] if found and found["separator"] == self.header.separator else []
