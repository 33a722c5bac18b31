"""The home of Hans Muster, signed in to a gateway in this process that serves the demo data."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from gateway.app import create_app
from gateway.operator.settings import Settings
from tests.gateway.asgi import over

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx2

SECRET_KEY = "k" * 32
_SIGN_IN = """mutation ($input: AuthenticateInput!) {
    authenticate(input: $input) { ... on AuthenticateSuccess { authentication { token } } }
}"""


@asynccontextmanager
async def signed_in(database_url: str, **settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield the client; it asks the channel paloma at /graphql."""
    key = (SecretStr(SECRET_KEY),)
    app = create_app(Settings(database_url=database_url, secret_key=key, default_channel="paloma", **settings))
    async with app.router.lifespan_context(app), over(app) as client:
        variables = {"input": {"username": "hans.muster@astina.io", "password": "banana"}}
        answer = await client.post("/graphql", json={"query": _SIGN_IN, "variables": variables})
        token = answer.json()["data"]["authenticate"]["authentication"]["token"]
        client.headers.update({"authorization": f"Bearer {token}", "content-type": "application/json"})
        yield client
