"""The home of who calls: the caller is a CTE of the statement, found by the hash of the token.

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
from db.columns import UtcDateTime
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

_session = (
    select(_Session.id, _Session.user_id)
    .where(
        _Session.token_sha256 == of_caller("token_sha256", sa.LargeBinary()),
        _Session.channel_id == channel_id,
        _Session.expires_at > now,
    )
    .cte("viewer_session")
)
_user = (
    select(_User.id, _User.customer_id)
    .where(
        _User.id == sa.func.coalesce(of_caller("user_id", sa.Text()), sa.select(_session.c.user_id).scalar_subquery()),
        _User.channel_id == channel_id,
        col(_User.enabled),
    )
    .cte("viewer")
)


def _column(table: sa.CTE, name: str) -> sa.ColumnElement[str]:
    return sa.select(table.c[name]).correlate(None).scalar_subquery()


user_id = _column(_user, "id")
customer_id = _column(_user, "customer_id")
session_id = _column(_session, "id")

_permissions = (
    select(_Granted.permission)
    .join(_Held, col(_Held.role_id) == _Granted.role_id)
    .where(_Held.user_id == user_id)
    .distinct()
    .cte("viewer_permissions")
)


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
