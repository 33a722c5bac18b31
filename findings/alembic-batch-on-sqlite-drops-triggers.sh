#!/usr/bin/env bash
# alembic 1.20.1 with SQLAlchemy 2.1.9: batch_alter_table on SQLite loses the triggers of a table without a word.
#
# In a batch that changes or drops a column, the table is made anew, filled, and put in the place of the old one. Indexes
# are made again, triggers are not: SQLite drops them with the old table. An index of full-text search that triggers keep
# up to date then misses every row that comes, and nothing fails. A batch that adds columns alone alters the table and
# keeps them, so that one migration shows nothing and the next one does; so does op.drop_column outside of a batch.
#
# Seen:
#   before: index=ix_words_text, trigger=words_insert
#   add_column in a batch: index=ix_words_text, trigger=words_insert
#   drop_column in a batch: index=ix_words_text
#   drop_column: index=ix_words_text, trigger=words_insert
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check alembic==1.20.1 sqlalchemy==2.1.9
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations


def seen(name, change):
    with sa.create_engine("sqlite://").connect() as connection:
        connection.exec_driver_sql("CREATE TABLE words (id INTEGER PRIMARY KEY, text TEXT, rest TEXT)")
        connection.exec_driver_sql("CREATE TABLE log (id INTEGER)")
        connection.exec_driver_sql("CREATE INDEX ix_words_text ON words (text)")
        connection.exec_driver_sql(
            "CREATE TRIGGER words_insert AFTER INSERT ON words BEGIN INSERT INTO log VALUES (new.id); END"
        )
        change(Operations(MigrationContext.configure(connection)))
        left = connection.exec_driver_sql(
            "SELECT type || '=' || name FROM sqlite_master WHERE type IN ('index', 'trigger') ORDER BY type"
        )
        print(f"{name}: {', '.join(left.scalars())}")


def in_a_batch(change):
    def changed(op):
        with op.batch_alter_table("words") as batch:
            change(batch)

    return changed


seen("before", lambda op: None)
seen("add_column in a batch", in_a_batch(lambda batch: batch.add_column(sa.Column("more", sa.Text))))
seen("drop_column in a batch", in_a_batch(lambda batch: batch.drop_column("rest")))
seen("drop_column", lambda op: op.drop_column("words", "rest"))
PYTHON
cat "$folder/seen"
diff "$folder/seen" - <<'EXPECTED'
before: index=ix_words_text, trigger=words_insert
add_column in a batch: index=ix_words_text, trigger=words_insert
drop_column in a batch: index=ix_words_text
drop_column: index=ix_words_text, trigger=words_insert
EXPECTED
