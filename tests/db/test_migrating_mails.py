"""Mails that are there when the tables change are there afterwards."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from db import migrate as migration
from db.enums import MailState
from tests.db.test_migrations import connected
from tests.gateway.test_cli_mail import put
from tests.importing.making import make_shop

if TYPE_CHECKING:
    from sqlalchemy import Connection

pytestmark = pytest.mark.anyio

UNKNOWN_MAILS = "0006"


def _before(connection: Connection) -> str:
    """Return the revision before the one with unknown mails."""
    script = ScriptDirectory.from_config(migration._config(connection)).get_revision(UNKNOWN_MAILS)  # noqa: SLF001 - one step alone
    assert isinstance(script.down_revision, str)
    return script.down_revision


async def _written(url: str, *mails: dict[str, Any]) -> list[str]:
    def write() -> list[str]:
        make_shop(url)
        return put(url, *mails)

    return await asyncio.to_thread(write)  # they have loops of their own


async def test_mails_that_wait_keep_waiting_and_notices_go_last(database_url: str) -> None:
    link: dict[str, Any] = {"confirmation_base_url": "https://shop.example/confirm"}
    reset, notice, unknown = await _written(database_url, link, {}, {"state": MailState.UNKNOWN})

    async with migration._transaction(database_url) as connection:  # noqa: SLF001 - one step alone
        before = await connection.run_sync(_before)
        await connection.run_sync(migration._run, command.downgrade, before)  # noqa: SLF001
        found = await connection.execute(text("SELECT id, state, tries FROM mails"))
        assert {tuple(row) for row in found} == {(reset, "QUEUED", 0), (notice, "QUEUED", 0), (unknown, "GIVEN_UP", 0)}
    await migration.migrate(database_url)

    async with connected(database_url) as connection:
        found = await connection.execute(text("SELECT id, state, urgency, doubts FROM mails"))
        assert {tuple(row) for row in found} == {
            (reset, "QUEUED", 0, 0),
            (notice, "QUEUED", 3, 0),
            (unknown, "GIVEN_UP", 3, 0),
        }
