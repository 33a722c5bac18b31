"""The home of what hostile requests are sent to: a gateway in this process, and a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from pydantic import SecretStr

from gateway.app import create_app
from gateway.settings import Settings
from tests.gateway.asgi import over
from tests.gateway.processes import SECRET_KEY, Process, load_demo_into, running


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
    app = create_app(Settings(database_url=demo_url, secret_key=(SecretStr("k" * 32),), default_channel="paloma"))
    async with app.router.lifespan_context(app), over(app) as client:
        client.headers["authorization"] = f"Bearer {await _token(client)}"
        yield client


async def _token(client: httpx2.AsyncClient) -> str:
    document = """mutation ($input: AuthenticateInput!) {
        authenticate(input: $input) { ... on AuthenticateSuccess { authentication { token } } }
    }"""
    variables = {"input": {"username": "hans.muster@astina.io", "password": "banana"}}
    answer = await client.post("/graphql", json={"query": document, "variables": variables})
    token: str = answer.json()["data"]["authenticate"]["authentication"]["token"]
    return token
