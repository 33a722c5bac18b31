"""The home of the tables of who signs in: users, what they may do, where they are signed in."""

# SQLModel types `__tablename__` as a declared_attr, and takes the name itself as well.
# pyright: reportAssignmentType=false

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from db import lengths
from db.columns import UtcDateTime, text
from db.models.base import ID, LOCALE, Entity


class User(Entity, table=True):
    """An account that acts for a customer."""

    __tablename__ = "users"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "customer_id"),
        sa.Index(None, "customer_id", "created_at", "id"),
    )
    letters = "usr"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    customer_id: str = Field(sa_type=ID, foreign_key="customers.id")
    account_id: str = Field(sa_type=ID, foreign_key="accounts.id")
    first_name: str | None = Field(default=None, sa_type=text(lengths.NAME))
    last_name: str | None = Field(default=None, sa_type=text(lengths.NAME))
    locale: str = Field(sa_type=LOCALE)
    time_zone: str = Field(sa_type=text(lengths.TIME_ZONE))
    enabled: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_authenticated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    imported_as: str | None = Field(default=None, sa_type=text(lengths.DIGEST))
    """What tells the record of a file that it came from: the same record changes nothing when it comes again."""


class UserRole(SQLModel, table=True):
    """A role that a user holds."""

    __tablename__ = "user_roles"

    user_id: str = Field(sa_type=ID, foreign_key="users.id", primary_key=True)
    role_id: str = Field(sa_type=ID, foreign_key="roles.id", primary_key=True)
