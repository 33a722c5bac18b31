"""A process that is told to stop answers what it has received; clients that hang up make no noise in its log."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx2
import orjson
import pytest

from tests.gateway.processes import SECRET_KEY, Process, load_demo_into, operation, running

pytestmark = pytest.mark.anyio

IN_VAIN = "graceful shutdown exceeded"
"""What uvicorn logs when it has waited for a request for as long as it does."""
SIGN_IN = {
    "query": operation("Authenticate"),
    "variables": {"input": {"username": "hans.muster@astina.io", "password": "banana"}},
}


@pytest.fixture(scope="module")
def loaded_url(shared_database_url: str) -> str:
    load_demo_into(shared_database_url)
    return shared_database_url


@pytest.fixture
def process(loaded_url: str, tmp_path: Path) -> Iterator[Process]:
    settings = {"database_url": loaded_url, "secret_key": SECRET_KEY, "default_channel": "paloma"}
    with running("serve", "--port=0", directory=tmp_path, **settings) as process:
        process.url()
        yield process


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[None]:
    """Keep everybody from signing in."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
        return
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("BEGIN; LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        await connection.close()


async def sign_in(url: str) -> httpx2.Response:
    async with httpx2.AsyncClient(timeout=300) as client:
        return await client.post(f"{url}/graphql", json=SIGN_IN)


def sent(url: str, request: bytes) -> socket.socket:
    address = urlsplit(url)
    connection = socket.create_connection((address.hostname, address.port))
    connection.sendall(request)
    return connection


async def stopped(process: Process, running_request: asyncio.Task[httpx2.Response]) -> int:
    """Tell *process* to stop while a request runs, another is half-sent and a third connection is idle."""
    await asyncio.to_thread(process.awaited, lambda: process.connections > 0)
    await asyncio.sleep(0.7)
    assert not running_request.done()
    half = [sent(process.url(), request) for request in (b"", HALF_BODY)]
    await asyncio.to_thread(process.awaited, lambda: process.connections > len(half))
    code = await asyncio.to_thread(process.stop)
    for connection in half:
        connection.close()
    return code


async def test_what_runs_is_answered_before_the_process_ends(process: Process, loaded_url: str) -> None:
    async with locked(loaded_url):
        request = asyncio.create_task(sign_in(process.url()))
        stopping = asyncio.create_task(stopped(process, request))
        await asyncio.sleep(1.5)
    code = await stopping

    answer = (await request).json()["data"]["authenticate"]
    assert answer["__typename"] == "AuthenticateSuccess"
    assert code == -15
    assert IN_VAIN not in process.output


async def test_what_can_not_be_done_is_refused_before_the_process_ends(process: Process, loaded_url: str) -> None:
    async with locked(loaded_url):
        request = asyncio.create_task(sign_in(process.url()))
        code = await stopped(process, request)

    [error] = (await request).json()["errors"]
    assert error["extensions"]["code"] == "SERVICE_UNAVAILABLE"
    assert code == -15
    assert IN_VAIN not in process.output
    assert "exception" not in process.output


# ── Clients that hang up ──────────────────────────────────────────────────────────────────────────

BODY = orjson.dumps(SIGN_IN)
HEAD = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
WHOLE = HEAD % len(BODY) + BODY
HALF_BODY = WHOLE[:-10]


async def test_clients_that_hang_up_write_no_traceback(process: Process) -> None:
    for request in (WHOLE[:20], HALF_BODY, WHOLE):
        for _ in range(20):
            sent(process.url(), request).close()
    answered = await sign_in(process.url())

    assert answered.status_code == 200
    process.stop()
    lines = [orjson.loads(line) for line in process.output.splitlines()]
    # Its warnings are about the settings, at the start.
    assert {line["level"] for line in lines if line.get("logger") != "gateway.serve"} == {"info"}, process.output
    hung_up = [line for line in lines if line.get("errors") == ["CLIENT_HUNG_UP"]]
    assert len(hung_up) == 20
    assert all("exception" not in line for line in lines)
