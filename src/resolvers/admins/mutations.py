"""The home of the mutations of admins: decode, call, wrap."""

from __future__ import annotations

from typing import Annotated

import strawberry
from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from db import models
from resolvers.admins import authentication
from resolvers.admins.types import Admin
from resolvers.caller.opening import open_mutation
from resolvers.context import Context
from resolvers.outcomes import BadCredentialsError, RateLimitedError
from resolvers.planner import one, planned
from resolvers.sdl.descriptions import api_input
from resolvers.sdl.secret import secret
from resolvers.sessions.types import AuthenticationToken


@api_input
class AuthenticateAdminInput:
    """Which admin signs in."""

    username: str
    """The e-mail address of the admin."""
    password: str = secret()
    """The password."""


@planned()
class AuthenticateAdminSuccess:
    """The admin is signed in."""

    authentication: AuthenticationToken
    """What proves on later requests who calls, in all channels of the admin."""
    admin_id: strawberry.Private[str]

    @property
    def reads_as(self) -> str:
        """The admin reads."""
        return self.admin_id

    @one(Admin)
    def admin(row: AuthenticateAdminSuccess) -> SelectOfScalar[models.Admin]:
        """The admin who is signed in."""
        return select(models.Admin).where(models.Admin.id == row.admin_id)


AuthenticateAdminResult = Annotated[
    AuthenticateAdminSuccess | BadCredentialsError | RateLimitedError,
    strawberry.union("AuthenticateAdminResult", description="What authenticateAdmin can answer."),
]


@strawberry.type
class AdminMutations:
    """What admins can do about themselves."""

    @open_mutation(
        description="Sign in as an admin who looks after this channel. For staff of the shop operator.", repeats=False
    )
    async def authenticate_admin(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[AuthenticateAdminInput, strawberry.argument(description="Which admin signs in.")],
    ) -> AuthenticateAdminResult | None:
        """Sign an admin in."""
        admin_id, opened = await authentication.authenticate_admin(info.context, input.username, input.password)
        token = AuthenticationToken(token=opened.token, expires_at=opened.expires_at)
        return AuthenticateAdminSuccess(authentication=token, admin_id=admin_id)
