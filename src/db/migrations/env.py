"""The home of Alembic's environment: runs on the connection that `db.migrate` gives it."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel

from db import journal, models, search_index  # noqa: F401 - define the tables

_OWN = ("Day", "MoneyColumn", "QuantityColumn", "UtcDateTime")


def _as_text(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - Alembic's
    """Write the columns of `db.columns` by their names in there, all others as Alembic does."""
    name = type(item).__name__
    rendered = f"{name}()" if name in _OWN else None
    if kind == "type" and getattr(item, "collation", None) == "C" and not hasattr(item, "enums"):
        rendered = f"text({item.length})"
    if rendered is None:
        return False
    autogenerate.imports.add(f"from db.columns import {', '.join(_OWN)}, text")
    return rendered


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    render_item=_as_text,
    include_name=search_index.is_of_models,
)
context.run_migrations()
for index in search_index.ALL.values():
    index.restore_triggers(connection)
