"""Landing pages."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PURPOSES = ("CONFIRM", "RESET", "CHANGE_ADDRESS", "INVITATION", "ACCESS_REQUEST", "SIGN_IN")
_CHANNELS = sa.table(
    "channels", sa.column("id", sa.Text), sa.column("link_origins", sa.JSON), sa.column("landing_pages", sa.JSON)
)


def upgrade() -> None:
    """Go to this revision: mails go on leading to every page of the origins that are listed."""
    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.add_column(sa.Column("landing_pages", sa.JSON(), server_default="{}", nullable=False))

    for channel_id, origins in _read(_CHANNELS.c.link_origins):
        pages = [f"{origin}/" for origin in origins]
        _write(channel_id, landing_pages=dict.fromkeys(_PURPOSES, pages) if pages else {})

    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.drop_column("link_origins")


def downgrade() -> None:
    """Go back to the one before, for which a page stands for its whole origin."""
    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.add_column(sa.Column("link_origins", sa.JSON(), server_default="[]", nullable=False))

    for channel_id, landing_pages in _read(_CHANNELS.c.landing_pages):
        origins = [page[: page.index("/", len("https://"))] for pages in landing_pages.values() for page in pages]
        # There is no such thing there as any port.
        _write(channel_id, link_origins=[each for each in dict.fromkeys(origins) if not each.endswith(":*")])

    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.drop_column("landing_pages")


def _read(column: sa.ColumnClause[Any]) -> list[tuple[str, Any]]:
    return [(row[0], row[1]) for row in op.get_bind().execute(sa.select(_CHANNELS.c.id, column))]


def _write(channel_id: str, **columns: object) -> None:
    op.get_bind().execute(sa.update(_CHANNELS).where(_CHANNELS.c.id == channel_id).values(**columns))
