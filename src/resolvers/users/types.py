"""The home of users and roles as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from db import enums, models
from db.columns import rank
from db.names import full_name_of
from resolvers.node import LazyCustomer, Node
from resolvers.planner import many, one, planned, value
from resolvers.sdl.descriptions import described_enum

Permission = described_enum(enums.Permission)


@planned(models.Role)
class Role(Node):
    """A named set of permissions."""

    code: str
    """The name that programs use, such as buyer."""
    name: str
    """The name that people read."""

    @value(list[enums.Permission])
    def permissions(row: type[models.Role]) -> SelectOfScalar[enums.Permission]:
        """What the role grants, in the order of the enum."""
        granted = models.RolePermission
        permission = col(granted.permission)
        return select(permission).where(granted.role_id == row.id).order_by(rank(permission, enums.Permission))


def _of_account(row: type[models.User], column: Any) -> sa.ColumnElement[Any]:  # noqa: ANN401 - of whatever type
    return sa.select(column).where(col(models.Account.id) == row.account_id).scalar_subquery()


@planned(models.User)
class User(Node):
    """Who signs in. Acts for one customer."""

    first_name: str | None
    """First name."""
    last_name: str | None
    """Last name."""
    locale: str
    """The language and country that the user prefers."""
    time_zone: str
    """The user's time zone, such as Europe/Zurich."""
    enabled: bool
    """Whether the user may sign in."""
    created_at: datetime
    """When the user was made."""
    last_authenticated_at: datetime | None
    """When the user last signed in."""

    @value(str)
    def username(row: type[models.User]) -> sa.ColumnElement[str]:
        """What the user signs in with: the e-mail address."""
        return _of_account(row, models.Account.email_address)

    @value(str)
    def email_address(row: type[models.User]) -> sa.ColumnElement[str]:
        """The address that identifies the user; unique in the channel."""
        return _of_account(row, models.Account.email_address)

    @value(str | None)
    def pending_email_address(row: type[models.User]) -> sa.ColumnElement[str]:
        """The address that takes the place of the other once it is proved."""
        return _of_account(row, models.Account.pending_email_address)

    @value(str)
    def full_name(row: type[models.User]) -> sa.ColumnElement[str]:
        """First and last name; empty if there is none."""
        return full_name_of(row)

    @value(bool)
    def confirmed(row: type[models.User]) -> sa.ColumnElement[bool]:
        """Whether a mailed link has proved the e-mail address."""
        return _of_account(row, col(models.Account.confirmed_at).is_not(None))

    @many(Role)
    def roles(row: type[models.User]) -> SelectOfScalar[models.Role]:
        """The roles that the user holds, by code."""
        held = select(models.UserRole.role_id).where(models.UserRole.user_id == row.id)
        return select(models.Role).where(col(models.Role.id).in_(held)).order_by(col(models.Role.code))

    @value(list[enums.Permission])
    def permissions(row: type[models.User]) -> SelectOfScalar[enums.Permission]:
        """What the user may do for the customer, by all roles together, in the order of the enum."""
        permission = col(models.RolePermission.permission)
        return (
            select(permission)
            .join(models.UserRole, col(models.UserRole.role_id) == models.RolePermission.role_id)
            .where(models.UserRole.user_id == row.id)
            .group_by(permission)
            .order_by(rank(permission, enums.Permission))
        )

    @one(LazyCustomer)
    def customer(row: type[models.User]) -> SelectOfScalar[models.Customer]:
        """The customer whom the user acts for."""
        return select(models.Customer).where(models.Customer.id == row.customer_id)
