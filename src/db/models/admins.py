"""The home of the tables of the shop operator's staff and systems: admins, their sessions, API keys.

They belong to the installation, and not to a channel: one admin may look after several shops.
"""

# SQLModel types `__tablename__` as a declared_attr, and takes the name itself as well.
# pyright: reportAssignmentType=false

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from db import lengths
from db.columns import UtcDateTime, text
from db.models.base import EMAIL_ADDRESS, ID, Entity


class Admin(Entity, table=True):
    """Staff of the shop operator."""

    __tablename__ = "admins"
    letters = "adm"

    username: str = Field(sa_type=EMAIL_ADDRESS)
    canonical_username: str = Field(sa_type=EMAIL_ADDRESS, unique=True)
    scopes: list[str] = Field(sa_type=sa.JSON)
    """Of `AdminScope`, in its order, as they were granted: some contain others."""
    enabled: bool = True
    password_hash: str = Field(sa_type=text(lengths.PASSWORD_HASH))
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_authenticated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AdminChannel(SQLModel, table=True):
    """A channel that an admin looks after."""

    __tablename__ = "admin_channels"

    admin_id: str = Field(sa_type=ID, foreign_key="admins.id", primary_key=True)
    channel_id: str = Field(sa_type=ID, foreign_key="channels.id", primary_key=True)


class AdminSession(Entity, table=True):
    """A signed-in admin on one device. Only the SHA-256 of the bearer token is stored."""

    __tablename__ = "admin_sessions"
    __table_args__ = (sa.Index(None, "admin_id", "created_at", "id"),)
    letters = "ase"

    admin_id: str = Field(sa_type=ID, foreign_key="admins.id")
    token_sha256: bytes = Field(sa_type=sa.LargeBinary(32), unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    user_agent: str | None = Field(default=None, sa_type=text(lengths.USER_AGENT))
    ip_address: str | None = Field(default=None, sa_type=text(lengths.IP_ADDRESS))


class ApiKey(Entity, table=True):
    """What a shop's own system calls with. Only the SHA-256 of the key is stored."""

    __tablename__ = "api_keys"
    letters = "key"

    name: str = Field(sa_type=text(lengths.CHANNEL_NAME))
    """What people call it."""
    scopes: list[str] = Field(sa_type=sa.JSON)
    """Of `AdminScope`, in its order, as they were granted."""
    key_sha256: bytes = Field(sa_type=sa.LargeBinary(32), unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiKeyChannel(SQLModel, table=True):
    """A channel that an API key is good for."""

    __tablename__ = "api_key_channels"

    api_key_id: str = Field(sa_type=ID, foreign_key="api_keys.id", primary_key=True)
    channel_id: str = Field(sa_type=ID, foreign_key="channels.id", primary_key=True)
