"""The home of the unit of work: what happens inside becomes true together, or not at all."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlmodel.ext.asyncio.session import AsyncSession

from db.errors import DatabaseUnavailableError, is_outage
from db.turns import CHECKOUT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncEngine

    from db.outages import Outages


def writing_engine(
    driver: str, connect: Callable[[], Awaitable[Any]], *, connections: int, timeout: float = CHECKOUT_TIMEOUT
) -> AsyncEngine:
    """Return the engine of SQLAlchemy's *driver* over a fixed number of *connections*, waited for so many seconds."""
    return create_async_engine(
        f"{driver}://",
        async_creator=connect,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=timeout,
        # Parameters are addresses, hashes and tokens: an error's text ends in logs.
        hide_parameters=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )


@asynccontextmanager
async def unit_of_work(engine: AsyncEngine, outages: Outages | None = None) -> AsyncIterator[AsyncSession]:
    """Yield a session of its own, whose transaction begins at the first statement.

    Returning commits, raising rolls back. An outage is raised as `DatabaseUnavailableError`, and *outages* are told.
    """
    try:
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            yield session
    except Exception as error:
        if not isinstance(error, DatabaseUnavailableError) and not is_outage(error):
            raise
        outage = error if isinstance(error, DatabaseUnavailableError) else DatabaseUnavailableError.of(error, "write")
        if outages is not None:
            outages.failed(outage)
        if outage is error:
            raise
        raise outage from error
    if outages is not None and outages.last is not None:
        outages.answered()
