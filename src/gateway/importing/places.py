"""The home of the orders of a file whose numbers stand in several places of it: none of them comes in.

One place may lack the lines that stand in the other, and which of two is right nobody can tell. All of the file is
looked at before any of it comes in; what is remembered lies on the disk, so that a million orders need no memory.
"""

from __future__ import annotations

import csv
import re
import sqlite3
from itertools import groupby, islice
from typing import TYPE_CHECKING, Final

import orjson

from gateway.importing.csv_columns import ORDER_NUMBER
from gateway.importing.csv_entries import OrderRows
from gateway.importing.entries import Entry, Lines
from gateway.importing.job import Format
from gateway.importing.reports import record_in
from resolvers.rules.texts import identity
from resolvers.rules.violations import Violation, ViolationCode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import BinaryIO

_AT_ONCE: Final = 10_000
_PLAIN_NUMBER: Final = re.compile(rb'"orderNumber"\s*+:\s*+"([^"\\]*+)"')
_TWICE: Final = Violation(
    (ORDER_NUMBER,),
    ViolationCode.TAKEN,
    explanation="It stands in several places of the file. Put its rows together, or give each order its own number.",
)


class Places:
    """How often each order number stands in a file, by hashes, in a private file of SQLite that is gone when closed."""

    def __init__(self) -> None:
        """Know of no number yet."""
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE places (number INTEGER PRIMARY KEY, count INTEGER NOT NULL);"
        )
        self._has_twice = False

    def count_all(self, file: BinaryIO, format_: Format, ignored: Collection[str]) -> None:
        """Count the places of *file*: of a line of JSON, of rows of CSV that stand together."""
        if format_ is Format.JSONL:
            return self.count(_in_json(Lines(file)))
        rows = OrderRows(file, ignored)
        try:
            self.count(_together(rows.quickly()))
        except (csv.Error, ValueError):  # a row that is damaged, or no UTF-8: row by row, as they will be read
            self._connection.execute("DELETE FROM places")
            self.count(_together(rows.carefully()))
        return None

    def count(self, numbers: Iterable[str]) -> None:
        """Count a place for each of *numbers*."""
        hashes = ((hash(number),) for number in numbers)
        while batch := list(islice(hashes, _AT_ONCE)):
            self._connection.executemany(
                "INSERT INTO places VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1", batch
            )
        [self._has_twice] = self._connection.execute("SELECT EXISTS (SELECT 1 FROM places WHERE count > 1)").fetchone()

    def refused(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yield *entries*; those of a number that stands in several places are refused."""
        for entry in entries:
            number = entry.fields.get(ORDER_NUMBER)
            if self._has_twice and isinstance(number, str) and self._is_twice(identity(number)):
                yield entry.with_fault(_TWICE)
            else:
                yield entry

    def _is_twice(self, number: str) -> bool:
        found = self._connection.execute("SELECT count > 1 FROM places WHERE number = ?", (hash(number),)).fetchone()
        return bool(found and found[0])

    def close(self) -> None:
        """Forget all numbers."""
        self._connection.close()


def _together(numbers: Iterable[str]) -> Iterator[str]:
    """Yield the number of each order whose rows stand together."""
    return (number for number, _ in groupby(numbers) if number)


def _in_json(lines: Lines) -> Iterator[str]:
    while line := lines.read():
        # Of nearly every line, without reading all of it.
        content = line.content
        plain = _PLAIN_NUMBER.search(content) if content.count(b"orderNumber") == 1 else None
        is_own = plain is not None and content.find(b"customData", 0, plain.start()) < 0
        number = plain[1].decode("utf-8", "replace") if plain and is_own else _number_in(content)
        if number := identity(number or ""):
            yield number


def _number_in(line: bytes) -> str | None:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    record = record_in(record) if isinstance(record, dict) else None
    number = record.get(ORDER_NUMBER) if isinstance(record, dict) else None
    return number if isinstance(number, str) else None
