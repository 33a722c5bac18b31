"""The home of whose an address is: the database has the last word, whoever was faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from resolvers.rules.errors import EmailAddressTaken

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.models import User


async def write_user(session: AsyncSession, user: User) -> None:
    """Write *user* with its address. Raises `EmailAddressTaken` if another user of the channel has it."""
    session.add(user)
    try:
        await session.flush()
    except IntegrityError as error:
        # PostgreSQL names the constraint, SQLite its columns.
        if "canonical_email_address" in str(error.orig):
            raise EmailAddressTaken from None
        raise
