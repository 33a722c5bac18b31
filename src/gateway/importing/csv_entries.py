"""The home of the records of a CSV file: a row each, and for orders as many rows as they have lines."""

from __future__ import annotations

import csv
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from gateway.importing.csv_columns import COLUMNS, ORDER_NUMBER, PARTS, fields_of, require_columns
from gateway.importing.csv_rows import CsvRow, Rows
from gateway.importing.entries import LONGEST_LINE, Entry, Position, unreadable
from gateway.importing.job import Kind
from resolvers.orders.rules import MOST_PARTS
from resolvers.rules.email_address import trimmed
from resolvers.rules.violations import Violation, ViolationCode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import BinaryIO

_LONGEST_ORDER: Final = 8 * 1024 * 1024
"""Bytes of all its rows."""
_MOST_FAULTS: Final = 100
_LISTS: Final = tuple(name for name, _ in PARTS.values())


def csv_entries(kind: Kind, file: BinaryIO, start: Position, ignored: Collection[str] = ()) -> Iterator[Entry]:
    """Yield the records of *file* from *start* on. Raises `OperatorError` for a header that is wrong."""
    rows = Rows(file, start, COLUMNS[kind], ignored)
    require_columns(kind, rows.header.columns)
    return _orders(rows) if kind is Kind.ORDERS else _simple(rows)


class OrderRows:
    """The rows of a file of orders, of which nothing but the number is looked at."""

    def __init__(self, file: BinaryIO, ignored: Collection[str]) -> None:
        """Read *file*. Raises `OperatorError` for a header that is wrong."""
        self._file = file
        self._rows = Rows(file, Position(), COLUMNS[Kind.ORDERS], ignored)
        self._header = self._rows.header
        require_columns(Kind.ORDERS, self._header.columns)
        self._number_at = self._header.columns.index(ORDER_NUMBER)
        self._begin = file.tell()
        self._read = 0

    def quickly(self) -> Iterator[str]:
        """Yield the number of each row. Raises `csv.Error` or `ValueError` where one is damaged."""
        self._read = 0
        for cells in csv.reader(self._texts(), strict=True, delimiter=self._header.separator):
            self._read = 0
            if not any(map(str.strip, cells)):
                continue
            if len(cells) != len(self._header.columns):
                msg = "a row has another number of cells"
                raise ValueError(msg)
            yield trimmed(cells[self._number_at])

    def _texts(self) -> Iterator[str]:
        """Yield the lines. Raises `ValueError` where a row is so long that it must not fill the memory."""
        while line := self._file.readline(LONGEST_LINE + 1):
            self._read += len(line)
            if self._read > LONGEST_LINE:
                msg = "a row is too long"
                raise ValueError(msg)
            yield line.decode()

    def carefully(self) -> Iterator[str]:
        """Yield the number of each row, as far as it can be told of one that is damaged."""
        self._rows.go_to(self._begin)
        return (_number(row, self._number_at) for row in self._rows)


def _number(row: CsvRow, at: int) -> str:
    return trimmed(row.cells[at]) if at < len(row.cells) else ""


def _simple(rows: Rows) -> Iterator[Entry]:
    for row in rows:
        if row.fault:
            yield Entry(row.line, row.end, faults=[row.fault])
        else:
            fields, faults = fields_of(zip(rows.header.columns, row.cells, strict=True))
            yield Entry(row.line, row.end, fields, faults, is_whole=not faults)


def _orders(rows: Rows) -> Iterator[Entry]:
    """Yield the orders: consecutive rows of the same number.

    A row whose number can't be read may belong to the order before it or to the one after it. Both are refused: an
    order that lacks a line would be worse than none.
    """
    number_at, layout = rows.header.columns.index(ORDER_NUMBER), _Layout(rows.header.columns)
    order: _Order | None = None
    for row in rows:
        number = _number(row, number_at)
        if order and number and number == order.number:
            order.add(row)
            continue
        found = _Order(layout, number, row)
        if order:
            order.doubt(found)
            found.doubt(order)
            yield order.entry()
        order = found
    if order:
        yield order.entry()


