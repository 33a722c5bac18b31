"""The home of JSON Lines: one object a line; of a report of refused records, the record in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from gateway.importing.entries import TOO_LONG, Entry, Lines, Position, unreadable
from gateway.importing.reports import record_in
from resolvers.rules.literals import parse_json_of_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from gateway.importing.entries import Line


def json_entries(file: BinaryIO, start: Position) -> Iterator[Entry]:
    """Yield the records of *file* from *start* on; blank lines are none."""
    lines = Lines(file, start)
    while line := lines.read():
        if line.content.strip():
            yield _entry(line, lines.position)


def _entry(line: Line, end: Position) -> Entry:
    if line.too_long:
        return Entry(line.number, end, faults=[TOO_LONG])
    try:
        fields = parse_json_of_file(line.content)
    except orjson.JSONDecodeError as error:
        return Entry(line.number, end, faults=[unreadable(f"It is not JSON in UTF-8: {error.msg}.")])
    except ValueError as error:
        return Entry(line.number, end, faults=[unreadable(f"It can't be read: {error}.")])
    if not isinstance(fields, dict):
        return Entry(line.number, end, faults=[unreadable("It is not a JSON object.")])
    record = record_in(fields)
    if not isinstance(record, dict) or (record is not fields and not record):
        told = "The record could not be read: mend the line of its file."
        return Entry(line.number, end, faults=[unreadable(told)])
    return Entry(line.number, end, record)
