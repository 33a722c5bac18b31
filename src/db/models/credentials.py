"""The home of the tables of mailed tokens, of how often secrets were tried, and of what was done under which key."""

# SQLModel types `__tablename__` as a declared_attr, and takes the name itself as well.
# pyright: reportAssignmentType=false

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from db.columns import UtcDateTime, enum
from db.enums import TokenPurpose
from db.models.base import EMAIL_ADDRESS, ID, Entity


class MailedToken(Entity, table=True):
    """A token that a mail carries. Only its SHA-256 is stored: it is made of the id, the salt and the secret key."""

    __tablename__ = "mailed_tokens"
    __table_args__ = (sa.Index(None, "subject_id", "purpose"), sa.Index(None, "expires_at"))
    letters = "tok"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    purpose: TokenPurpose = Field(sa_type=enum(TokenPurpose))
    subject_id: str = Field(sa_type=ID)
    """The user or registration whom it is about; it is void once that is gone."""
    email_address: str = Field(sa_type=EMAIL_ADDRESS)
    """The address that it was mailed to, and proves."""
    salt: bytes = Field(sa_type=sa.LargeBinary(32))
    token_sha256: bytes = Field(sa_type=sa.LargeBinary(32), unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    spent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When it was used, or voided by a change that ended its reason."""


class Throttle(SQLModel, table=True):
    """How often something was tried lately, by the hash of what tries it."""

    __tablename__ = "throttles"
    __table_args__ = (sa.Index(None, "account"), sa.Index(None, "ends_at"))

    key: bytes = Field(primary_key=True, sa_type=sa.LargeBinary(32))
    account: bytes | None = Field(default=None, sa_type=sa.LargeBinary(32))
    """The hash of the account that it is about, so that an operator can unlock it."""
    tries: int
    ends_at: datetime = Field(sa_type=UtcDateTime)
    """When the tries are forgotten."""
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the next try is let through; at once unless set."""
    known_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Of a network that the account has signed in from: until when it counts as its own."""
    proved: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Of the same: whether the address of the account was proved then."""


class Repetition(SQLModel, table=True):
    """A mutation that was done under an idempotency key: what came of it, for who sends it again. Hashes tell whose."""

    __tablename__ = "repetitions"
    __table_args__ = (
        sa.Index(None, "done_at"),
        sa.Index(None, "caller_id", "done_at"),
        sa.Index(None, "reads_as"),
    )

    key_hmac: bytes = Field(primary_key=True, sa_type=sa.LargeBinary(32))
    """Of channel, caller and key."""
    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    body_hmac: bytes = Field(sa_type=sa.LargeBinary(32))
    """Of operation and variables."""
    outcome: dict[str, Any] = Field(sa_type=sa.JSON)
    """The type of the success, and the ids in it: the rest is read again."""
    done_at: datetime = Field(sa_type=UtcDateTime)
    caller_id: str | None = Field(default=None, sa_type=ID)
    """The user or admin whose keys are counted."""
    reads_as: str | None = Field(default=None, sa_type=ID)
    """The user as whom the answer is read, where nobody was signed in; until all sessions of the user end."""
