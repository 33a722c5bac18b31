"""The home of the table of figures: each is found on both databases, then controlled."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from db.migrate import migrate
from tests.controls.forking import run
from tests.controls.planted_faults import planted
from tests.differential.run import DATABASES
from tests.fire import (  # noqa: F401 - enter their figures
    accounts,
    books,
    controls,
    edge,
    ends,
    late_answers,
    mails,
    outages,
    outbox,
    parsers,
    passwords,
    registrations,
    secrets,
    strangers,
)
from tests.fire.controls import Control
from tests.fire.figures import FIGURES, Figure, Size

CONTROLS: tuple[Control, ...] = (
    *controls.CONTROLS,
    *secrets.CONTROLS,
    *parsers.CONTROLS,
    *mails.CONTROLS,
    *strangers.CONTROLS,
    *outages.CONTROLS,
    *late_answers.CONTROLS,
    *edge.CONTROLS,
)
"""At least one for each figure."""
_SHOWN = 200
"""Characters of what is wrong that the table shows; JSON has it whole."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: a figure on a database, or its control."""

    figure: int
    claim: str
    database: str
    told: str
    wrong: tuple[str, ...]
    seconds: float
    not_run: tuple[str, ...] = ()


def found(figure: Figure, database: str, url: str, size: Size) -> Row:
    """Run a figure on the empty database at *url*."""
    began = time.monotonic()
    asyncio.run(migrate(url))
    finding = asyncio.run(figure.run(url, size))
    seconds = round(time.monotonic() - began, 1)
    return Row(figure.number, figure.claim, database, finding.told, finding.wrong, seconds, finding.not_run)


def controlled(control: Control) -> Row:
    """Run a figure, shortly, on a copy of the source without the guard; it is wrong where that goes unseen."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        source = planted(Path(directory), control.fault)
        figure = f"--figure={control.figure}"
        ran = run(source, "tests.fire.run", "--short", "--json", "--uncontrolled", "--database=sqlite", figure)
    try:
        [row] = orjson.loads(ran.stdout)
    except (orjson.JSONDecodeError, ValueError):
        row = {"wrong": [], "told": ran.stderr[-300:]}
    said = _in_short(row["wrong"])
    is_red = any(control.expected in one for one in row["wrong"])
    wrong = () if is_red else (f"it does not turn the figure red: {said or row['told']}",)
    seconds = round(time.monotonic() - began, 1)
    return Row(control.figure, f"control: {control.name}", "sqlite", f"red: {said}", wrong, seconds)


def _in_short(wrong: Sequence[str]) -> str:
    """Return the first of what is wrong, and how many more there are."""
    first = "; ".join(one if len(one) <= _SHOWN else f"{one[:_SHOWN]} ..." for one in wrong[:1])
    return first + (f"; and {len(wrong) - 1} more" if len(wrong) > 1 else "")


def rows(arguments: argparse.Namespace) -> Iterator[Row]:
    """Yield the lines of the table as they are found."""
    figures = [figure for number, figure in sorted(FIGURES.items()) if number in (arguments.figure or FIGURES)]
    with ExitStack() as stack:
        empty = {name: stack.enter_context(DATABASES[name](len(figures))) for name in arguments.database}
        for figure in figures:
            for name in arguments.database:
                yield found(figure, name, empty[name].pop(), Size(whole=not arguments.short))
            if not arguments.uncontrolled:
                yield from (controlled(control) for control in CONTROLS if control.figure == figure.number)


def main() -> int:
    """Print the table; return 1 if a figure does not hold or, in CI, was not run, or a control stays green."""
    parser = argparse.ArgumentParser(description="Find every figure that must hold under fire, and print the table.")
    parser.add_argument("--figure", type=int, action="append", help="only this one; may be repeated")
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one")
    parser.add_argument("--short", action="store_true", help="as much as a test has time for")
    parser.add_argument("--uncontrolled", action="store_true", help="without the controls")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    arguments.database = arguments.database or list(DATABASES)
    logging.disable()  # outages and kills are what it is about
    lines = []
    console = Console(stderr=True)
    with console.status("") as status:
        for row in rows(arguments):
            lines.append(row)
            status.update(f"F{row.figure} {row.claim}")
    sys.stdout.write(orjson.dumps([asdict(row) for row in lines]).decode() + "\n" if arguments.json else "")
    if not arguments.json:
        _print(lines)
    return int(any(row.wrong or (row.not_run and os.environ.get("CI")) for row in lines))


def _print(lines: list[Row]) -> None:
    table = Table("F", "figure", "database", "found", "holds", "s", show_lines=True)
    for row in lines:
        missing = f"[yellow]NOT RUN: {', '.join(row.not_run)}" if row.not_run else "[green]yes"
        verdict = "[red]" + _in_short(row.wrong) if row.wrong else missing
        table.add_row(str(row.figure), row.claim, row.database, row.told, verdict, str(row.seconds))
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    load = os.getloadavg()[0]
    Console().print(f"{os.cpu_count()} cores, load {load:.1f} at the end.")


if __name__ == "__main__":
    sys.exit(main())
