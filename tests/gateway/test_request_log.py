"""The log: one line for each answered request, nothing in it that a client made up, and bugs without their texts."""

from __future__ import annotations

import logging
import os
import pty
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import orjson
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from structlog.contextvars import bind_contextvars, clear_contextvars

from gateway.app import create_app
from gateway.http.request_log import request_id
from gateway.operator.logs import formatter
from gateway.operator.settings import Settings
from gateway.operator.tracebacks import described
from resolvers.operations import answers
from tests.conftest import FreshDatabase
from tests.gateway.asgi import DOCUMENT, over
from tests.gateway.faulty import RaisingHasher
from tests.gateway.test_endpoint import MUTATION, create

pytestmark = pytest.mark.anyio

Lines = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def lines() -> Lines:
    return []


@pytest.fixture
async def client(fresh_database: FreshDatabase, lines: Lines) -> AsyncIterator[httpx2.AsyncClient]:
    with fresh_database("sqlite") as url:
        await create(url, "first")
        settings = Settings(database_url=url, secret_key=(SecretStr("k" * 32),), default_channel="first")
        app = create_app(settings, log=lambda level, fields: lines.append((level, fields)), hasher=RaisingHasher())
        async with app.router.lifespan_context(app), over(app) as client:
            yield client


def line(lines: Lines) -> dict[str, Any]:
    [(_level, fields)] = lines
    return fields


async def test_a_line_tells_what_was_asked_and_how_it_was_answered(client: httpx2.AsyncClient, lines: Lines) -> None:
    document = "query A { channel { code } } query Other { channel { id } }"
    response = await client.post("/first/graphql?x=hunter2", json={"query": document, "operationName": "A"})

    fields = line(lines)
    assert fields.pop("duration_ms") > 0
    assert fields == {
        "request_id": response.headers["x-request-id"],
        "method": "POST",
        "path": "/first/graphql",
        "channel": "first",
        "operation": "A",
        "operation_type": "query",
        "status": 200,
    }


async def test_the_name_of_an_operation_tells_no_card_number(client: httpx2.AsyncClient, lines: Lines) -> None:
    await client.post("/first/graphql", json={"query": "query Card4111111111111111 { channel { code } }"})

    assert line(lines)["operation"] == "Cardxxxxxxxxxxxxxxxx"


@pytest.mark.parametrize(
    ("method", "path", "document", "expected"),
    [
        ("POST", "/graphql", "{ customer { id } }", (200, "/graphql", "query", ["UNAUTHENTICATED"])),
        ("POST", "/graphql", "{ hunter2 }", (200, "/graphql", None, ["GRAPHQL_VALIDATION_FAILED"])),
        ("GET", "/graphql", MUTATION, (405, "/graphql", "mutation", ["METHOD_NOT_ALLOWED"])),
        ("GET", "/graphql", "", (400, "/graphql", None, ["BAD_USER_INPUT"])),
        ("POST", "/hunter2/graphql", DOCUMENT, (404, "/{channel}/graphql", None, ["NOT_FOUND"])),
        ("PUT", "/hunter2/graphql", DOCUMENT, (405, "/{channel}/graphql", None, ["METHOD_NOT_ALLOWED"])),
        ("GET", "/hunter2", DOCUMENT, (404, None, None, ["NOT_FOUND"])),
    ],
)
async def test_what_is_refused_has_a_line_too(  # noqa: PLR0913, PLR0917 - a table
    client: httpx2.AsyncClient, lines: Lines, method: str, path: str, document: str, expected: tuple[object, ...]
) -> None:
    how: Any = {"params": {"query": document}} if method == "GET" else {"json": {"query": document}}
    response = await client.request(method, path, **how)

    fields = line(lines)
    assert (fields["status"], fields["path"], fields["operation_type"], fields["errors"]) == expected
    assert response.status_code == fields["status"]
    assert "hunter2" not in str(lines)


