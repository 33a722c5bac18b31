"""The home of what hostile requests are sent to: a gateway in this process, and a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx2
import pytest
from sqlmodel import select

from db import models
from db.engine import open_database
from db.enums import AdminScope
from db.ids import new_id
from gateway.adapters.clock import SystemClock
from resolvers.rules.tokens import digest
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


@pytest.fixture(scope="module")
async def staff(demo_url: str) -> dict[str, str]:
    """The headers of an admin of everything."""
    database, now = await open_database(demo_url), SystemClock().now()
    admin = models.Admin(
        id=new_id(models.Admin.letters, now), username="a", canonical_username="a", password_hash="none",
        scopes=[scope.value for scope in AdminScope], created_at=now,
    )  # fmt: skip
    session = models.AdminSession(
        id=new_id(models.AdminSession.letters, now), admin_id=admin.id, token_sha256=digest("ads_hostile"),
        created_at=now, last_used_at=now, expires_at=now + timedelta(days=1),
    )  # fmt: skip
    async with database.unit_of_work() as writing:
        writing.add(admin)
        await writing.flush()
        channels = (await writing.exec(select(models.Channel.id))).all()
        writing.add_all([session, *(models.AdminChannel(admin_id=admin.id, channel_id=id_) for id_ in channels)])
    await database.close()
    return {"authorization": "Bearer ads_hostile"}


@pytest.fixture
async def client_to_sign_out(demo_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """The same, with a session of its own."""
    async with signed_in(demo_url, **UNTHROTTLED) as client:
        yield client
