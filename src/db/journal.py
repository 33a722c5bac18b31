"""The home of the journal of imports: how far each file has come."""

# SQLModel types `__tablename__` as a declared_attr, and takes the name itself as well.
# pyright: reportAssignmentType=false

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from db.columns import UtcDateTime, text
from db.models.base import ID


class Import(SQLModel, table=True):
    """A file that is being imported or was. The same bytes are the same file, whatever its name."""

    __tablename__ = "imports"

    channel_id: str = Field(sa_type=ID, foreign_key="channels.id", primary_key=True)
    kind: str = Field(sa_type=text(20), primary_key=True)
    sha256: bytes = Field(sa_type=sa.LargeBinary(32), primary_key=True)
    position: int = Field(default=0, sa_type=sa.BigInteger)
    """Bytes of the file that are done with."""
    lines: int = Field(default=0, sa_type=sa.BigInteger)
    """Lines of the file that are done with."""
    imported: int = Field(default=0, sa_type=sa.BigInteger)
    """Records that came in."""
    refused: int = Field(default=0, sa_type=sa.BigInteger)
    report_length: int = Field(default=0, sa_type=sa.BigInteger)
    """Bytes of the report of refused lines that belong to what is done with."""
    started_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    known: int = Field(default=0, sa_type=sa.BigInteger)
    """Records that were in already."""
    unchecked: int = Field(default=0, sa_type=sa.BigInteger)
    """Orders that came in without a total, which would have checked them."""
