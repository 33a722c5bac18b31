"""What permissions contain stands in each role beside them."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_CONTAINED = {
    "ORDERS_READ_OWN": "'ORDERS_READ'",
    "PAYMENT_INSTRUMENTS_READ": "'PAYMENT_INSTRUMENTS_DELETE'",
    "USERS_READ": "'USERS_MANAGE', 'ACCESS_REQUESTS_APPROVE'",
}


def upgrade() -> None:
    """Go to this revision."""
    for permission, containing in _CONTAINED.items():
        op.execute(
            f"INSERT INTO role_permissions (role_id, permission) SELECT DISTINCT role_id, '{permission}'"  # noqa: S608 - our own
            f" FROM role_permissions WHERE permission IN ({containing}) AND role_id NOT IN"
            f" (SELECT role_id FROM role_permissions WHERE permission = '{permission}')"
        )


def downgrade() -> None:
    """Leave them: who holds the one may do the other anyway."""
