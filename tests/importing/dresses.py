"""The home of dresses: the many ways to write the same records into a file, none of which is damage."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

from gateway.importing.csv_columns import COLUMNS
from gateway.importing.job import Kind
from tests.importing.forms import form_of
from tests.importing.making import LISTS, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

SEPARATORS: Final = (",", ";", "\t", "|")
_UNSEEN: Final = (" ", "  ", "\t", "\u00a0", "\u200b", "\ufeff", "\u2007", "\u3000")
"""What stands around a value without being seen."""
Row = Record | bytes
"""What becomes a line of a file: a record or its cells, or the line itself where it is damaged."""


# ── Spellings ─────────────────────────────────────────────────────────────────────────────────────


def spelled(record: Record, kind: str, random: Random) -> Record:
    """Return *record* with its values written in some of the ways that docs/import.md allows."""
    return {name: _spelled(value, kind, (name,), random) for name, value in record.items()}


def _spelled(value: Any, kind: str, path: tuple[str, ...], random: Random) -> Any:
    if path == ("customData",):
        return value
    if isinstance(value, dict):
        return {name: _spelled(inner, kind, (*path, name), random) for name, inner in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_spelled(inner, kind, path, random) for inner in value]
    spell = _SPELLINGS.get(form_of(kind, path).word)
    return value if spell is None or value is None else spell(value, random)


def _between_blanks(text: str, random: Random) -> str:
    before, after = (random.choice(_UNSEEN) if random.random() < 0.2 else "" for _ in range(2))
    return f"{before}{text}{after}"


def _in_any_case(text: str, random: Random) -> str:
    turned = random.choice([text, text.lower(), text.title(), text.lower().replace("_", random.choice(" -"))])
    return _between_blanks(turned, random)


def _of_time(text: str, random: Random) -> str:
    hours, minutes = random.choice([(0, 0), (1, 0), (-1, 0), (0, 30)])
    time = datetime.fromisoformat(text).astimezone(timezone(timedelta(hours=hours, minutes=minutes)))
    offset = f"{time:%z}"[:3] + random.choice(["", ":"]) + f"{time:%z}"[3:]
    local = time.strftime(random.choice(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y%m%dT%H%M%S"]))
    local += random.choice(["", ".000", ",000000"])
    spellings = [text, text.lower(), text.replace("Z", "+00:00"), f"{local}{offset}", f"{local} {offset}"]
    return _between_blanks(random.choice(spellings), random)


def _of_amount(text: str, random: Random) -> str:
    point = "." if "." not in text else ""
    return _between_blanks(text + random.choice(["", f"{point}0", f"{point}000"]), random)


_SPELLINGS: Final[dict[str, Callable[[Any, Random], Any]]] = {
    "identity": _between_blanks,
    "reference": _between_blanks,
    "link": _between_blanks,
    "e-mail": _between_blanks,
    "zone": _between_blanks,
    "date": _between_blanks,
    "rate": _between_blanks,
    "hash": _between_blanks,
    "time": _of_time,
    "amount": _of_amount,
    "price": _of_amount,
    "quantity": _of_amount,
    "name": _in_any_case,
    "country": _in_any_case,
    "currency": _in_any_case,
    "locale": lambda text, random: _between_blanks(random.choice([text, text.lower(), text.replace("_", "-")]), random),
    "boolean": lambda value, random: random.choice([value, str(value), str(value).lower(), str(value).upper()]),
    "codes": lambda codes, random: [_between_blanks(code, random) for code in codes],
}  # fmt: skip


# ── Files ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Dress:
    """How the lines of a file are written."""

    kind: str
    format: str
    columns: list[str] = field(default_factory=list)
    """Of a CSV file; the last may be "", one without a name."""
    separator: str = ","
    head: bytes = b""
    line_end: bytes = b"\n"
    quotes: float = 0
    """How many of the cells that need no quotation marks have some."""

    def line(self, row: Row, random: Random) -> bytes:
        """Return a line without its end."""
        if isinstance(row, bytes):
            return row
        if self.format == "csv":
            return self.joined([self._cell(row.get(column) or "", random) for column in self.columns])
        names = random.sample(list(row), len(row))
        return json.dumps({name: row[name] for name in names}, ensure_ascii=random.random() < 0.5).encode()

    def joined(self, cells: list[str]) -> bytes:
        """Return the line of *cells*."""
        return self.separator.join(cells).encode()

    def _cell(self, text: str, random: Random) -> str:
        needed = any(mark in text for mark in (self.separator, '"', "\n", "\r"))
        return f'"{text.replace(chr(34), chr(34) * 2)}"' if needed or random.random() < self.quotes else text

    def blank(self, random: Random) -> bytes:
        """Return a line that has no value."""
        if self.format == "jsonl":
            return random.choice([b"", b"  ", b"\t"])
        cells = [random.choice(["", " ", '""']) for _ in self.columns]
        return random.choice([b"", b" ", self.joined([""] * len(self.columns)), self.joined(cells)])


def dress(kind: str, file_format: str, random: Random) -> Dress:
    """Return a dress of the format."""
    mark = random.choice([b"", b"\xef\xbb\xbf"])
    end = random.choice([b"\n", b"\r\n"])
    if file_format == "jsonl":
        return Dress(kind, file_format, head=mark, line_end=end)
    separator = random.choice(SEPARATORS)
    columns = random.sample(sorted(COLUMNS[Kind(kind)]), len(COLUMNS[Kind(kind)]))
    if "orderNumber" in columns and random.random() < 0.6:
        columns.sort(key=lambda column: column != "orderNumber")
    columns += random.choice([[], [""]])
    head = mark + random.choice([b"", b"sep=" + separator.encode() + end, end])
    head += separator.join(_headed(column, random) for column in columns).encode() + end
    return Dress(kind, file_format, columns, separator, head, end, random.choice([0, 0, 0.3, 1]))


def _headed(column: str, random: Random) -> str:
    parted = "".join(f" {letter}" if letter.isupper() and random.random() < 0.3 else letter for letter in column)
    return random.choice([column, column.upper(), column.lower(), f" {parted}", parted.title()])


# ── Rows of CSV ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Layout:
    """On which of its rows the parts of a record stand."""

    height: int
    at: dict[str, list[int]]
    """Of each list, the row of each part."""
    repeats: bool
    """Whether the record's own cells stand on every row."""


