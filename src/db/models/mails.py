"""The home of the tables of the outbox: mails, and how many more of them a channel may send."""

# SQLModel types `__tablename__` as a declared_attr, and takes the name itself as well.
# pyright: reportAssignmentType=false

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from db import lengths
from db.columns import UtcDateTime, enum, text
from db.enums import MailKind, MailState
from db.models.base import EMAIL_ADDRESS, ID, Entity

_QUEUED = sa.text("state = 'QUEUED'")


class Mail(Entity, table=True):
    """A mail of the outbox, written with the change that causes it. Who claims it moves `due_at` ahead by the lease."""

    __tablename__ = "mails"
    __table_args__ = (
        sa.Index(None, "channel_id", "due_at", sqlite_where=_QUEUED, postgresql_where=_QUEUED),
        sa.Index(None, "channel_id", "urgency", "due_at", sqlite_where=_QUEUED, postgresql_where=_QUEUED),
        sa.Index(None, "channel_id", "id"),
        sa.Index(None, "canonical_email_address", "id"),
    )
    letters = "mai"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    kind: MailKind = Field(sa_type=enum(MailKind))
    state: MailState = Field(default=MailState.QUEUED, sa_type=enum(MailState))
    email_address: str = Field(sa_type=EMAIL_ADDRESS)
    canonical_email_address: str = Field(sa_type=EMAIL_ADDRESS)
    user_id: str | None = Field(default=None, sa_type=ID)
    """The user whom it is about, where whoever asked for it was known."""
    confirmation_base_url: str | None = Field(default=None, sa_type=text(lengths.LINK))
    """The page that its link leads to."""
    other_address: str | None = Field(default=None, sa_type=EMAIL_ADDRESS)
    """The new address, where the mail goes to the old one."""
    token_id: str | None = Field(default=None, sa_type=ID)
    letter: Any = Field(default=None, nullable=True, sa_type=sa.JSON(none_as_null=True))
    """What it says, once that was found out: all but the token."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    """When it is tried next."""
    tries: int = 0
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    problem: str | None = Field(default=None, sa_type=text(lengths.PROBLEM))
    """Why the last try failed."""
    registration_id: str | None = Field(default=None, sa_type=ID)
    """The registration whose form caused it; it is void once that is gone."""
    network: str | None = Field(default=None, sa_type=text(lengths.IP_ADDRESS))
    """From where somebody unknown asked for it."""
    urgency: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """What is sent first of what is due: the lower, the earlier."""
    doubts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often it was handed over without learning what became of it; counted before it is handed over."""


class MailAllowance(SQLModel, table=True):
    """How much of what a channel may send in an hour it has used."""

    __tablename__ = "mail_allowances"

    channel_id: str = Field(primary_key=True, foreign_key="channels.id", sa_type=ID)
    used_until: datetime = Field(sa_type=UtcDateTime)
    """Each mail moves it ahead by its share of time; by the time that it is past, nothing counts as used."""
    alarm_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When an operator is told next that mails wait."""
