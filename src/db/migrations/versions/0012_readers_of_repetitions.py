"""Whose keys are counted, and as whom is read what is asked for again; addresses that were kept are forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.columns import text

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.execute("DELETE FROM repetitions")
    with op.batch_alter_table("repetitions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("caller_id", text(30), nullable=True))
        batch_op.add_column(sa.Column("reads_as", text(30), nullable=True))
        batch_op.create_index(batch_op.f("ix_repetitions_caller_id_done_at"), ["caller_id", "done_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_repetitions_reads_as"), ["reads_as"], unique=False)


def downgrade() -> None:
    """Go back to the one before."""
    with op.batch_alter_table("repetitions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_repetitions_reads_as"))
        batch_op.drop_index(batch_op.f("ix_repetitions_caller_id_done_at"))
        batch_op.drop_column("reads_as")
        batch_op.drop_column("caller_id")
