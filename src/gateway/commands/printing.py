"""The home of what commands print: tables on a terminal, plain lines elsewhere, and JSON where it is asked for."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import orjson
import typer
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from db.columns import printed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_JSON = orjson.OPT_PASSTHROUGH_DATETIME
_WIDEST = 10_000
"""Columns that no terminal has."""


def print_json(found: object) -> None:
    """Print *found* as JSON."""
    typer.echo(orjson.dumps(found, default=_time, option=_JSON | orjson.OPT_INDENT_2).decode())


def print_one(found: Mapping[str, object]) -> None:
    """Print all that is known of one thing: a line ``name=value`` for each."""
    if sys.stdout.isatty():
        Console().print(_table(("", ""), [(name, _line(value)) for name, value in found.items()]))
    else:
        for name, value in found.items():
            typer.echo(f"{name}={_line(value)}")


def print_many(found: Sequence[Mapping[str, object]]) -> None:
    """Print a line for each of many things, its values separated by tabs."""
    rows = [[_line(value) for value in each.values()] for each in found]
    if not rows:
        print_none()
    elif sys.stdout.isatty():
        console, table = Console(), _table(found[0], rows)
        # Nine columns of two letters each can't be read, and an id in five lines can't be copied.
        if Measurement.get(console, console.options.update(max_width=_WIDEST), table).maximum > console.width:
            for row in rows:
                console.print(_table(("", ""), list(zip(found[0], row, strict=True))))
        else:
            console.print(table)
    else:
        for row in rows:
            typer.echo("\t".join(row))


def print_none() -> None:
    """Say that nothing was found, where no program reads it."""
    typer.echo("There are none.", err=True)


def _table(names: Sequence[str] | Mapping[str, object], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(show_header=any(names))
    for name in names:
        table.add_column(name, overflow="fold")  # an id that is cut off is none
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _line(value: object) -> str:
    """Return *value* as a text of one line, which no terminal takes for commands: a mail server may have written it."""
    match value:
        case None:
            text = ""
        case bool():
            text = str(value).lower()
        case datetime():
            text = printed(value)
        case list():
            text = ",".join(map(_line, value))
        case dict():
            text = orjson.dumps(value, default=_time, option=_JSON).decode()
        case _:
            text = str(value)
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _time(value: object) -> str:
    assert isinstance(value, datetime)  # noqa: S101 - all else is known to orjson
    return printed(value)
