"""Health: the process answers without its database; it is ready with one that is migrated and agrees about the time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import httpx2
import orjson
import pytest
from pydantic import SecretStr

from db.engine import Database, open_database
from db.errors import DatabaseUnavailableError
from gateway.adapters.clock import SystemClock
from gateway.app import create_app
from gateway.http.health import Readiness
from gateway.operator.settings import Settings
from tests.conftest import FreshDatabase, Statements
from tests.gateway.asgi import over

pytestmark = pytest.mark.anyio

OK = {"database": "ok", "writes": "ok", "migrations": "ok", "clock": "ok"}


UNKNOWN = {"database": "unavailable", "writes": "unknown", "migrations": "unknown", "clock": "unknown"}


class At:
    """A clock that stands."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


class Failing:
    """A database that answers with *failure*, or not at all."""

    dialect = SimpleNamespace(name="sqlite")
    unwritten = None

    def __init__(self, failure: Exception | None) -> None:
        self.failure = failure
        self.asked = 0
        self.answers = asyncio.Event()

    async def read(self, _sql: str, _parameters: Sequence[object]) -> tuple[object, ...]:
        self.asked += 1
        if self.failure:
            raise self.failure
        await self.answers.wait()
        return (None,)

    async def obstacle(self) -> None:
        return None


def readiness_of(database: Failing, patience: float = 2, kept: float = 1) -> Readiness:
    return Readiness(lambda: cast("Database", database), SystemClock(), patience, kept)


async def told(readiness: Readiness) -> tuple[int, dict[str, Any]]:
    response = await readiness.answer()
    body = orjson.loads(bytes(response.body))
    assert body["status"] == ("ok" if response.status_code == 200 else "unavailable")
    return response.status_code, body["checks"]


async def test_a_process_is_alive_and_ready(database_url: str) -> None:
    app = create_app(Settings(database_url=database_url, secret_key=(SecretStr("k" * 32),)))
    async with app.router.lifespan_context(app), over(app) as client:
        for path, body in (("/healthz", {"status": "ok"}), ("/readyz", {"status": "ok", "checks": OK})):
            got, head = await client.get(path), await client.head(path)
            assert (got.status_code, got.json()) == (200, body)
            assert (head.status_code, head.headers["content-length"]) == (200, got.headers["content-length"])
            assert got.headers["cache-control"] == "no-store"
            assert_not_allowed(await client.post(path))


def assert_not_allowed(response: httpx2.Response) -> None:
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_without_its_database_a_process_is_alive_and_not_ready(database_url: str) -> None:
    app = create_app(Settings(database_url=database_url, secret_key=(SecretStr("k" * 32),)))
    async with app.router.lifespan_context(app), over(app) as client:
        await app.state.graphql.database.close()
        alive, ready = await client.get("/healthz"), await client.get("/readyz")

    assert alive.status_code == 200
    assert ready.status_code == 503
    assert ready.json()["checks"] == UNKNOWN


@pytest.mark.parametrize(
    ("revision", "verdict", "status"),
    [("9999", "newer than this version", 200), (None, "pending", 503), ("0015", "pending", 503)],
    ids=["newer", "none", "former"],
)
async def test_tables_of_a_newer_version_serve_and_older_ones_do_not(
    database: Database, revision: str | None, verdict: str, status: int
) -> None:
    async with database.unit_of_work() as session:
        connection = await session.connection()
        change = f"UPDATE alembic_version SET version_num = '{revision}'" if revision else "DELETE FROM alembic_version"
        await connection.exec_driver_sql(change)

    assert await told(Readiness(lambda: database, SystemClock())) == (status, OK | {"migrations": verdict})


async def test_who_is_about_to_end_is_not_ready(database: Database) -> None:
    readiness = Readiness(lambda: database, SystemClock())
    assert await told(readiness) == (200, OK)
    readiness.leave()

    assert await told(readiness) == (503, OK | {"process": "stopping"})


async def test_who_has_not_begun_to_serve_is_not_ready(database: Database) -> None:
    readiness = Readiness(lambda: database, SystemClock(), serves=lambda: False)

    assert await told(readiness) == (503, OK | {"process": "starting"})


async def test_without_a_database_nothing_is_known() -> None:
    assert await told(Readiness(lambda: None, SystemClock())) == (503, UNKNOWN)


async def test_a_database_that_is_only_read_is_not_ready(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        database = await open_database(f"{url}{'&' if '?' in url else '?'}default_transaction_read_only=on")
        assert await told(Readiness(lambda: database, SystemClock())) == (503, OK | {"writes": "read only"})
        await database.close()


async def test_a_clock_that_was_never_set_is_not_ready(database: Database) -> None:
    clock = At(datetime(1970, 1, 1, tzinfo=UTC))

    assert await told(Readiness(lambda: database, clock)) == (503, OK | {"clock": "not set"})


async def test_a_clock_that_differs_from_the_servers_is_not_ready(database: Database) -> None:
    clock = At(datetime.now(UTC) + timedelta(minutes=1))

    status, checks = await told(Readiness(lambda: database, clock))

    if database.dialect.name == "sqlite":
        assert (status, checks) == (200, OK)
    else:
        assert (status, checks) == (503, OK | {"clock": "differs from the database's"})


@pytest.mark.parametrize(
    ("failure", "verdict"), [(DatabaseUnavailableError("hunter2"), "unavailable"), (KeyError("hunter2"), "broken")]
)
async def test_a_failure_is_told_without_its_text(failure: Exception, verdict: str) -> None:
    response = await readiness_of(Failing(failure)).answer()

    assert orjson.loads(bytes(response.body))["checks"]["database"] == verdict
    assert b"hunter2" not in bytes(response.body)


async def test_however_many_ask_the_database_is_asked_once(database: Database, statements: Statements) -> None:
    readiness = Readiness(lambda: database, SystemClock(), kept=3600.0)
    await told(readiness)
    once = len(await statements.taken())

    await asyncio.gather(*[told(readiness) for _ in range(50)])
    assert await statements.taken() == []

    readiness.kept = 0
    await asyncio.gather(*[told(readiness) for _ in range(50)])
    assert len(await statements.taken()) == once


async def test_a_silent_database_is_waited_for_once_and_not_long() -> None:
    silent = Failing(None)
    readiness = readiness_of(silent, patience=0.1, kept=0)

    answers = [await told(readiness) for _ in range(2)]

    assert [status for status, _checks in answers] == [503, 503]
    assert silent.asked == 1
    silent.answers.set()


async def test_who_asks_as_a_look_ends_takes_it_from_nobody() -> None:
    slow = Failing(None)
    readiness = readiness_of(slow, kept=0)
    first = asyncio.create_task(told(readiness))
    await asyncio.sleep(0.01)
    slow.answers.set()

    later = []
    while not first.done():
        later.append(asyncio.create_task(told(readiness)))
        await asyncio.sleep(0)

    assert await first == (503, OK | {"migrations": "pending"})
    assert {status for status, _checks in await asyncio.gather(*later)} == {503}
