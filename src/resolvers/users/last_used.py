"""The home of which of its users an account signs in as, where nobody says: the one that was used last."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from db.models import User


def last_used_user(account_id: Any) -> sa.ScalarSelect[str]:  # noqa: ANN401 - a column or a value
    """Return the id of the enabled user of an account that was used last, else of the oldest; NULL if it has none."""
    # An alias: who asks may be selecting users, among whom this one is to be found.
    user: Any = aliased(User, name="used")
    its = sa.select(col(user.id)).where(col(user.account_id) == account_id, col(user.enabled))
    signed_in_at = col(user.last_authenticated_at)
    newest = its.order_by(signed_in_at.is_(None), signed_in_at.desc(), col(user.created_at), col(user.id))
    return newest.limit(1).scalar_subquery()
