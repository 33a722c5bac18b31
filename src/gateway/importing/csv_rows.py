"""The home of the rows of a CSV file, each with its line. A damaged one spoils none but itself."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.importing.entries import LONGEST_LINE, TOO_LONG, Line, Lines, Position, unreadable
from gateway.operator.settings import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from resolvers.rules.violations import Violation


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row: its first *line*, its cells, or else what is wrong, and where the next one begins."""

    line: int
    end: Position
    cells: list[str]
    fault: Violation | None = None


class _UnfitError(Exception):
    def __init__(self, violation: Violation) -> None:
        super().__init__()
        self.violation = violation


class Rows:
    """Reads the rows of a CSV file, from a position on."""

    def __init__(self, file: BinaryIO, start: Position) -> None:
        """Read the header of *file*, then the rows from *start* on. Raises `OperatorError` for want of a header."""
        self._lines = Lines(file)
        header = next(iter(self._read(None)), None)
        if header is None or header.fault:
            msg = "The first line of a CSV file names its columns, and this one can't be read."
            raise OperatorError(msg)
        self.header = header.cells
        if start.offset:
            self._lines.go_to(start)

    def __iter__(self) -> Iterator[CsvRow]:
        """Yield the rows after the header; empty lines are none."""
        return self._read(len(self.header))

    def _read(self, cells: int | None) -> Iterator[CsvRow]:
        while first := self._lines.read():
            after_first = self._lines.position
            if not first.content.strip():
                continue
            try:
                found = self._cells(first, cells)
            except (csv.Error, _UnfitError) as error:
                # A quotation mark that was never closed swallows the rows below it: they are read again.
                self._lines.go_to(after_first)
                violation = error.violation if isinstance(error, _UnfitError) else unreadable(f"It is no CSV: {error}.")
                yield CsvRow(first.number, after_first, beginning(first), violation)
            else:
                yield CsvRow(first.number, self._lines.position, found)

    def _cells(self, first: Line, number: int | None) -> list[str]:
        found = next(csv.reader(self._texts(first), strict=True))
        if number is not None and len(found) != number:
            raise _UnfitError(unreadable(f"It has {len(found)} cells, and the header has {number}."))
        return found

    def _texts(self, first: Line) -> Iterator[str]:
        """Yield the *first* line of a row, then as many as its quotation marks ask for."""
        line: Line | None = first
        length = 0
        while line:
            length += len(line.content)
            if line.too_long or length > LONGEST_LINE:
                raise _UnfitError(TOO_LONG)
            try:
                yield line.content.decode()
            except UnicodeDecodeError:
                raise _UnfitError(unreadable("It is not in UTF-8.")) from None
            line = self._lines.read()


def beginning(line: Line) -> list[str]:
    """Return the cells of a damaged row as far as they can be told: those of its first line."""
    text = line.content.decode(errors="replace").rstrip("\r\n")
    return [cell.strip('"') for cell in text[:10_000].split(",")]
