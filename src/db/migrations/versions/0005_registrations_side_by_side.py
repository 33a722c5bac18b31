"""Registrations side by side, and mails of owners."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.columns import text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("place", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("network", text(45), nullable=True))
        batch_op.drop_constraint("uq_registrations_channel_id_canonical_email_address", type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_registrations_channel_id_canonical_email_address_place"),
            ["channel_id", "canonical_email_address", "place"],
        )
        batch_op.create_check_constraint("place", "place BETWEEN 1 AND 3")

    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("registration_id", text(30), nullable=True))
        batch_op.add_column(sa.Column("network", text(45), nullable=True))

    with op.batch_alter_table("throttles", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proved", sa.Boolean(), server_default=sa.false(), nullable=False))

    _end_older_sessions()


def downgrade() -> None:
    """Go back to the one before."""
    with op.batch_alter_table("throttles", schema=None) as batch_op:
        batch_op.drop_column("proved")

    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.drop_column("network")
        batch_op.drop_column("registration_id")

    # One of an address can stay: the newest, as it was.
    op.execute(
        "DELETE FROM registrations WHERE EXISTS (SELECT 1 FROM registrations AS newer "
        "WHERE newer.channel_id = registrations.channel_id "
        "AND newer.canonical_email_address = registrations.canonical_email_address AND newer.id > registrations.id)"
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_registrations_place"), type_="check")
        batch_op.drop_constraint("uq_registrations_channel_id_canonical_email_address_place", type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_registrations_channel_id_canonical_email_address"),
            ["channel_id", "canonical_email_address"],
        )
        batch_op.drop_column("network")
        batch_op.drop_column("place")


def _end_older_sessions() -> None:
    """End what the next sign-in would end: one that has to end thousands would be slow."""
    op.execute(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER "
        "(PARTITION BY user_id ORDER BY created_at DESC, id DESC) AS newness FROM sessions) AS ranked WHERE newness > 50)"
    )
