"""The home of what all tables have in common: ids, the names of constraints, and types that several use."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field, SQLModel

from db import lengths
from db.columns import text
from db.ids import ID_LENGTH

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

ID = text(ID_LENGTH)
LOCALE = text(lengths.LOCALE)
CURRENCY = text(lengths.CURRENCY)
EMAIL_ADDRESS = text(lengths.EMAIL_ADDRESS)
LONG = text(lengths.IMAGE_URL)


class Entity(SQLModel):
    """A table whose rows have an id; `letters` begin it."""

    letters: ClassVar[str]

    id: str = Field(primary_key=True, sa_type=ID)
