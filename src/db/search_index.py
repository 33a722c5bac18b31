"""The home of the indexes that find rows by parts of their search text: three letters at a time, on each database.

SQLite has one as a table of FTS5, which triggers keep in step; PostgreSQL as an index of `pg_trgm`, where the database
has that or may make it. It holds nothing that is not in its table: a revision that changes it makes it anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Of a text FTS5 keeps which three letters it has, not where: half the bytes, and what it finds is looked at anyway.
_TABLES = """
CREATE TABLE {numbers} (number INTEGER PRIMARY KEY, {key} TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE {trigrams}
    USING fts5(search_text, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1');
INSERT INTO {numbers} ({key}) SELECT id FROM {table} ORDER BY id;
INSERT INTO {trigrams} (rowid, search_text)
    SELECT number, search_text FROM {numbers} JOIN {table} ON id = {key}
"""
_TRIGGERS = (
    """
    CREATE TRIGGER IF NOT EXISTS {trigrams}_insert AFTER INSERT ON {table} BEGIN
        INSERT INTO {numbers} ({key}) VALUES (new.id);
        INSERT INTO {trigrams} (rowid, search_text)
            SELECT number, new.search_text FROM {numbers} WHERE {key} = new.id;
    END""",
    """
    CREATE TRIGGER IF NOT EXISTS {trigrams}_update AFTER UPDATE OF search_text ON {table}
    WHEN old.search_text <> new.search_text BEGIN
        INSERT INTO {trigrams} ({trigrams}, rowid, search_text)
            SELECT 'delete', number, old.search_text FROM {numbers} WHERE {key} = old.id;
        INSERT INTO {trigrams} (rowid, search_text)
            SELECT number, new.search_text FROM {numbers} WHERE {key} = new.id;
    END""",
    """
    CREATE TRIGGER IF NOT EXISTS {trigrams}_delete AFTER DELETE ON {table} BEGIN
        INSERT INTO {trigrams} ({trigrams}, rowid, search_text)
            SELECT 'delete', number, old.search_text FROM {numbers} WHERE {key} = old.id;
        DELETE FROM {numbers} WHERE {key} = old.id;
    END""",
)
_WHERE_TRIGRAMS_ARE = (
    "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace "
    "WHERE extname = 'pg_trgm'"
)
_MAY_NOT = {"42501", "0A000", "58P01", "42704"}
"""What PostgreSQL answers to who may not make the extension or use its schema, and where the server has no such one."""


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The index of one *table*; *key* is what the tables of SQLite call the id of a row of it."""

    table: str
    key: str

    @property
    def name(self) -> str:
        """PostgreSQL's index."""
        return f"ix_{self.table}_search_text"

    @property
    def trigrams(self) -> str:
        """SQLite's table of FTS5."""
        return f"{self.table}_search"

    @property
    def numbers(self) -> str:
        """SQLite's numbers of the rows: FTS5 knows a row by one, and without a key of numbers it may get another."""
        return f"{self.table}_numbered"

    def make(self, connection: Connection) -> None:
        """Make the index, of the rows that are there; on PostgreSQL only where the extension is or may be made."""
        if connection.dialect.name == "sqlite":
            for statement in (*_TABLES.split(";"), *_TRIGGERS):
                connection.exec_driver_sql(self._named(statement))
            return
        try:
            with connection.begin_nested():
                self._make_of_extension(connection)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _MAY_NOT:
                raise

    def _named(self, statement: str) -> str:
        return statement.format(table=self.table, key=self.key, trigrams=self.trigrams, numbers=self.numbers)

    def _make_of_extension(self, connection: Connection) -> None:
        schema = connection.exec_driver_sql(_WHERE_TRIGRAMS_ARE).scalar()
        if schema is None:
            connection.exec_driver_sql("CREATE EXTENSION pg_trgm")
            schema = connection.exec_driver_sql(_WHERE_TRIGRAMS_ARE).scalar_one()
        # The extension may be in a schema that is not searched.
        connection.exec_driver_sql(
            f"CREATE INDEX {self.name} ON {self.table} USING gin (search_text {schema}.gin_trgm_ops)"
        )

    def drop(self, connection: Connection) -> None:
        """Drop the index; the extension stays, which others may use."""
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"DROP INDEX IF EXISTS {self.name}")
            return
        for event in ("insert", "update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER {self.trigrams}_{event}")
        connection.exec_driver_sql(f"DROP TABLE {self.trigrams}")
        connection.exec_driver_sql(f"DROP TABLE {self.numbers}")

    def restore_triggers(self, connection: Connection) -> None:
        """Make those triggers again that have gone with the table: to alter one of SQLite, Alembic replaces it."""
        if connection.dialect.name == "sqlite" and sa.inspect(connection).has_table(self.numbers):
            for trigger in _TRIGGERS:
                connection.exec_driver_sql(self._named(trigger))


CUSTOMERS: Final = SearchIndex("customers", "customer_id")
ORDERS: Final = SearchIndex("orders", "order_id")
ALL: Final = {index.table: index for index in (CUSTOMERS, ORDERS)}
"""By the names of their tables."""


def is_of_models(name: str | None, kind: str, _parents: object) -> bool:
    """Tell Alembic whether the models should know a table or index of this *name*: they don't know these indexes."""
    if kind == "table":
        return not any(name == index.numbers or str(name).startswith(index.trigrams) for index in ALL.values())
    return all(name != index.name for index in ALL.values())
