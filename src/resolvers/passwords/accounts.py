"""The home of reading whose password it is, by user or by token, with what the channel asks of passwords."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from db import models
from db.columns import UtcDateTime
from db.enums import TokenPurpose
from db.models import Channel, MailedToken, User
from db.row_query import RowQuery
from resolvers.mails.mailed_tokens import is_good
from resolvers.rules.password_policy import PasswordPolicy
from resolvers.rules.single_fields import checked_password
from resolvers.users.last_used import last_used_user

if TYPE_CHECKING:
    from datetime import datetime

    from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class Account:
    """An account whose password is to be set, with the user that it acts as; nobody, where a token is no good."""

    min_length: int
    strength_checked: bool
    account_id: str | None
    user_id: str | None
    email_address: str
    canonical: str
    first_name: str | None
    last_name: str | None
    is_proved: bool
    """Whether a mailed link has proved the address."""
    password_hash: str | None = field(repr=False)

    def is_unchanged(self) -> sa.ColumnElement[bool]:
        """Tell whether it still has the password and the address that were read: a move ends sessions as well."""
        account = models.Account
        return sa.and_(
            col(account.password_hash) == self.password_hash, col(account.canonical_email_address) == self.canonical
        )

    def inspected(self, name: str, password: str) -> str:
        """Return the *password* of the input field *name* as it is hashed. Raises `InvalidInput`."""
        own_words = [word for word in (self.email_address, self.first_name, self.last_name) if word]
        policy = PasswordPolicy(self.min_length, bool(self.strength_checked))
        return checked_password(name, password, policy, own_words)


_COLUMNS = (
    col(Channel.password_min_length),
    col(Channel.password_strength_checked),
    col(models.Account.id),
    col(User.id),
    col(models.Account.email_address),
    col(models.Account.canonical_email_address),
    col(User.first_name),
    col(User.last_name),
    col(models.Account.confirmed_at).is_not(None),
    col(models.Account.password_hash),
)
_CHANNEL_ID = sa.bindparam("channel_id", type_=sa.Text)
_NOW = sa.bindparam("now", type_=UtcDateTime)

_OF_USER = RowQuery(
    sa.select(*_COLUMNS)
    .select_from(Channel)
    .outerjoin(User, col(User.id) == sa.bindparam("user_id", type_=sa.Text))
    .outerjoin(models.Account, col(models.Account.id) == col(User.account_id))
    .where(col(Channel.id) == _CHANNEL_ID)
)
_OF_TOKEN = RowQuery(
    sa.select(*_COLUMNS)
    .select_from(Channel)
    .outerjoin(
        MailedToken,
        is_good(_CHANNEL_ID, TokenPurpose.PASSWORD_RESET, sa.bindparam("sha256", type_=sa.LargeBinary), _NOW),
    )
    .outerjoin(User, col(User.id) == last_used_user(col(MailedToken.subject_id)))
    .outerjoin(models.Account, col(models.Account.id) == col(User.account_id))
    .where(col(Channel.id) == _CHANNEL_ID)
)


async def of_user(context: Context, user_id: str) -> Account:
    """Return the account of a user who is signed in."""
    return Account(*await _OF_USER.read(context.database, channel_id=context.channel_id, user_id=user_id))


async def of_reset_token(context: Context, token_sha256: bytes, now: datetime) -> Account:
    """Return the account that a token resets; its account_id is None if the token is no good."""
    found = await _OF_TOKEN.read(context.database, channel_id=context.channel_id, sha256=token_sha256, now=now)
    return Account(*found)
