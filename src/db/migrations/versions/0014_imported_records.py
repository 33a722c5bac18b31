"""Which records have been imported, in whatever file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.columns import text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "imported_records",
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column("kind", text(20), nullable=False),
        sa.Column("digest", text(32), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_imported_records_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", "kind", "digest", name=op.f("pk_imported_records")),
    )
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.add_column(sa.Column("known", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("unchecked", sa.BigInteger(), nullable=True))
    op.execute("UPDATE imports SET known = 0, unchecked = 0")
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.alter_column("known", existing_type=sa.BigInteger(), nullable=False)
        batch_op.alter_column("unchecked", existing_type=sa.BigInteger(), nullable=False)


def downgrade() -> None:
    """Go back to the one before."""
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.drop_column("unchecked")
        batch_op.drop_column("known")
    op.drop_table("imported_records")
