"""The home of who calls: the caller is a table expression of the statement, found by the hash of the token.

Reading it costs no statement of its own, and a plan does not depend on who calls.

Every name here is SQL, for bodies and predicates at any depth: a statement reads everything from the caller's tables.
For an anonymous caller the ids are NULL and `may` is false.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from db import models
from db.columns import UtcDateTime, rank
from db.enums import Permission
from resolvers.planner.arguments import bind, of_caller

MARKED_EVERY = timedelta(hours=1)
"""How exactly it is known when a session was last used: a read shall not wait for a write."""

channel_id = of_caller(lambda caller: caller.channel_id, sa.Text())
now = of_caller(lambda caller: caller.now, UtcDateTime())
today = bind(datetime.date, now, type_=sa.Date())

# Aliases, so that they are not taken for the table that a plan enters.
_Session = aliased(models.Session, name="viewer_sessions")
_User = aliased(models.User, name="viewer_users")
_Granted = aliased(models.RolePermission, name="viewer_granted")
_Held = aliased(models.UserRole, name="viewer_held")


def _column(name: str) -> sa.ColumnElement[str]:
    # Text for SQLAlchemy: what a body reads is compiled on its own, and the table stands once, around everything.
    return sa.literal_column(f"viewer.{name}", sa.Text())


def _is_granted(permission: Permission) -> sa.ColumnElement[bool]:
    found = sa.case((col(_Granted.permission) == sa.literal_column(f"'{permission}'"), sa.literal_column("1")))
    return (sa.func.count(found) > sa.literal_column("0")).label(permission.lower())


user_id = _column("id")
customer_id = _column("customer_id")
session_id = _column("session_id")
unmarked_session_id = _column("unmarked_id")
"""The session, if its use has not been marked for an hour; the gateway does so once it has answered."""

ASKS: tuple[sa.ColumnElement[Any], ...] = (user_id, unmarked_session_id)
"""What the statement of each root field answers beside the field."""

_request = sa.select(sa.literal_column("1").label("one")).subquery("request")
_is_session = sa.and_(
    col(_Session.token_sha256) == of_caller(lambda caller: caller.token_sha256, sa.LargeBinary()),
    col(_Session.channel_id) == channel_id,
    col(_Session.expires_at) > now,
)
_is_user = sa.and_(
    col(_User.id) == sa.func.coalesce(of_caller(lambda caller: caller.user_id, sa.Text()), col(_Session.user_id)),
    col(_User.channel_id) == channel_id,
    col(_User.enabled),
)

_marked_before = bind(lambda now: now - MARKED_EVERY, now, type_=UtcDateTime())
_unmarked = sa.case(
    (sa.and_(col(_Session.last_used_at) <= _marked_before, col(_User.id).is_not(None)), col(_Session.id))
)

TABLES: dict[str, Any] = {
    "viewer": sa.select(
        col(_User.id), col(_User.customer_id), col(_Session.id).label("session_id"), _unmarked.label("unmarked_id")
    ).select_from(_request.outerjoin(_Session, _is_session).outerjoin(_User, _is_user)),
    "viewer_permissions": sa.select(*map(_is_granted, Permission))
    .select_from(_Granted)
    .join(_Held, col(_Held.role_id) == _Granted.role_id)
    .where(col(_Held.user_id) == sa.select(user_id).select_from(sa.table("viewer")).scalar_subquery()),
}
"""The tables that the caller is found in, of exactly one row, each after those that it reads."""


def may(permission: Permission) -> sa.ColumnElement[bool]:
    """Tell whether one of the caller's roles grants *permission*."""
    return sa.literal_column(f"viewer_permissions.{permission.lower()}", sa.Boolean())


def permissions() -> SelectOfScalar[Permission]:
    """Return a select of the caller's permissions, in the order of the enum."""
    permission = col(_Granted.permission)
    granted = select(permission).join(_Held, col(_Held.role_id) == _Granted.role_id).where(_Held.user_id == user_id)
    return granted.group_by(permission).order_by(rank(permission, Permission))
