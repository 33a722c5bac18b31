"""The home of what hostile requests are sent to: a gateway in this process, and a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from tests.gateway.hans import signed_in
from tests.gateway.processes import SECRET_KEY, Process, load_demo_into, running

_THROTTLES = ("free_password_tries", "tries_per_network", "tries_per_account", "mails_per_address", "mails_per_network")
UNTHROTTLED = {**dict.fromkeys(_THROTTLES, 1_000_000), "new_documents_seconds": 60}
"""A throttle that has closed would look at nothing any more."""


@pytest.fixture(scope="module")
def demo_url(shared_database_url: str) -> str:
    """A database with the demo data."""
    load_demo_into(shared_database_url)
    return shared_database_url


@pytest.fixture(scope="module")
def process(demo_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A real gateway, which must not have failed when all is over."""
    directory = tmp_path_factory.mktemp("hostile")
    with running("serve", "--port=0", directory=directory, database_url=demo_url, secret_key=SECRET_KEY) as process:
        process.url()
        yield process
        assert "Traceback" not in process.output


@pytest.fixture(scope="module")
async def client(demo_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Hans Muster, signed in to a gateway in this process."""
    async with signed_in(demo_url, **UNTHROTTLED) as client:
        yield client


@pytest.fixture
async def client_to_sign_out(demo_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """The same, with a session of its own."""
    async with signed_in(demo_url, **UNTHROTTLED) as client:
        yield client
