"""The home of the unit of work: what happens inside becomes true together, or not at all."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlmodel.ext.asyncio.session import AsyncSession

from db.errors import DatabaseUnavailableError, is_outage
from db.turns import CHECKOUT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine

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

    Returning commits, raising rolls back, and no cancellation ends either half-way. An outage is raised as
    `DatabaseUnavailableError`, and *outages* are told.
    """
    try:
        session = AsyncSession(engine, expire_on_commit=False)
        try:
            yield session
        except BaseException:
            await _see_through(session.close())
            raise
        await _see_through(_commit(session))
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


async def _commit(session: AsyncSession) -> None:
    async with session:
        await session.commit()


async def _see_through(end: Coroutine[Any, Any, None]) -> None:
    """Wait for *end* whatever comes, and only then be cancelled.

    A rollback that is cut off costs the connection, and SQLite has one that writes. It runs in a task of its own
    where SQLAlchemy closes a session, and a program that is stopped ends those as well.
    """
    ending = asyncio.ensure_future(end)
    cancelled: asyncio.CancelledError | None = None
    while not ending.done():
        try:
            await asyncio.wait([ending])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return ending.result()
    raise cancelled from (None if ending.cancelled() else ending.exception())
