"""Which record of a file a row came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.columns import text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TABLES = ("customers", "users", "addresses", "orders")


def upgrade() -> None:
    """Go to this revision."""
    for table in _TABLES:
        op.add_column(table, sa.Column("imported_as", text(32), nullable=True))
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
    for table in _TABLES:
        # Not in a batch: a table that is made anew loses its triggers, and customers are found by them.
        op.drop_column(table, "imported_as")
