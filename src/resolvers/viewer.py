"""The home of who calls: the caller is a table expression of the statement, found by the hash of the token.

Reading it costs no statement of its own, and a plan does not depend on who calls.

Every name here is SQL. For an anonymous caller the ids are NULL and `may` is false.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from db import models
from db.columns import UtcDateTime, enum
from db.enums import Permission
from resolvers.planner.arguments import bind, of_caller

channel_id = of_caller("channel_id", sa.Text())
now = of_caller("now", UtcDateTime())
today = bind(datetime.date, now, type_=sa.Date())

# Aliases, so that they are not taken for the table that a plan enters.
_Session = aliased(models.Session, name="viewer_sessions")
_User = aliased(models.User, name="viewer_users")
_Granted = aliased(models.RolePermission, name="viewer_granted")
_Held = aliased(models.UserRole, name="viewer_held")

# Named only: what a body reads is compiled on its own, and the expressions stand once, before the whole statement.
_session = sa.table("viewer_session", sa.column("id", sa.Text()), sa.column("user_id", sa.Text()))
_user = sa.table("viewer", sa.column("id", sa.Text()), sa.column("customer_id", sa.Text()))
_permissions = sa.table("viewer_permissions", sa.column("permission", enum(Permission)))


def _column(table: sa.TableClause, name: str) -> sa.ColumnElement[str]:
    return sa.select(table.c[name]).correlate(None).scalar_subquery()


user_id = _column(_user, "id")
customer_id = _column(_user, "customer_id")
session_id = _column(_session, "id")

TABLES = {
    "viewer_session": select(_Session.id, _Session.user_id).where(
        _Session.token_sha256 == of_caller("token_sha256", sa.LargeBinary()),
        _Session.channel_id == channel_id,
        _Session.expires_at > now,
    ),
    "viewer": select(_User.id, _User.customer_id).where(
        _User.id == sa.func.coalesce(of_caller("user_id", sa.Text()), _column(_session, "user_id")),
        _User.channel_id == channel_id,
        col(_User.enabled),
    ),
    "viewer_permissions": select(_Granted.permission)
    .join(_Held, col(_Held.role_id) == _Granted.role_id)
    .where(_Held.user_id == user_id)
    .distinct(),
}
"""The table expressions that find the caller, each after those that it reads."""


def may(permission: Permission) -> sa.ColumnElement[bool]:
    """Tell whether one of the caller's roles grants *permission*."""
    granted = select(sa.literal_column("1", sa.Integer())).where(
        _permissions.c.permission == sa.literal_column(f"'{permission}'")
    )
    return sa.exists(granted.correlate(None))


def permissions() -> SelectOfScalar[Permission]:
    """Return a select of the caller's permissions, in the order of the enum."""
    return select(_permissions.c.permission).order_by(rank(_permissions.c.permission, Permission))


def rank(column: Any, members: type[StrEnum]) -> sa.ColumnElement[int]:  # noqa: ANN401 - a column of the enum
    """Return the position in the enum *members* of the member that *column* holds."""
    return sa.case(
        {
            sa.literal_column(f"'{member}'"): sa.literal_column(str(at), sa.Integer())
            for at, member in enumerate(members)
        },
        value=column,
    )
