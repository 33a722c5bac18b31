"""The home of the mutations of users: decode, call, wrap."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from db import models
from resolvers.context import Context
from resolvers.customers.types import Customer
from resolvers.descriptions import api_input, api_type
from resolvers.outcomes import BadCredentialsError, EmailAddressNotConfirmedError, RateLimitedError
from resolvers.planner import Outcome, one, planned
from resolvers.secret import secret
from resolvers.users import service
from resolvers.users.types import User


@api_input
class AuthenticateInput:
    """Who signs in."""

    username: str
    """The e-mail address of the user."""
    password: str = secret()
    """The password."""


@api_type
class AuthenticationToken:
    """What proves on every later request who calls: send it as `Authorization: Bearer <token>`."""

    token: str
    """The token. It is shown this once; keep it secret."""
    expires_at: datetime
    """When it ends unless it is used before."""


@planned()
class AuthenticateSuccess:
    """The user is signed in."""

    authentication: AuthenticationToken
    """What proves it on later requests."""
    customer_id: strawberry.Private[str]
    user_id: strawberry.Private[str]

    @property
    def reads_as(self) -> str:
        """The user reads the own data."""
        return self.user_id

    @one(User)
    def user(row: Outcome) -> SelectOfScalar[models.User]:
        """The user who is signed in."""
        return select(models.User).where(models.User.id == row.user_id)

    @one(Customer)
    def customer(row: Outcome) -> SelectOfScalar[models.Customer]:
        """The customer whom the user acts for."""
        return select(models.Customer).where(models.Customer.id == row.customer_id)


AuthenticateResult = Annotated[
    AuthenticateSuccess | BadCredentialsError | EmailAddressNotConfirmedError | RateLimitedError,
    strawberry.union("AuthenticateResult", description="What authenticate can answer."),
]


@strawberry.type
class UserMutations:
    """What can be done to users."""

    @strawberry.mutation(description="Sign in with e-mail address and password. For anyone.")
    async def authenticate(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[AuthenticateInput, strawberry.argument(description="Who signs in.")],
    ) -> AuthenticateResult | None:
        """Sign in."""
        signed_in = await service.authenticate(info.context, input.username, input.password)
        return AuthenticateSuccess(
            authentication=AuthenticationToken(token=signed_in.token, expires_at=signed_in.expires_at),
            customer_id=signed_in.customer_id,
            user_id=signed_in.user_id,
        )
