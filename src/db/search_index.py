"""The home of the index that finds customers by parts of their search text: three letters at a time, on each database.

SQLite has it as a table of FTS5, which triggers keep in step; PostgreSQL as an index of `pg_trgm`, where the database
has that or may make it. It holds nothing that is not in `customers`: a revision that changes it makes it anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from sqlalchemy import Connection

INDEX = "ix_customers_search_text"
"""PostgreSQL's."""
TRIGRAMS, NUMBERS = "customers_search", "customers_numbered"
"""SQLite's tables. FTS5 knows a row by its number, and rows of a table without a key of numbers may get others."""

# Of a text FTS5 keeps which three letters it has, not where: half the bytes, and what it finds is looked at anyway.
_TABLES = """
CREATE TABLE customers_numbered (number INTEGER PRIMARY KEY, customer_id TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE customers_search
    USING fts5(search_text, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1');
INSERT INTO customers_numbered (customer_id) SELECT id FROM customers ORDER BY id;
INSERT INTO customers_search (rowid, search_text)
    SELECT number, search_text FROM customers_numbered JOIN customers ON id = customer_id
"""
_TRIGGERS = (
    """
    CREATE TRIGGER IF NOT EXISTS customers_search_insert AFTER INSERT ON customers BEGIN
        INSERT INTO customers_numbered (customer_id) VALUES (new.id);
        INSERT INTO customers_search (rowid, search_text)
            SELECT number, new.search_text FROM customers_numbered WHERE customer_id = new.id;
    END""",
    """
    CREATE TRIGGER IF NOT EXISTS customers_search_update AFTER UPDATE OF search_text ON customers
    WHEN old.search_text <> new.search_text BEGIN
        INSERT INTO customers_search (customers_search, rowid, search_text)
            SELECT 'delete', number, old.search_text FROM customers_numbered WHERE customer_id = old.id;
        INSERT INTO customers_search (rowid, search_text)
            SELECT number, new.search_text FROM customers_numbered WHERE customer_id = new.id;
    END""",
    """
    CREATE TRIGGER IF NOT EXISTS customers_search_delete AFTER DELETE ON customers BEGIN
        INSERT INTO customers_search (customers_search, rowid, search_text)
            SELECT 'delete', number, old.search_text FROM customers_numbered WHERE customer_id = old.id;
        DELETE FROM customers_numbered WHERE customer_id = old.id;
    END""",
)
_WHERE_TRIGRAMS_ARE = (
    "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace "
    "WHERE extname = 'pg_trgm'"
)
_MAY_NOT = {"42501", "0A000", "58P01", "42704"}
"""What PostgreSQL answers to who may not make the extension or use its schema, and where the server has no such one."""


def make(connection: Connection) -> None:
    """Make the index, of the customers who are there; on PostgreSQL only where the extension is or may be made."""
    if connection.dialect.name == "sqlite":
        for statement in (*_TABLES.split(";"), *_TRIGGERS):
            connection.exec_driver_sql(statement)
        return
    try:
        with connection.begin_nested():
            _make_of_extension(connection)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _MAY_NOT:
            raise


def _make_of_extension(connection: Connection) -> None:
    schema = connection.exec_driver_sql(_WHERE_TRIGRAMS_ARE).scalar()
    if schema is None:
        connection.exec_driver_sql("CREATE EXTENSION pg_trgm")
        schema = connection.exec_driver_sql(_WHERE_TRIGRAMS_ARE).scalar_one()
    # The extension may be in a schema that is not searched.
    connection.exec_driver_sql(f"CREATE INDEX {INDEX} ON customers USING gin (search_text {schema}.gin_trgm_ops)")


def drop(connection: Connection) -> None:
    """Drop the index; the extension stays, which others may use."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"DROP INDEX IF EXISTS {INDEX}")
        return
    for event in ("insert", "update", "delete"):
        connection.exec_driver_sql(f"DROP TRIGGER {TRIGRAMS}_{event}")
    connection.exec_driver_sql(f"DROP TABLE {TRIGRAMS}")
    connection.exec_driver_sql(f"DROP TABLE {NUMBERS}")


def restore_triggers(connection: Connection) -> None:
    """Make those triggers again that have gone with a table: to alter one of SQLite, Alembic replaces it."""
    if connection.dialect.name == "sqlite" and sa.inspect(connection).has_table(NUMBERS):
        for trigger in _TRIGGERS:
            connection.exec_driver_sql(trigger)


def is_of_models(name: str | None, kind: str, _parents: object) -> bool:
    """Tell Alembic whether the models should know a table or index of this *name*: they don't know this index."""
    if kind == "table":
        return name != NUMBERS and not str(name).startswith(TRIGRAMS)
    return name != INDEX
