"""The home of customer numbers: each channel counts on its own, past the numbers that were given by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col, select

from db import models

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

_LONGEST_LOOK = 10_000  # numbers in one statement; PostgreSQL takes 32,767 parameters


async def next_customer_number(session: AsyncSession, channel_id: str) -> str:
    """Take the next free number of the channel.

    The channel's row stays locked until the unit of work ends, so that nobody else takes the number meanwhile. Whoever
    gives a number by hand locks it, too.
    """
    number = first = await _advance(session, channel_id)
    count = 1
    while (free := await _first_free(session, channel_id, first, count)) is None:
        first += count
        count = min(count * 10, _LONGEST_LOOK)
    if free != number:
        await _set_last(session, channel_id, free)
    return str(free)


async def _advance(session: AsyncSession, channel_id: str) -> int:
    last = col(models.Channel.last_customer_number)
    advanced = await session.exec(
        sa.update(models.Channel).where(col(models.Channel.id) == channel_id).values({last: last + 1}).returning(last)
    )
    number: int = advanced.scalar_one()
    return number


async def _first_free(session: AsyncSession, channel_id: str, first: int, count: int) -> int | None:
    candidates = range(first, first + count)
    taken = await session.exec(
        select(models.Customer.customer_number).where(
            col(models.Customer.channel_id) == channel_id,
            col(models.Customer.customer_number).in_([str(number) for number in candidates]),
        )
    )
    numbers = set(taken)
    return next((number for number in candidates if str(number) not in numbers), None)


async def _set_last(session: AsyncSession, channel_id: str, last: int) -> None:
    await session.exec(
        sa.update(models.Channel).where(col(models.Channel.id) == channel_id).values(last_customer_number=last)
    )
