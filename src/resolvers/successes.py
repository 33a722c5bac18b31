"""The home of what success types have in common: whom a mutation was about, read again as it is now."""

from __future__ import annotations

from typing import Any, Self

import strawberry
from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from db import models
from resolvers.customers.types import Customer
from resolvers.planner import one, planned
from resolvers.rules.email_address import EmailAddress
from resolvers.sdl.descriptions import api_type
from resolvers.sessions.types import AuthenticationToken
from resolvers.users.types import User


@planned()
class AboutCustomer:
    """Was about a customer."""

    customer_id: strawberry.Private[str]

    @one(Customer)
    def customer(row: AboutCustomer) -> SelectOfScalar[models.Customer]:
        """The customer, as it is now."""
        return select(models.Customer).where(models.Customer.id == row.customer_id)


@planned()
class AboutUser:
    """Was about a user."""

    user_id: strawberry.Private[str]

    @one(User)
    def user(row: AboutUser) -> SelectOfScalar[models.User]:
        """The user, as it is now."""
        return select(models.User).where(models.User.id == row.user_id)


@api_type
class AboutAddress:
    """Was about an e-mail address that the request tells."""

    email_address: str
    """The address that was given."""

    @classmethod
    def said(cls, request: Any) -> Self:  # noqa: ANN401 - an input
        """Return the success again, by its input."""
        return cls(email_address=str(EmailAddress.parse(request.email_address)))


@planned()
class SignedInAgain(AboutUser):
    """Signed the user in."""

    authentication: AuthenticationToken
    """What proves on later requests who calls."""

    @property
    def reads_as(self) -> str:
        """The user reads the own data."""
        return self.user_id
