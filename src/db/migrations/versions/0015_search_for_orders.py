"""A shop's orders in their order, and an index of what they are found by."""

from __future__ import annotations

from alembic import op

from db import search_index

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_INDEX = "ix_orders_channel_id_order_date_id"


def upgrade() -> None:
    """Go to this revision."""
    op.create_index(_INDEX, "orders", ["channel_id", "order_date", "id"])
    search_index.ORDERS.make(op.get_bind())


def downgrade() -> None:
    """Go back to the one before."""
    search_index.ORDERS.drop(op.get_bind())
    op.drop_index(_INDEX, "orders")
