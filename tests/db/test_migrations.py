from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import SQLModel

from db.engine import backend_of
from db.migrate import migrate, pending, unmigrate
from db.postgres import postgres_writer
from db.sqlite import file_of, sqlite_writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

pytestmark = pytest.mark.anyio

# Whatever the databases themselves tell of tables, columns, constraints and indexes.
SCHEMA = {
    "sqlite": ["SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"],
    "postgresql": [
        """SELECT table_name, column_name, ordinal_position, data_type, character_maximum_length, collation_name,
        is_nullable, column_default FROM information_schema.columns WHERE table_schema = 'public'""",
        """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace""",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    ],
}


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    engine = sqlite_writer(file_of(url)) if backend_of(url) == "sqlite" else postgres_writer(url)
    async with engine.begin() as connection:
        yield connection
    await engine.dispose()


async def schema(url: str) -> list[set[tuple[object, ...]]]:
    async with connected(url) as connection:
        return [
            {_regardless_of_order(row) for row in await connection.execute(text(query)) if "alembic" not in str(row)}
            for query in SCHEMA[backend_of(url)]
        ]


def _regardless_of_order(row: Row[Any]) -> tuple[object, ...]:
    """Sort what SQLite tells as a text: the order of constraints means nothing."""
    if len(row) > 1:
        return tuple(row)
    normalised = " ".join(row[0].replace('"', "").split())
    return tuple(sorted(part.rstrip(" )") for part in normalised.split(", CONSTRAINT ")))


async def test_nothing_is_left_to_migrate(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), SQLModel.metadata))

    async with connected(database_url) as connection:
        assert await connection.run_sync(differences) == []


async def test_migrated_tables_are_those_of_the_models_to_the_letter(database_url: str) -> None:
    migrated = await schema(database_url)
    await unmigrate(database_url)
    async with connected(database_url) as connection:
        await connection.run_sync(SQLModel.metadata.create_all)

    assert await schema(database_url) == migrated
    assert "customers" in str(migrated[0])


async def test_going_back_to_the_beginning_leaves_no_table(database_url: str) -> None:
    await unmigrate(database_url)

    assert not any(await schema(database_url))


async def test_pending_revisions_are_listed_until_they_are_applied(database_url: str) -> None:
    assert await pending(database_url) == []

    await unmigrate(database_url)
    assert (await pending(database_url))[0] == "0001"

    await migrate(database_url)
    assert await pending(database_url) == []


async def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    await unmigrate(database_url)

    await asyncio.gather(*(migrate(database_url) for _ in range(3)))

    assert await pending(database_url) == []
