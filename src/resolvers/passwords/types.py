"""The home of what the API tells of a password reset."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from db.enums import TokenPurpose
from db.models import Account, MailedToken, User
from resolvers.caller import viewer
from resolvers.mails.mailed_tokens import is_good
from resolvers.planner import Argument, planned, value


@planned()
class TokenStatus:
    """What a mailed token is worth, so that a page can say so before anybody types a password."""

    @value(bool)
    def valid(row: Argument) -> sa.ColumnElement[bool]:
        """Whether finishPasswordReset accepts the token now."""
        return sa.exists(_good(row, sa.literal_column("1")))

    @value(datetime | None)
    def expires_at(row: Argument) -> sa.ColumnElement[datetime]:
        """Until when; null unless it is valid."""
        return _good(row, col(MailedToken.expires_at)).scalar_subquery()

    @value(str | None)
    def email_address(row: Argument) -> sa.ColumnElement[str]:
        """Whose password it sets; null unless it is valid."""
        return _good(row, col(MailedToken.email_address)).scalar_subquery()


def _good(token_sha256: Argument, column: Any) -> sa.Select[Any]:  # noqa: ANN401 - any column
    # Who holds the token may know: it stands for the permission that a viewer would need.
    its = is_good(viewer.channel_id, TokenPurpose.PASSWORD_RESET, token_sha256, viewer.now)
    account = sa.and_(
        col(Account.id) == MailedToken.subject_id,
        col(Account.email_address) == col(MailedToken.email_address),
        sa.exists().where(col(User.account_id) == Account.id, col(User.enabled)),
    )
    return sa.select(column).select_from(sa.join(MailedToken, Account, account)).where(its)
