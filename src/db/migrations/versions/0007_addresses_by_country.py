"""Addresses by the rules of their country, with longer post codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.columns import text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_CHECKS = sa.Enum("OFF", "REFUSE", name="AddressCheck", native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address_check", _CHECKS, server_default="REFUSE", nullable=False))
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.alter_column("zip_code", existing_type=text(10), type_=text(16), existing_nullable=True)


def downgrade() -> None:
    """Go back to the one before, where longer post codes are cut."""
    op.execute("UPDATE addresses SET zip_code = substr(zip_code, 1, 10)")
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.alter_column("zip_code", existing_type=text(16), type_=text(10), existing_nullable=True)
    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_channels_AddressCheck"), type_="check")
        batch_op.drop_column("address_check")
