from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlmodel import SQLModel

import db.journal  # noqa: F401 - defines its table
from db import search_index
from db.engine import backend_of, open_database
from db.migrate import migrate, unmigrate
from db.postgres import postgres_migrator, postgres_writer, take_turn
from db.revisions import FormerDatabaseError, NewerDatabaseError, known, pending
from db.sqlite import file_of, sqlite_writer
from resolvers.channels.service import channels
from tests.conftest import FreshDatabase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 14, tzinfo=UTC)

# Whatever the databases themselves tell of tables, columns, constraints and indexes.
SCHEMA = {
    "sqlite": ["SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"],
    "postgresql": [
        # A column that was dropped leaves its number.
        """SELECT table_name, column_name, rank() OVER (PARTITION BY table_name ORDER BY ordinal_position), data_type,
        character_maximum_length, collation_name, is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = 'public'""",
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


async def landing_pages(url: str) -> dict[str, dict[str, list[str]]]:
    database = await open_database(url)
    async with database.unit_of_work() as session:
        found = {channel.code: channel.landing_pages for channel in await channels(session)}
    await database.close()
    return found


async def test_nothing_is_left_to_migrate(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {"include_name": search_index.is_of_models}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata))

    async with connected(database_url) as connection:
        assert await connection.run_sync(differences) == []


async def test_migrated_tables_are_those_of_the_models_to_the_letter(database_url: str) -> None:
    migrated = await schema(database_url)
    await unmigrate(database_url)
    async with connected(database_url) as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
        for index in search_index.ALL.values():
            await connection.run_sync(index.make)

    assert await schema(database_url) == migrated
    assert "customers" in str(migrated[0])


async def test_going_back_to_the_beginning_leaves_no_table(database_url: str) -> None:
    await unmigrate(database_url)

    assert not any(await schema(database_url))


async def test_pending_revisions_are_listed_until_they_are_applied(database_url: str) -> None:
    assert await pending(database_url) == []

    await unmigrate(database_url)
    assert (await pending(database_url))[0] == known()[0]

    await migrate(database_url)
    assert await pending(database_url) == []


async def test_processes_that_start_together_migrate_once(database_url: str) -> None:
    await unmigrate(database_url)

    await asyncio.gather(*(migrate(database_url) for _ in range(3)))

    assert await pending(database_url) == []


async def test_looking_for_pending_revisions_waits_for_nobody(database_url: str) -> None:
    async with connected(database_url) as connection:
        await take_turn(connection, b"gateway")
        await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
        async with asyncio.timeout(60):
            assert await pending(database_url) == []


@pytest.mark.parametrize(("revision", "told"), [("9999", NewerDatabaseError), ("0015", FormerDatabaseError)])
async def test_a_database_that_is_newer_or_that_nothing_leads_from_is_told(
    database_url: str, revision: str, told: type[Exception]
) -> None:
    async with connected(database_url) as connection:
        await connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))

    for look in (pending, migrate):
        with pytest.raises(told):
            await look(database_url)


def test_revisions_are_known_by_the_names_of_their_files() -> None:
    config = Config()
    config.set_main_option("script_location", "db:migrations")
    config.set_main_option("path_separator", "os")

    assert known() == [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def test_looking_for_pending_revisions_does_not_load_alembic() -> None:
    """It takes longer to import than all else that a start does for the database."""
    look = "import sys, gateway.operator.database; sys.exit('alembic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0  # noqa: S603 - our own


async def test_migrating_waits_without_end(fresh_database: FreshDatabase) -> None:
    """Whatever the limits of the database's own are; what a client would give up, asyncpg keeps in its settings."""
    with fresh_database("postgresql") as url:
        async with connected(url) as connection:
            name = (await connection.execute(text("SELECT current_database()"))).scalar_one()
            await connection.execute(text(f"ALTER DATABASE {name} SET statement_timeout = '1s'"))
        engine = postgres_migrator(url)
        async with engine.connect() as connection:
            for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                assert (await connection.execute(text(f"SHOW {limit}"))).scalar_one() == "0"
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            assert driver._config.command_timeout is None  # noqa: SLF001 - to wait for it would take 12 seconds
        await engine.dispose()