def layout(record: Record, random: Random) -> Layout:
    """Return a layout with as many rows as the longest list needs, or more."""
    lengths = {name: len(record.get(name) or ()) for name in LISTS}
    longest = max(1, *lengths.values())
    height = random.randint(longest, max(longest, min(sum(lengths.values()), longest + 2)))
    at = {name: sorted(random.sample(range(height), length)) for name, length in lengths.items()}
    return Layout(height, at, random.random() < 0.5)


def cells(record: Record, found: Layout) -> list[Row]:
    """Return the rows of CSV that tell *record*."""
    own = dict(_own(record))
    number = {"orderNumber": own["orderNumber"]} if "orderNumber" in own else {}
    rows: list[Record] = [dict(own if found.repeats or not at else number) for at in range(found.height)]
    for name, part in LISTS.items():
        for at, value in enumerate(record.get(name) or ()):
            row = rows[found.at[name][min(at, len(found.at[name]) - 1)]]
            row |= {f"{part}.{inner}": _text(cell) for inner, cell in value.items()}
    return list(rows)


def _own(record: Record) -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        if name == "customData":
            yield name, json.dumps(value)
        elif isinstance(value, dict):
            yield from ((f"{name}.{inner}", _text(cell)) for inner, cell in value.items())
        elif isinstance(value, list) and name not in LISTS:
            yield name, ";".join(value)
        elif name not in LISTS:
            yield name, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