class _Layout:
    """Where the cells of a row of orders belong: to the order itself, or to a part of one of its lists."""

    def __init__(self, columns: Sequence[str | None]) -> None:
        named = [(at, column) for at, column in enumerate(columns) if column is not None]
        self.own = [(at, column) for at, column in named if column.partition(".")[0] not in PARTS]
        self.parts = [
            (name, [(at, column.partition(".")[2]) for at, column in named if column.startswith(f"{part}.")])
            for part, (name, _) in PARTS.items()
        ]


class _Order:
    """The rows of one order."""

    def __init__(self, layout: _Layout, number: str, first: CsvRow) -> None:
        self._layout = layout
        self._number = number
        self._line = first.line
        self._begin = self._end = first.end
        self._rows = 0
        self._faults: list[Violation] = []
        self._first: dict[str, str] = {}
        self._parts: dict[str, list[object]] = {name: [] for name in _LISTS}
        self._lines: dict[tuple[str, str], int] = {}
        self.add(first)

    @property
    def number(self) -> str:
        """The order's number; empty if it can't be read."""
        return self._number

    def add(self, row: CsvRow) -> None:
        """Take a row in."""
        self._end = row.end
        self._rows += 1
        if row.end.offset - self._begin.offset > _LONGEST_ORDER:
            self._faults = [unreadable(f"Its rows are longer than {_LONGEST_ORDER:,} bytes.")]
        elif len(self._faults) >= _MOST_FAULTS:
            return
        elif row.fault:
            here = "" if row.line == self._line else f"Line {row.line}: "
            self._faults.append(Violation((), row.fault.code, row.fault.limit, f"{here}{row.fault.message}"))
        else:
            self._take(row.line, row.cells)

    def doubt(self, neighbour: _Order) -> None:
        """Refuse the order if *neighbour*, next to it in the file, may be a part of it."""
        if self._number and not neighbour.number:
            self._faults.append(unreadable(f"Line {neighbour._line}, next to it, has no number and may be part of it."))

    def entry(self) -> Entry:
        """Return the order."""
        fields, faults = fields_of(self._first.items())
        faults = [*self._faults, *faults]
        if self._rows > 1 and "total" not in fields:
            faults += self._repeated()
        return Entry(
            self._line,
            self._end,
            fields | self._parts,
            faults,
            concerns_next=not self._number,
            is_whole=not faults and all(len(parts) <= MOST_PARTS for parts in self._parts.values()),
            lines=self._lines,
        )

    def _repeated(self) -> Iterator[Violation]:
        """Yield what would count as often as the order has rows; where a total is told, that is the check."""
        for name, parts in self._parts.items():
            if name != "items" and len(parts) == self._rows and all(part == parts[0] for part in parts):
                told = f"It stands on each of the {self._rows} rows of the order. Write it on one, or tell the total."
                yield Violation((name,), ViolationCode.INVALID, explanation=told)
        items = self._parts["items"]
        for at, (before, item) in enumerate(pairwise(items), 1):
            if item == before:
                told = "It is the same as the line above. Add the quantities, or tell the total of the order."
                yield Violation(("items", str(at)), ViolationCode.INVALID, explanation=told)

    def _take(self, line: int, cells: Sequence[str]) -> None:
        for name, columns in self._layout.parts:
            part = {field: cell for at, field in columns if (cell := cells[at]) and not cell.isspace()}
            if part and len(self._parts[name]) <= MOST_PARTS:
                self._lines[name, str(len(self._parts[name]))] = line
                self._parts[name].append(part)
        if not self._first:
            self._first = {column: cells[at] for at, column in self._layout.own}
            return
        told = f"Line {line} contradicts line {self._line}."
        self._faults += [
            Violation(tuple(column.split(".")), ViolationCode.INVALID, explanation=told)
            for at, column in self._layout.own
            if (cell := cells[at].strip()) and trimmed(cell) != trimmed(self._first[column])
        ]
