"""The home of the tables of who signs in: users, what they may do, where they are signed in."""

# SQLModel types `__tablename__` as a declared_attr, and takes the name itself as well.
# pyright: reportAssignmentType=false

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from db import lengths
from db.columns import Day, UtcDateTime, enum, text
from db.enums import Gender
from db.models.base import EMAIL_ADDRESS, ID, LOCALE, Entity


class User(Entity, table=True):
    """Who signs in; acts for one customer."""

    __tablename__ = "users"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "canonical_email_address"),
        sa.Index(None, "customer_id", "created_at", "id"),
    )
    letters = "usr"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    customer_id: str = Field(sa_type=ID, foreign_key="customers.id")
    email_address: str = Field(sa_type=EMAIL_ADDRESS)
    canonical_email_address: str = Field(sa_type=EMAIL_ADDRESS)
    first_name: str | None = Field(default=None, sa_type=text(lengths.NAME))
    last_name: str | None = Field(default=None, sa_type=text(lengths.NAME))
    locale: str = Field(sa_type=LOCALE)
    time_zone: str = Field(sa_type=text(lengths.TIME_ZONE))
    enabled: bool = True
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    password_hash: str | None = Field(default=None, sa_type=text(lengths.PASSWORD_HASH))
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_authenticated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    pending_email_address: str | None = Field(default=None, sa_type=EMAIL_ADDRESS)
    """The address that the user wants to sign in with, and that has not been proved yet."""
    imported_as: str | None = Field(default=None, sa_type=text(lengths.DIGEST))
    """What tells the record of a file that it came from: the same record changes nothing when it comes again."""


class UserRole(SQLModel, table=True):
    """A role that a user holds."""

    __tablename__ = "user_roles"

    user_id: str = Field(sa_type=ID, foreign_key="users.id", primary_key=True)
    role_id: str = Field(sa_type=ID, foreign_key="roles.id", primary_key=True)


class Session(Entity, table=True):
    """A signed-in user on one device. Only the SHA-256 of the bearer token is stored."""

    __tablename__ = "sessions"
    __table_args__ = (sa.Index(None, "user_id", "created_at", "id"),)
    letters = "ses"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    user_id: str = Field(sa_type=ID, foreign_key="users.id")
    token_sha256: bytes = Field(sa_type=sa.LargeBinary(32), unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    user_agent: str | None = Field(default=None, sa_type=text(lengths.USER_AGENT))
    ip_address: str | None = Field(default=None, sa_type=text(lengths.IP_ADDRESS))


class Registration(Entity, table=True):
    """Who wants to be a customer, and has not proved the address. Reserves nothing: others stand beside it."""

    __tablename__ = "registrations"
    __table_args__ = (
        sa.UniqueConstraint("channel_id", "canonical_email_address", "place"),
        sa.CheckConstraint("place BETWEEN 1 AND 3", name="place"),
        sa.Index(None, "created_at"),
    )
    letters = "reg"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    email_address: str = Field(sa_type=EMAIL_ADDRESS)
    canonical_email_address: str = Field(sa_type=EMAIL_ADDRESS)
    locale: str = Field(sa_type=LOCALE)
    first_name: str | None = Field(default=None, sa_type=text(lengths.NAME))
    last_name: str | None = Field(default=None, sa_type=text(lengths.NAME))
    company: str | None = Field(default=None, sa_type=text(lengths.COMPANY))
    gender: Gender = Field(default=Gender.UNKNOWN, sa_type=enum(Gender))
    date_of_birth: date | None = Field(default=None, sa_type=Day)
    password_hash: str = Field(sa_type=text(lengths.PASSWORD_HASH))
    created_at: datetime = Field(sa_type=UtcDateTime)
    place: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """Which of the registrations of the address it is: the database lets no more stand side by side."""
    network: str | None = Field(default=None, sa_type=text(lengths.IP_ADDRESS))
    """From where the form was filled in."""
