"""The home of who calls: the caller is a row of the statement, found by the hash of a token or of an API key.

Reading it costs no statement of its own, and a plan does not depend on who calls.

Every name here is SQL, for bodies and predicates at any depth: a statement reads everything from the caller's tables.
A caller is a user, or one of the *staff*: an admin or an API key. For who is not, the ids are NULL, and `may` or `has`
is false.
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
from db.enums import AdminScope, Permission
from resolvers.planner.arguments import Audience, bind, of_caller
from resolvers.planner.guard import CallerTable
from resolvers.rules.rights import granting

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
_AdminSession = aliased(models.AdminSession, name="staff_sessions")
_Admin = aliased(models.Admin, name="staff_admins")
_Looked = aliased(models.AdminChannel, name="staff_looked_after")
_ApiKey = aliased(models.ApiKey, name="staff_keys")
_Opened = aliased(models.ApiKeyChannel, name="staff_opened")


def _column(name: str, table: str = "viewer") -> sa.ColumnElement[str]:
    # Text for SQLAlchemy: what a body reads is compiled on its own, and the table stands once, around everything.
    return sa.literal_column(f"{table}.{name}", sa.Text())


def _is_granted(permission: Permission) -> sa.ColumnElement[bool]:
    found = sa.case((col(_Granted.permission) == sa.literal_column(f"'{permission}'"), sa.literal_column("1")))
    return (sa.func.count(found) > sa.literal_column("0")).label(permission.lower())


user_id = _column("id")
account_id = _column("account_id")
customer_id = _column("customer_id")
session_id = _column("session_id")
admin_id = _column("admin_id", "staff")
api_key_id = _column("api_key_id", "staff")
admin_session_id = _column("session_id", "staff")

caller_id = sa.func.coalesce(user_id, admin_id, api_key_id, type_=sa.Text())
"""Of whoever calls."""
_unmarked_session_id = sa.func.coalesce(_column("unmarked_id"), _column("unmarked_id", "staff"), type_=sa.Text())
"""The session, if its use has not been marked for an hour; the gateway does so once it has answered."""

ASKS: tuple[sa.ColumnElement[Any], ...] = (caller_id, _unmarked_session_id)
"""What the statement of each root field answers beside the field."""

_reads_as = of_caller(lambda caller: caller.reads_as, sa.Text())
_staff_sha256 = of_caller(lambda caller: caller.staff_sha256, sa.LargeBinary())
_request = sa.select(sa.literal_column("1").label("one")).subquery("request")
_is_session = sa.and_(
    col(_Session.token_sha256) == of_caller(lambda caller: caller.token_sha256, sa.LargeBinary()),
    col(_Session.channel_id) == channel_id,
    col(_Session.expires_at) > now,
)
_is_user = sa.and_(
    col(_User.id) == sa.func.coalesce(_reads_as, col(_Session.user_id)),
    col(_User.channel_id) == channel_id,
    col(_User.enabled),
)

_marked_before = bind(lambda now: now - MARKED_EVERY, now, type_=UtcDateTime())


def _unmarked(session: Any, owner: Any) -> sa.ColumnElement[str]:  # noqa: ANN401 - aliases
    is_due = sa.and_(col(session.last_used_at) <= _marked_before, col(owner.id).is_not(None))
    return sa.case((is_due, col(session.id))).label("unmarked_id")


_is_admin_session = sa.and_(col(_AdminSession.token_sha256) == _staff_sha256, col(_AdminSession.expires_at) > now)
_is_admin = sa.and_(
    col(_Admin.id) == sa.func.coalesce(_reads_as, col(_AdminSession.admin_id)),
    col(_Admin.enabled),
    sa.exists().where(col(_Looked.admin_id) == _Admin.id, col(_Looked.channel_id) == channel_id),
)
_is_api_key = sa.and_(
    col(_ApiKey.key_sha256) == _staff_sha256,
    col(_ApiKey.revoked_at).is_(None),
    sa.exists().where(col(_Opened.api_key_id) == _ApiKey.id, col(_Opened.channel_id) == channel_id),
)


TABLES: dict[str, CallerTable] = {
    "viewer": CallerTable(
        sa.select(
            col(_User.id),
            col(_User.account_id),
            col(_User.customer_id),
            col(_Session.id).label("session_id"),
            _unmarked(_Session, _User),
        ).select_from(_request.outerjoin(_Session, _is_session).outerjoin(_User, _is_user)),
        Audience.USERS,
    ),
    "viewer_permissions": CallerTable(
        sa.select(*map(_is_granted, Permission))
        .select_from(_Granted)
        .join(_Held, col(_Held.role_id) == _Granted.role_id)
        .where(col(_Held.user_id) == sa.select(user_id).select_from(sa.table("viewer")).scalar_subquery())
    ),
    "staff": CallerTable(
        sa.select(
            col(_Admin.id).label("admin_id"),
            col(_ApiKey.id).label("api_key_id"),
            col(_AdminSession.id).label("session_id"),
            _unmarked(_AdminSession, _Admin),
            sa.cast(sa.func.coalesce(_Admin.scopes, _ApiKey.scopes), sa.Text()).label("scopes"),
        ).select_from(
            _request.outerjoin(_AdminSession, _is_admin_session)
            .outerjoin(_Admin, _is_admin)
            .outerjoin(_ApiKey, _is_api_key)
        ),
        Audience.STAFF,
    ),
}
"""The tables that the caller is found in, of exactly one row, each after those that it reads."""


def may(permission: Permission) -> sa.ColumnElement[bool]:
    """Tell whether one of the caller's roles grants *permission*."""
    return sa.literal_column(f"viewer_permissions.{permission.lower()}", sa.Boolean())


def has(scope: AdminScope) -> sa.ColumnElement[bool]:
    """Tell whether the caller is an admin or an API key with *scope*, or with one that contains it; NULL for no staff.

    Not once for each statement, as permissions are: what is asked after a user's right costs a user nothing.
    """
    # A list of the enum's members, in JSON: none is a part of another with its quotes.
    held = _column("scopes", "staff")
    return sa.or_(*(held.like(sa.literal_column(f"'%\"{each}\"%'")) for each in granting(scope)))


def permissions() -> SelectOfScalar[Permission]:
    """Return a select of the caller's permissions, in the order of the enum."""
    permission = col(_Granted.permission)
    granted = select(permission).join(_Held, col(_Held.role_id) == _Granted.role_id).where(_Held.user_id == user_id)
    return granted.group_by(permission).order_by(rank(permission, Permission))
