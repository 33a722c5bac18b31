"""Customers in their order, and an index of what they are found by."""

from __future__ import annotations

from alembic import op

from db import search_index

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_customers_channel_id_created_at_id"), ["channel_id", "created_at", "id"], unique=False
        )
    search_index.CUSTOMERS.make(op.get_bind())


def downgrade() -> None:
    """Go back to the one before."""
    search_index.CUSTOMERS.drop(op.get_bind())
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customers_channel_id_created_at_id"))
