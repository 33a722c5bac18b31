"""Mails whose outcome is unknown, the more urgent first, as many as a channel may send."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from db.columns import UtcDateTime, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_QUEUED = sa.text("state = 'QUEUED'")
_INDEXED = (["channel_id", "due_at"], ["channel_id", "urgency", "due_at"])
_STATES = ("QUEUED", "SENT", "DROPPED", "GIVEN_UP")


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("mails", schema=None) as batch_op:
        _take(batch_op, (*_STATES, "UNKNOWN"))
        batch_op.drop_index(batch_op.f("ix_mails_due_at"))
        batch_op.add_column(sa.Column("urgency", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("doubts", sa.Integer(), server_default="0", nullable=False))
    # What nobody waits for; all else keeps to the order of time.
    op.execute("UPDATE mails SET urgency = 3 WHERE confirmation_base_url IS NULL")
    with op.batch_alter_table("mails", schema=None) as batch_op:
        for columns in _INDEXED:
            batch_op.create_index(
                batch_op.f(f"ix_mails_{'_'.join(columns)}"),
                columns,
                unique=False,
                sqlite_where=_QUEUED,
                postgresql_where=_QUEUED,
            )
    op.create_table(
        "mail_allowances",
        sa.Column("channel_id", text(30), nullable=False),
        sa.Column("used_until", UtcDateTime(), nullable=False),
        sa.Column("alarm_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_mail_allowances_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_mail_allowances")),
    )


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_table("mail_allowances")
    op.execute("UPDATE mails SET state = 'GIVEN_UP' WHERE state = 'UNKNOWN'")
    with op.batch_alter_table("mails", schema=None) as batch_op:
        _take(batch_op, _STATES)
        for columns in _INDEXED:
            batch_op.drop_index(batch_op.f(f"ix_mails_{'_'.join(columns)}"))
        batch_op.drop_column("doubts")
        batch_op.drop_column("urgency")
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mails_due_at"), ["due_at"], unique=False, sqlite_where=_QUEUED, postgresql_where=_QUEUED
        )


def _take(batch_op: BatchOperations, states: tuple[str, ...]) -> None:
    """Have the database take *states* of mails, and no others."""
    listed = ", ".join(f"'{state}'" for state in states)
    batch_op.drop_constraint(batch_op.f("ck_mails_MailState"), type_="check")
    batch_op.create_check_constraint(batch_op.f("ck_mails_MailState"), sa.text(f"state IN ({listed})"))
