"""Admins, their sessions, and API keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.columns import UtcDateTime, text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "admins",
        sa.Column("id", text(30), nullable=False),
        sa.Column("username", text(254), nullable=False),
        sa.Column("canonical_username", text(254), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("password_hash", text(200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_authenticated_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admins")),
        sa.UniqueConstraint("canonical_username", name=op.f("uq_admins_canonical_username")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", text(30), nullable=False),
        sa.Column("name", text(100), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("key_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_sha256", name=op.f("uq_api_keys_key_sha256")),
    )
    op.create_table(
        "admin_channels",
        sa.Column("admin_id", text(30), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_admin_channels_admin_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_admin_channels_channel_id")),
        sa.PrimaryKeyConstraint("admin_id", "channel_id", name=op.f("pk_admin_channels")),
    )
    op.create_table(
        "admin_sessions",
        sa.Column("id", text(30), nullable=False),
        sa.Column("admin_id", text(30), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("user_agent", text(200), nullable=True),
        sa.Column("ip_address", text(45), nullable=True),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_admin_sessions_admin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_sessions")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_admin_sessions_token_sha256")),
    )
    with op.batch_alter_table("admin_sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_admin_sessions_admin_id_created_at_id"), ["admin_id", "created_at", "id"], unique=False
        )

    op.create_table(
        "api_key_channels",
        sa.Column("api_key_id", text(30), nullable=False),
        sa.Column("channel_id", text(30), nullable=False),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_keys.id"], name=op.f("fk_api_key_channels_api_key_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_api_key_channels_channel_id")),
        sa.PrimaryKeyConstraint("api_key_id", "channel_id", name=op.f("pk_api_key_channels")),
    )


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_table("api_key_channels")
    with op.batch_alter_table("admin_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admin_sessions_admin_id_created_at_id"))

    op.drop_table("admin_sessions")
    op.drop_table("admin_channels")
    op.drop_table("api_keys")
    op.drop_table("admins")
