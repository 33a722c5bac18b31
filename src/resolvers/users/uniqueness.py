"""The home of whose an address is: the database has the last word, whoever was faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from resolvers.rules.errors import EmailAddressTaken

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.models import Account


async def write_account(session: AsyncSession, account: Account) -> None:
    """Write *account* with its address. Raises `EmailAddressTaken` if another account of the channel has it."""
    session.add(account)
    try:
        await session.flush()
    except IntegrityError as error:
        # PostgreSQL names the constraint, SQLite its columns.
        if "canonical_email_address" in str(error.orig):
            raise EmailAddressTaken from None
        raise
