"""The home of the tables of who signs in: accounts, their sessions, and registrations that wait for a proof."""

# SQLModel types `__tablename__` as a declared_attr, and takes the name itself as well.
# pyright: reportAssignmentType=false

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from db import lengths
from db.columns import Day, UtcDateTime, enum, text
from db.enums import Gender
from db.models.base import EMAIL_ADDRESS, ID, LOCALE, Entity


class Account(Entity, table=True):
    """An e-mail address that signs in. What it may do, and for whom, is told by its users."""

    __tablename__ = "accounts"
    __table_args__ = (sa.UniqueConstraint("channel_id", "canonical_email_address"),)
    letters = "acc"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    email_address: str = Field(sa_type=EMAIL_ADDRESS)
    canonical_email_address: str = Field(sa_type=EMAIL_ADDRESS)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    password_hash: str | None = Field(default=None, sa_type=text(lengths.PASSWORD_HASH))
    pending_email_address: str | None = Field(default=None, sa_type=EMAIL_ADDRESS)
    """The address that it shall sign in with, and that has not been proved yet."""
    created_at: datetime = Field(sa_type=UtcDateTime)


class Session(Entity, table=True):
    """An account that is signed in on one device, as one of its users. Of the token only the SHA-256 is stored."""

    __tablename__ = "sessions"
    __table_args__ = (sa.Index(None, "account_id", "created_at", "id"), sa.Index(None, "user_id"))
    letters = "ses"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    account_id: str = Field(sa_type=ID, foreign_key="accounts.id")
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
