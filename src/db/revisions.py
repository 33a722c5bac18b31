"""The home of revisions: which of them a database has, and which this version needs. Starts fast: without Alembic."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from db.engine import open_database

if TYPE_CHECKING:
    from db.engine import Database

_TABLE = {
    "sqlite": "(SELECT name FROM sqlite_master WHERE name = 'alembic_version')",
    "postgresql": "to_regclass('alembic_version')",
}


class NewerDatabaseError(Exception):
    """A newer version of the gateway has migrated the database."""


class FormerDatabaseError(Exception):
    """The database is of a version from which no migration leads to this one."""


async def pending(url: str) -> list[str]:
    """Return the revisions that the database at *url* lacks, oldest first; wait for no migration that is running.

    Raises `NewerDatabaseError` or `FormerDatabaseError`.
    """
    database = await open_database(url)
    try:
        return after(await current(database))
    finally:
        await database.close()


def known() -> list[str]:
    """Return all revisions, oldest first: the numbers that the names of their files begin with."""
    versions = files("db") / "migrations" / "versions"
    return sorted(file.name.partition("_")[0] for file in versions.iterdir() if file.name[0].isdigit())


def after(current: str | None) -> list[str]:
    """Return the revisions after *current*, oldest first; all of them if it is None. Raises as `pending` does."""
    revisions = known()
    if current is None:
        return revisions
    if current not in revisions:
        raise FormerDatabaseError if current < revisions[0] else NewerDatabaseError
    return revisions[revisions.index(current) + 1 :]


async def current(database: Database) -> str | None:
    """Return the revision of *database*; None if it has none."""
    [migrated] = await database.read(f"SELECT {_TABLE[database.dialect.name]} IS NOT NULL", ())
    if not migrated:
        return None
    [revision] = await database.read("SELECT max(version_num) FROM alembic_version", ())
    return None if revision is None else str(revision)
