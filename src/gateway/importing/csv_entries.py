"""The home of the records of a CSV file: a row each, and for orders as many rows as they have lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.importing.csv_columns import PARTS, fields_of, require_columns
from gateway.importing.csv_rows import CsvRow, Rows
from gateway.importing.entries import Entry, Position, unreadable
from gateway.importing.job import Kind
from resolvers.orders.rules import MOST_PARTS
from resolvers.rules.violations import Violation, ViolationCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_LONGEST_ORDER: Final = 8 * 1024 * 1024
"""Bytes of all its rows."""
_MOST_FAULTS: Final = 100


def csv_entries(kind: Kind, file: BinaryIO, start: Position) -> Iterator[Entry]:
    """Yield the records of *file* from *start* on. Raises `OperatorError` for a header that is wrong."""
    rows = Rows(file, start)
    require_columns(kind, rows.header)
    return _orders(rows) if kind is Kind.ORDERS else _simple(rows)


def _simple(rows: Rows) -> Iterator[Entry]:
    for row in rows:
        if row.fault:
            yield Entry(row.line, row.end, faults=[row.fault])
        else:
            fields, faults = fields_of(zip(rows.header, row.cells, strict=True))
            yield Entry(row.line, row.end, fields, faults)


def _orders(rows: Rows) -> Iterator[Entry]:
    """Yield the orders: consecutive rows of the same number.

    A row whose number can't be read may belong to the order before it or to the one after it. Both are refused: an
    order that lacks a line would be worse than none.
    """
    number_at = rows.header.index("orderNumber")
    order: _Order | None = None
    for row in rows:
        number = row.cells[number_at] if number_at < len(row.cells) else ""
        if order and number and number == order.number:
            order.add(row)
            continue
        found = _Order(rows.header, number, row)
        if order:
            order.doubt(found)
            found.doubt(order)
            yield order.entry()
        order = found
    if order:
        yield order.entry()


class _Order:
    """The rows of one order."""

    def __init__(self, header: list[str], number: str, first: CsvRow) -> None:
        self._header = header
        self._number = number
        self._line = first.line
        self._begin = self._end = first.end
        self._faults: list[Violation] = []
        self._first: dict[str, str] = {}
        self._parts: dict[str, list[object]] = {name: [] for name, _ in PARTS.values()}
        self.add(first)

    @property
    def number(self) -> str:
        """The order's number; empty if it can't be read."""
        return self._number

    def add(self, row: CsvRow) -> None:
        """Take a row in."""
        self._end = row.end
        if row.end.offset - self._begin.offset > _LONGEST_ORDER:
            self._faults = [unreadable(f"Its rows are longer than {_LONGEST_ORDER:,} bytes.")]
        elif len(self._faults) >= _MOST_FAULTS:
            return
        elif row.fault:
            here = "" if row.line == self._line else f"Line {row.line}: "
            self._faults.append(Violation((), row.fault.code, row.fault.limit, f"{here}{row.fault.message}"))
        else:
            self._take(row.line, dict(zip(self._header, row.cells, strict=True)))

    def doubt(self, neighbour: _Order) -> None:
        """Refuse the order if *neighbour*, next to it in the file, may be a part of it."""
        if self._number and not neighbour.number:
            self._faults.append(unreadable(f"Line {neighbour._line}, next to it, has no number and may be part of it."))

    def entry(self) -> Entry:
        """Return the order."""
        fields, faults = fields_of(self._first.items())
        return Entry(
            self._line, self._end, fields | self._parts, [*self._faults, *faults], concerns_next=not self._number
        )

    def _take(self, line: int, cells: dict[str, str]) -> None:
        for part, (name, _) in PARTS.items():
            fields, _ = fields_of((column, cell) for column, cell in cells.items() if column.startswith(f"{part}."))
            if fields and len(self._parts[name]) <= MOST_PARTS:
                self._parts[name].append(fields[part])
        own = {column: cell for column, cell in cells.items() if column.partition(".")[0] not in PARTS}
        self._first = self._first or own
        self._faults += [
            Violation((column,), ViolationCode.INVALID, explanation=f"Line {line} contradicts line {self._line}.")
            for column, cell in own.items()
            if cell and cell != self._first[column]
        ]
