"""The home of the first line of a CSV file: what stands between its cells, and which column is which."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from gateway.operator.settings import OperatorError
from resolvers.rules.card_numbers import blotted

if TYPE_CHECKING:
    from gateway.importing.entries import Line

SEPARATORS: Final = ",;\t|"
_SHOWN: Final = 60
"""Characters of a name: where the header is missing, these are values."""
_MOST_SHOWN: Final = 30


@dataclass(frozen=True, slots=True)
class Header:
    """How the cells of a row are told apart, and the columns they belong to, as the API writes them."""

    separator: str
    columns: Sequence[str | None]
    """None is one whose cells are left out: the operator says so, or it has no name, and must be empty."""
    nameless: Sequence[int]
    """Where those without a name are."""


def header_of(line: Line, known: Collection[str], ignored: Collection[str]) -> Header:
    """Return the header that *line* is. Raises `OperatorError` where it names what is not among the *known* columns.

    Blanks and case don't count, and the separator is whichever makes the most known columns of it, or the most at all.
    """
    try:
        text = line.content.decode("utf-8").strip("\r\n")
    except UnicodeDecodeError:
        text = ""
    if line.too_long or not text.strip():
        msg = "The first line of a CSV file names its columns, and this one can't be read."
        raise OperatorError(msg)
    names = {_folded(name): name for name in known}
    left_out = set(map(_folded, ignored))
    readings = {separator: _cells(text, separator) for separator in SEPARATORS}
    separator = max(
        readings, key=lambda each: (sum(_folded(cell) in names for cell in readings[each]), len(readings[each]))
    )
    cells = readings[separator]
    columns = [None if _folded(cell) in left_out else names.get(_folded(cell)) for cell in cells]
    unknown = [cell for cell in cells if (name := _folded(cell)) and name not in names and name not in left_out]
    twice = sorted(column for column, times in Counter(columns).items() if column is not None and times > 1)
    if unknown or twice:
        raise OperatorError(_told(unknown, twice, names, is_foreign=not any(columns)))
    return Header(separator, columns, [at for at, cell in enumerate(cells) if not cell.strip()])


def _told(unknown: Sequence[str], twice: Sequence[str], names: dict[str, str], *, is_foreign: bool) -> str:
    """Tell of all columns at once, each with the name that was probably meant."""
    found = []
    for cell in unknown[:_MOST_SHOWN]:
        near = get_close_matches(_folded(cell), names, n=1, cutoff=0.5)
        found.append(f"{blotted(cell)[:_SHOWN]!a}{f' (is it {names[near[0]]}?)' if near else ''}")
    if len(unknown) > _MOST_SHOWN:
        found.append(f"and {len(unknown) - _MOST_SHOWN} more")
    told = [f"No such columns: {', '.join(found)}."] if unknown else []
    if is_foreign:
        told.append(f"There are {', '.join(sorted(name for name in names.values() if '.' not in name))}.")
    elif unknown:
        told.append("Leave them out by --ignore-column.")
    told += [f"Twice: {', '.join(twice)}."] if twice else []
    return f"{' '.join(told)} docs/import.md has the names."


def _cells(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=separator))
    except csv.Error:
        return [text]


def _folded(name: str) -> str:
    return "".join(name.split()).casefold()
