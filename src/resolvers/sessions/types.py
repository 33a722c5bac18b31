"""The home of sessions as the API shows them, and of the token that opens one."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from db import models
from resolvers.caller import viewer
from resolvers.node import Node
from resolvers.planner import planned, value
from resolvers.sdl.descriptions import api_type


@planned(models.Session, models.AdminSession)
class Session(Node):
    """A device on which a user or an admin is signed in."""

    created_at: datetime
    """When the caller signed in there."""
    last_used_at: datetime
    """When it was last used, to the hour."""
    expires_at: datetime
    """When it ends unless it is used before."""
    user_agent: str | None
    """What the device calls itself."""
    ip_address: str | None
    """The network address that the caller signed in from."""

    @value(bool)
    def current(row: type[models.Session]) -> sa.ColumnElement[bool]:
        """Whether it is the session of this request."""
        its = sa.func.coalesce(viewer.session_id, viewer.admin_session_id, type_=sa.Text())
        return sa.func.coalesce(row.id == its, sa.false())


@api_type
class AuthenticationToken:
    """What proves on every later request who calls: send it as `Authorization: Bearer <token>`."""

    token: str
    """The token. It is shown this once; keep it secret."""
    expires_at: datetime
    """When it ends unless it is used before."""
