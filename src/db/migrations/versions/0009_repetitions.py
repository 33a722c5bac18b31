"""What was done under which idempotency key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.columns import UtcDateTime, text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "repetitions",
        sa.Column("key_hmac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column("body_hmac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_repetitions_channel_id")),
        sa.PrimaryKeyConstraint("key_hmac", name=op.f("pk_repetitions")),
    )
    op.create_index(op.f("ix_repetitions_done_at"), "repetitions", ["done_at"])


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_table("repetitions")
