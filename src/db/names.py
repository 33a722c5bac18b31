"""The home of names of people in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from db.json_text import literal

if TYPE_CHECKING:
    from db import models


def full_name_of(row: type[models.Address | models.User]) -> sa.ColumnElement[str]:
    """Return first and last name, those that are there, with a blank between them."""
    first, last = col(row.first_name), col(row.last_name)
    blank = sa.case((first.is_not(None) & last.is_not(None), literal(" ")), else_=literal(""))
    return sa.func.coalesce(first, literal("")) + blank + sa.func.coalesce(last, literal(""))