async def test_health_is_logged_at_debug(client: httpx2.AsyncClient, lines: Lines) -> None:
    await client.get("/healthz")
    await client.head("/readyz")

    assert [(level, fields["path"]) for level, fields in lines] == [("debug", "/healthz"), ("debug", "/readyz")]


async def test_a_bug_has_its_number_and_the_requests_id(
    client: httpx2.AsyncClient, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    response = await client.post("/graphql", json={"query": MUTATION.replace('"x"', '"hunter2"')})

    [error] = response.json()["errors"]
    fields = line(lines)
    assert (fields["errors"], fields["error_id"]) == (["INTERNAL_SERVER_ERROR"], error["extensions"]["errorId"])
    [record] = [record for record in caplog.records if record.name == answers.__name__]
    assert record.__dict__["error_id"] == fields["error_id"]
    written = formatter().format(record)
    assert "hunter2" not in written
    assert "RuntimeError" in written
    assert "faulty.py:" in written


@pytest.mark.parametrize(("document", "status"), [(DOCUMENT, 503), (MUTATION, 200)], ids=["query", "mutation"])
async def test_an_outage_is_told_with_its_cause_and_is_no_clients_fault(
    fresh_database: FreshDatabase, lines: Lines, document: str, status: int
) -> None:
    async with logged(fresh_database, lines) as (app, client):
        await client.post("/graphql", json={"query": DOCUMENT})
        lines.clear()
        await app.state.graphql.database.close()
        response = await client.post("/graphql", json={"query": document})

    assert "closed" not in response.text
    [(level, fields)] = lines
    assert (level, fields["status"], fields["errors"]) == ("error", status, ["SERVICE_UNAVAILABLE"])
    assert fields["database"] == {"cause": "closed", "during": "connect"}


async def test_the_line_says_which_limit_has_closed_and_the_answer_does_not(
    fresh_database: FreshDatabase, lines: Lines
) -> None:
    async with logged(fresh_database, lines, tries_per_network=1) as (_app, client):
        answers = [await client.post("/graphql", json={"query": MUTATION}) for _ in range(2)]

    assert [fields.get("limit") for _level, fields in lines] == [None, "network"]
    assert "RateLimitedError" in answers[1].text
    assert '"network"' not in answers[1].text


@asynccontextmanager
async def logged(
    fresh_database: FreshDatabase, lines: Lines, **more: Any
) -> AsyncIterator[tuple[Starlette, httpx2.AsyncClient]]:
    """Serve a shop, and keep the lines of its requests."""
    with fresh_database("sqlite") as url:
        await create(url, "first")
        settings = Settings(database_url=url, secret_key=(SecretStr("k" * 32),), default_channel="first", **more)
        app = create_app(settings, log=lambda level, fields: lines.append((level, fields)))
        async with app.router.lifespan_context(app), over(app) as client:
            yield app, client


async def test_a_record_has_the_id_of_the_request_during_which_it_was_made() -> None:
    bind_contextvars(request_id="abc")
    try:
        written = orjson.loads(formatter().format(a_record("It went wrong.")))
    finally:
        clear_contextvars()

    assert (written["level"], written["event"], written["request_id"]) == ("error", "It went wrong.", "abc")


# ── Request ids ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("given", ["a", "A-b_c.9", "x" * 64])
async def test_a_well_formed_id_is_kept_and_answered(client: httpx2.AsyncClient, lines: Lines, given: str) -> None:
    response = await client.post("/graphql", json={"query": DOCUMENT}, headers={"x-request-id": given})

    assert response.headers.get_list("x-request-id") == [given]
    assert line(lines)["request_id"] == given


@pytest.mark.parametrize("given", [b"", b"x" * 65, b"a b", b"a=b", b"a\n", "é".encode(), b'a"b'])
def test_any_other_is_replaced(given: bytes) -> None:
    made = request_id([(b"x-request-id", given)])

    assert len(made) == 16
    assert made != given.decode()


def test_ids_differ() -> None:
    assert len({request_id([]) for _ in range(100)}) == 100


# ── What a bug shows ──────────────────────────────────────────────────────────────────────────────


def a_record(message: str, failure: BaseException | None = None, name: str = "any") -> logging.LogRecord:
    info = None if failure is None else (type(failure), failure, failure.__traceback__)
    return logging.LogRecord(name, logging.ERROR, __file__, 1, message, (), info)


def raised() -> Exception:
    """Return what a driver's failure inside a service looks like."""
    taken: Any = asyncpg.UniqueViolationError('Key (email)=("hunter2") already exists')
    taken.constraint_name = "user_email_key"
    with pytest.raises(asyncpg.UniqueViolationError) as caught:
        try:
            int("hunter2")
        except ValueError as error:
            raise taken from error
    failure: Exception = caught.value
    return failure


def test_a_bug_is_told_by_types_codes_and_places() -> None:
    first, cause = described(raised())

    assert (first["type"], first["sqlstate"]) == ("asyncpg.exceptions.UniqueViolationError", "23505")
    assert first["constraint_name"] == "user_email_key"
    assert cause["type"] == "ValueError"
    assert [frame.rpartition(" ")[2] for frame in cause["frames"]] == ["raised"]
    assert "hunter2" not in str([first, cause])


def test_a_group_is_told_with_its_members_and_a_loop_ends() -> None:
    failure = ValueError("hunter2")
    group = ExceptionGroup("hunter2", [failure, KeyError("hunter2")])
    failure.__cause__ = group

    told = described(group)

    assert [each["type"] for each in told] == ["ExceptionGroup", "ValueError", "KeyError"]
    assert "hunter2" not in str(told)


@pytest.mark.parametrize(
    ("name", "message", "event"),
    [
        (
            "asyncio",
            "Task exception was never retrieved\nfuture: <Task E('hunter2')>",
            "Task exception was never retrieved",
        ),
        ("asyncio", "Exception in callback f('hunter2')", "Exception in callback f"),
        ("any", "It went wrong.\nhunter2", "It went wrong."),
        ("uvicorn.error", "Traceback (most):\n  hunter2\nValueError: hunter2", "Traceback (most):"),
        (
            "uvicorn.error",
            "Traceback (most):\n  hunter2\ngateway.operator.settings.OperatorError: Migrate.\n",
            "gateway.operator.settings.OperatorError: Migrate.",
        ),
    ],
)
def test_messages_of_others_are_cut(name: str, message: str, event: str) -> None:
    written = orjson.loads(formatter().format(a_record(message, raised(), name)))

    assert written["event"] == event
    assert [each["type"] for each in written["exception"]] == ["asyncpg.exceptions.UniqueViolationError", "ValueError"]
    assert "hunter2" not in str(written)


# ── On a terminal ─────────────────────────────────────────────────────────────────────────────────


def test_on_a_terminal_lines_are_for_people(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    script = (
        "import logging.config; from gateway.operator.logs import configuration, request_lines\n"
        "logging.config.dictConfig(configuration('info'))\n"
        "request_lines('info')('info', {'method': 'GET', 'channel': None})\n"
        "request_lines('warning')('info', {'method': 'PUT'})\n"
        "try: int('hunter2')\n"
        "except ValueError: logging.exception('It went wrong.')\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, stderr=theirs, check=True)  # noqa: S603 - our own
    os.close(theirs)
    printed = re.sub(r"\x1b\[\d*m", "", os.read(ours, 65536).decode())
    os.close(ours)

    first, *others = printed.splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d \[info     \] request +method=GET", first)
    assert [line.strip().split()[0] for line in others[1:]] == ["ValueError", "<string>:5"]
    assert "It went wrong." in others[0]
    assert "hunter2" not in printed


def test_a_line_that_nobody_reads_harms_nothing(tmp_path: Path) -> None:
    script = (
        "import os; from gateway.operator.logs import request_lines\n"
        "os.close(2)\n"
        "request_lines('info')('info', {'method': 'GET'})\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)  # noqa: S603 - our own
