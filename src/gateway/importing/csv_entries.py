"""The home of the records of a CSV file: a row each, and for orders as many rows as they have lines."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from gateway.importing.csv_columns import COLUMNS, ORDER_NUMBER, PARTS, fields_of, require_columns
from gateway.importing.csv_rows import CsvRow, Rows
from gateway.importing.entries import LONGEST_LINE, Entry, Position, unreadable
from gateway.importing.job import Kind
from resolvers.orders.rules import MOST_PARTS
from resolvers.rules.texts import identity, is_seen
from resolvers.rules.violations import Violation, ViolationCode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import BinaryIO

_LONGEST_ORDER: Final = 8 * 1024 * 1024
"""Bytes of all its rows."""
_MOST_FAULTS: Final = 100
_NO_LETTER: Final = "\ufffd"
"""What stands for bytes that are not in UTF-8."""
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
            yield identity(cells[self._number_at])

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
    """Return the number of the order of a row; empty if it can't be read."""
    return identity(row.cells[at]) if at < len(row.cells) else ""


def _plainly(number: str) -> str:
    return "".join(letter for letter in number if "!" <= letter <= "~")


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
        self._is_torn = False
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
            self._is_torn = True
            here = "" if row.line == self._line else f"Line {row.line}: "
            self._faults.append(Violation((), row.fault.code, row.fault.limit, f"{here}{row.fault.message}"))
        else:
            self._take(row.line, row.cells)

    def doubt(self, neighbour: _Order) -> None:
        """Refuse the order if *neighbour*, next to it in the file, may be a part of it."""
        if not self._number or not self._may_hold(neighbour):
            return
        why = "is damaged" if neighbour.number else "has no number"
        self._faults.append(unreadable(f"Line {neighbour._line}, next to it, {why} and may be part of it."))

    def _may_hold(self, neighbour: _Order) -> bool:
        """Tell whether rows whose number is damaged are this order's: where all that can be read of it is the same.

        Or, of a torn row, where it begins as this one's do, or with another value of it.
        """
        number = neighbour.number
        if not is_seen(number) or _NO_LETTER in number:
            return _plainly(number) == _plainly(self._number)
        is_alike = number.startswith(self._number) or self._number.endswith(number) or number in self._first.values()
        return not number or (neighbour._is_torn and is_alike)

    def entry(self) -> Entry:
        """Return the order."""
        fields, faults = fields_of(self._first.items())
        faults = [*self._faults, *faults]
        if self._rows > 1:
            faults += self._repeated(fields)
        return Entry(
            self._line,
            self._end,
            fields | self._parts,
            faults,
            concerns_next=not self._number,
            is_whole=not faults and all(len(parts) <= MOST_PARTS for parts in self._parts.values()),
            lines=self._lines,
        )

    def _repeated(self, fields: Mapping[str, object]) -> Iterator[Violation]:
        """Yield what would count as often as the order has rows, unless the total, if it is told, is the check."""
        summed = {"items", "adjustments", *(["taxes"] if fields.get("taxIncluded") is False else [])}
        checked = summed if "total" in fields else set[str]()
        for name, parts in self._parts.items():
            if name in checked:
                continue
            if name != "items" and len(parts) == self._rows and all(part == parts[0] for part in parts):
                told = f"It stands on each of the {self._rows} rows of the order. Write it on one."
                yield Violation((name,), ViolationCode.INVALID, explanation=told)
            elif name in summed:
                yield from _twice(name, parts)

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
            if (cell := cells[at].strip()) and identity(cell) != identity(self._first[column])
        ]


def _twice(name: str, parts: Sequence[object]) -> Iterator[Violation]:
    """Yield those of *parts* that stood higher up already; items in the line above, for things are bought again."""
    seen: set[str] = set()
    for at, text in enumerate(map(repr, parts)):
        if text in seen:
            told = "It is the same as one above. Write it once, or tell the total of the order."
            yield Violation((name, str(at)), ViolationCode.INVALID, explanation=told)
        seen = {text} if name == "items" else seen | {text}
