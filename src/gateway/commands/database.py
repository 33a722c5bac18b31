"""The home of what a command does in the database of the settings."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from db.errors import DatabaseUnavailableError
from gateway.operator.database import usable_database
from gateway.operator.faults import told
from gateway.operator.settings import DatabaseSettings, OperatorError, load
from resolvers.channels.service import UnknownChannelError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database

    Work = Callable[[AsyncSession], Awaitable["T"]]

T = TypeVar("T")


def done(work: Work[T]) -> T:
    """Do *work*, all of it or nothing; return what it returns. Raises `OperatorError`."""

    async def in_one_unit(database: Database) -> T:
        async with database.unit_of_work() as session:
            return await work(session)

    return done_in(in_one_unit)


def done_in(work: Callable[[Database], Awaitable[T]]) -> T:
    """Do *work* in units of work of its own; return what it returns. Raises `OperatorError`."""
    return asyncio.run(_done(load(DatabaseSettings).database_url, work))


async def _done(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    async with usable_database(url) as database:
        try:
            return await work(database)
        except UnknownChannelError as error:
            raise OperatorError(str(error)) from None
        except DatabaseUnavailableError as error:
            raise OperatorError(told(error)) from error
