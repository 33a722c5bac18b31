"""The home of the tables of channels and their roles."""

# SQLModel types `__tablename__` as a declared_attr, and takes the name itself as well.
# pyright: reportAssignmentType=false

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from db import lengths
from db.columns import enum, text
from db.enums import AddressCheck, ChannelKind, Permission, RegistrationPolicy
from db.models.base import EMAIL_ADDRESS, ID, LOCALE, Entity


class Channel(Entity, table=True):
    """A shop. Everything belongs to one."""

    __tablename__ = "channels"
    letters = "chn"

    code: str = Field(sa_type=text(lengths.CODE), unique=True)
    name: str = Field(sa_type=text(lengths.CHANNEL_NAME))
    kind: ChannelKind = Field(sa_type=enum(ChannelKind))
    locales: list[str] = Field(sa_type=sa.JSON)
    default_locale: str = Field(sa_type=LOCALE)
    registration: RegistrationPolicy = Field(sa_type=enum(RegistrationPolicy))
    password_min_length: int = 8
    password_strength_checked: bool = True
    last_customer_number: int = 10_000
    sender_name: str | None = Field(default=None, sa_type=text(lengths.CHANNEL_NAME))
    """Who writes the mails; the shop's name unless set."""
    sender_email_address: str | None = Field(default=None, sa_type=EMAIL_ADDRESS)
    landing_pages: dict[str, list[str]] = Field(
        default_factory=dict, sa_type=sa.JSON, sa_column_kwargs={"server_default": "{}"}
    )
    """The pages that mailed links may lead to, by `LinkPurpose`; a purpose that is not there has none."""
    address_check: AddressCheck = Field(
        default=AddressCheck.REFUSE,
        sa_type=enum(AddressCheck),
        sa_column_kwargs={"server_default": AddressCheck.REFUSE},
    )


class Role(Entity, table=True):
    """A named set of permissions of a channel."""

    __tablename__ = "roles"
    __table_args__ = (sa.UniqueConstraint("channel_id", "code"),)
    letters = "rol"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id")
    code: str = Field(sa_type=text(lengths.CODE))
    name: str = Field(sa_type=text(lengths.CHANNEL_NAME))


class RolePermission(SQLModel, table=True):
    """A permission that a role grants."""

    __tablename__ = "role_permissions"

    role_id: str = Field(sa_type=ID, foreign_key="roles.id", primary_key=True)
    permission: Permission = Field(sa_type=enum(Permission), primary_key=True)
