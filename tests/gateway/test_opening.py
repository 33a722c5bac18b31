"""An outage is no wrong configuration: who starts in one waits, answers 503 meanwhile, and heals without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from db.engine import Database, open_database
from db.errors import DatabaseUnavailableError
from db.migrate import migrate, unmigrate
from db.revisions import known
from gateway.app import create_app
from gateway.operator.settings import Settings
from gateway.serving.opening import Opening
from tests.gateway.asgi import DOCUMENT, assert_refused, over
from tests.gateway.test_endpoint import create

pytestmark = pytest.mark.anyio

Lines = list[tuple[str, dict[str, Any]]]
PATIENCE = 60


def application(url: str, lines: Lines) -> Starlette:
    settings = Settings(database_url=url, secret_key=(SecretStr("k" * 32),), default_channel="first", mailbox=True)
    return create_app(settings, log=lambda level, fields: lines.append((level, fields)))


async def ready(client: httpx2.AsyncClient) -> dict[str, str]:
    """Return the checks, once all is well."""
    async with asyncio.timeout(PATIENCE):
        while (response := await client.get("/readyz")).status_code != 200:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.05)
    checks: dict[str, str] = response.json()["checks"]
    return checks


async def test_who_starts_in_an_outage_answers_as_soon_as_it_is_over(tmp_path: Path) -> None:
    lines: Lines = []
    directory = tmp_path / "later"
    url = f"sqlite:///{directory}/gateway.db"
    app = application(url, lines)
    async with app.router.lifespan_context(app), over(app) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).json()["checks"]["database"] == "unavailable"
        assert_refused(await client.post("/graphql", json={"query": DOCUMENT}), 503, "SERVICE_UNAVAILABLE")
        local = {"host": "localhost"}
        assert_refused(await client.get("/first/mailbox", headers=local), 503, "SERVICE_UNAVAILABLE")
        told = [fields["database"] for _level, fields in lines if "database" in fields]
        assert told == [{"cause": "FileNotFoundError", "during": "connect"}] * 2

        directory.mkdir()
        await migrate(url)
        await create(url, "first")
        await ready(client)
        answered = await client.post("/graphql", json={"query": DOCUMENT})

    assert answered.json() == {"data": {"channel": {"code": "first"}}}


async def test_a_database_without_tables_is_pending_until_it_has_them(database_url: str) -> None:
    await unmigrate(database_url)
    app = application(database_url, [])
    try:
        async with app.router.lifespan_context(app), over(app) as client:
            assert (await client.get("/readyz")).json()["checks"]["migrations"] == "pending"
            assert_refused(await client.post("/graphql", json={"query": DOCUMENT}), 503, "SERVICE_UNAVAILABLE")
            await migrate(database_url)
            assert (await ready(client))["migrations"] == "ok"
    finally:
        await migrate(database_url)


async def test_tables_of_a_newer_version_serve(database_url: str) -> None:
    await create(database_url, "first")
    await set_revision(database_url, "9999")
    app = application(database_url, [])
    try:
        async with app.router.lifespan_context(app), over(app) as client:
            answered = await client.post("/graphql", json={"query": DOCUMENT})
            assert (await ready(client))["migrations"] == "newer than this version"
    finally:
        await set_revision(database_url, known()[-1])

    assert answered.status_code == 200


async def set_revision(url: str, revision: str) -> None:
    database = await open_database(url)
    async with database.unit_of_work() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
    await database.close()


async def test_what_was_begun_ends_before_the_database_is_closed(database_url: str) -> None:
    seen: list[tuple[int, ...]] = []

    @asynccontextmanager
    async def begin(database: Database) -> AsyncIterator[None]:
        yield
        [one] = await database.read("SELECT 1", ())
        seen.append((int(str(one)),))

    opening = Opening(database_url, begin)
    async with opening.kept():
        assert opening.is_open
        database = opening.database

    assert seen == [(1,)]
    assert database is not None
    with pytest.raises(DatabaseUnavailableError):
        await database.read("SELECT 1", ())


async def test_who_stops_waiting_leaves_nothing_behind(tmp_path: Path) -> None:
    @asynccontextmanager
    async def begin(_database: Database) -> AsyncIterator[None]:
        raise AssertionError
        yield

    opening = Opening(f"sqlite:///{tmp_path}/nowhere/gateway.db", begin, pause=0)
    async with opening.kept():
        await asyncio.sleep(0.05)

    assert not opening.is_open
    assert opening.refuse().during == "connect"
