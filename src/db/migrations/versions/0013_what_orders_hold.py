"""Quantities with three decimals, shipments, documents, and when an order was recorded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.columns import Day, QuantityColumn, UtcDateTime, text

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("order_items", schema=None) as batch_op:
        batch_op.alter_column("quantity", existing_type=sa.Integer(), type_=QuantityColumn(), existing_nullable=False)
    op.execute("UPDATE order_items SET quantity = quantity * 1000")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("updated_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE orders SET updated_at = order_date")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.alter_column("updated_at", existing_type=UtcDateTime(), nullable=False)
    _create_parts()


def _create_parts() -> None:
    op.create_table(
        "order_shipments",
        sa.Column("order_id", text(30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("carrier", text(100), nullable=False),
        sa.Column("tracking_number", text(100), nullable=True),
        sa.Column("tracking_url", text(2000), nullable=True),
        sa.Column("shipped_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_shipments_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_order_shipments")),
    )
    op.create_table(
        "order_documents",
        sa.Column("order_id", text(30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "INVOICE",
                "CREDIT_NOTE",
                "DELIVERY_NOTE",
                "RECEIPT",
                "OTHER",
                name="OrderDocumentKind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", text(200), nullable=False),
        sa.Column("url", text(2000), nullable=False),
        sa.Column("issued_on", Day(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_documents_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_order_documents")),
    )


def downgrade() -> None:
    """Go back to the one before; of a quantity with decimals the whole part stays."""
    op.drop_table("order_documents")
    op.drop_table("order_shipments")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_column("updated_at")
    op.execute("UPDATE order_items SET quantity = quantity / 1000")
    with op.batch_alter_table("order_items", schema=None) as batch_op:
        batch_op.alter_column("quantity", existing_type=QuantityColumn(), type_=sa.Integer(), existing_nullable=False)
