"""The home of the root of all reads."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
import strawberry
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from db import enums, models
from resolvers.addresses.queries import AddressRules, address_rules
from resolvers.admins.types import Admin
from resolvers.caller import viewer
from resolvers.channels.types import Channel
from resolvers.context import Context
from resolvers.customers import filters as customer_filters
from resolvers.customers.filters import CustomerFilter
from resolvers.customers.types import Customer
from resolvers.node import Node
from resolvers.orders import filters as order_filters
from resolvers.orders.filters import OrderFilter
from resolvers.orders.types import Order
from resolvers.passwords.types import TokenStatus
from resolvers.planner import NeedsScope, NeedsSignIn, Part, Shortcut, bind, connection, many, one, planned, value
from resolvers.planner.declare import TYPE_OF_MODEL
from resolvers.rules.tokens import digest
from resolvers.sdl.secret import Secret
from resolvers.sessions.types import Session
from resolvers.users.types import Role, User

Id = Annotated[strawberry.ID, strawberry.argument(description="The id.")]


@planned()
class Viewer:
    """The caller, when signed in."""

    @one(User | None)
    def user(row: object) -> SelectOfScalar[models.User]:
        """The user who is signed in; null for an admin."""
        return select(models.User).where(models.User.id == viewer.user_id)

    @one(Customer | None)
    def customer(row: object) -> SelectOfScalar[models.Customer]:
        """The customer whom the user acts for; null for an admin."""
        return select(models.Customer).where(models.Customer.id == viewer.customer_id)

    @value(list[enums.Permission])
    def permissions(row: object) -> SelectOfScalar[enums.Permission]:
        """What the viewer may do, in the order of the enum."""
        return viewer.permissions()

    @one(Session | None)
    def session(row: object) -> list[SelectOfScalar[Any]]:
        """The session of this request."""
        return [
            select(models.Session).where(models.Session.id == viewer.session_id),
            select(models.AdminSession).where(models.AdminSession.id == viewer.admin_session_id),
        ]

    @many(Session)
    def sessions(row: object) -> list[SelectOfScalar[Any]]:
        """Where the caller is signed in, newest first."""
        return [
            _newest_first(models.Session, col(models.Session.account_id) == viewer.account_id),
            _newest_first(models.AdminSession, col(models.AdminSession.admin_id) == viewer.admin_id),
        ]

    @one(Admin | None)
    def admin(row: object) -> SelectOfScalar[models.Admin]:
        """The admin who is signed in; null for a user."""
        return select(models.Admin).where(models.Admin.id == viewer.admin_id)


def _newest_first(session: type[Any], which: sa.ColumnElement[bool]) -> SelectOfScalar[Any]:
    found: SelectOfScalar[Any] = select(session).where(which)
    return found.order_by(col(session.created_at).desc(), col(session.id).desc())


@planned()
class Query:
    """Everything that can be read. What the caller may not see is not there."""

    @one(Node | None)
    def node(row: object, id: Id) -> list[SelectOfScalar[Any]]:
        """Any object by its id; null if there is none that the viewer may see. For what is no id: BAD_USER_INPUT."""
        nodes = [model for model in TYPE_OF_MODEL if issubclass(model, models.Entity)]
        return [select(model).where(model.id == id) for model in nodes]

    @one(Viewer | None)
    def viewer(row: object) -> Part:
        """The caller; null when nobody is signed in, and for an API key."""
        return Part(row, present=sa.func.coalesce(viewer.user_id, viewer.admin_id).is_not(None))

    @one(Channel)
    def channel(row: object) -> SelectOfScalar[models.Channel]:
        """The channel of this endpoint."""
        return select(models.Channel).where(models.Channel.id == viewer.channel_id)

    @one(Customer | None, directives=[NeedsSignIn()])
    def customer(
        row: object,
        id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="A user's own if left out; null then for admins and API keys."),
        ] = None,
    ) -> SelectOfScalar[models.Customer]:
        """A customer by id; null if there is none that the viewer may see. For what is no id: BAD_USER_INPUT."""
        wanted = viewer.customer_id if id is None else id
        return select(models.Customer).where(models.Customer.id == wanted)

    @connection(
        Customer,
        order_by=customer_filters.newest_first,
        nullable=True,
        directives=[NeedsScope(scope=enums.AdminScope.CUSTOMERS_READ)],
    )
    def customers(
        row: object,
        filter: Annotated[
            CustomerFilter | None, strawberry.argument(description="Only customers that it lets through.")
        ] = None,
    ) -> SelectOfScalar[models.Customer] | Shortcut:
        """The customers of the channel, newest first. For admins and API keys."""
        of_shop = select(models.Customer).where(models.Customer.channel_id == viewer.channel_id)
        return customer_filters.filtered(of_shop, filter)

    @connection(
        Order,
        order_by=order_filters.newest_first,
        nullable=True,
        directives=[NeedsScope(scope=enums.AdminScope.ORDERS_READ)],
    )
    def orders(
        row: object,
        filter: Annotated[
            OrderFilter | None, strawberry.argument(description="Only orders that it lets through.")
        ] = None,
    ) -> SelectOfScalar[models.Order] | Shortcut:
        """The orders of all customers of the channel, newest first. For admins and API keys."""
        of_shop = select(models.Order).where(models.Order.channel_id == viewer.channel_id)
        return order_filters.filtered_in_shop(of_shop, filter)

    @one(TokenStatus | None)
    def password_reset_token(
        row: object,
        token: Annotated[str, strawberry.argument(description="The token of the mailed link.", directives=[Secret()])],
    ) -> Part:
        """What the token of a password reset is worth."""
        return Part(bind(digest, token, type_=sa.LargeBinary()))

    @strawberry.field(
        description="What an address needs in a country, for forms; null for what is no country. Needs no sign-in."
    )
    def address_rules(
        self,
        info: strawberry.Info[Context, None],
        country: Annotated[str, strawberry.argument(description="Country, ISO 3166-1 alpha-2.")],
    ) -> AddressRules | None:
        """Return what an address needs."""
        return address_rules(country, info.context.locales)

    @many(Role, nullable=True, directives=[NeedsSignIn()])
    def roles(row: object) -> SelectOfScalar[models.Role]:
        """The roles of the channel, by code."""
        return select(models.Role).where(models.Role.channel_id == viewer.channel_id).order_by(col(models.Role.code))
