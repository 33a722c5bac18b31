"""Who is cut off while writing keeps nobody else from it."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio


async def write(database: Database) -> None:
    async with database.unit_of_work() as session:
        connection = await session.connection()
        # Of which rows are left to fetch: SQLite goes on with such a statement until it is collected.
        await connection.execute(sa.text("SELECT 1 UNION ALL SELECT 2"))
        await connection.execute(sa.text("UPDATE channels SET name = 'x'"))


async def test_a_unit_of_work_that_is_cancelled_anywhere_leaves_no_lock(database: Database) -> None:
    pick = random.Random(1)  # noqa: S311 - repeatable
    for _ in range(150):
        writers = [asyncio.ensure_future(write(database)) for _ in range(3)]
        await asyncio.sleep(pick.random() * 0.003)
        for writer in writers[:2]:
            writer.cancel()
        done = await asyncio.gather(*writers, return_exceptions=True)
        assert [found for found in done if found is not None and not isinstance(found, asyncio.CancelledError)] == []
