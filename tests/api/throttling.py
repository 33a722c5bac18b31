"""The home of what the tests of throttles share: who asks from where, and how long they are told to wait."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db import models
from db.enums import MailKind
from resolvers.rules.errors import BadCredentials, RateLimited
from resolvers.throttling.attempts import count_mail, may_mail
from tests.api.services import StandingClock, a_user, rows
from tests.api.signing_in import HANS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

    from db.engine import Database
    from resolvers.context import Context


def later(context: Context, **by: float) -> None:
    assert isinstance(context.clock, StandingClock)
    context.clock.advance(timedelta(**by))


def at(context: Context, ip_address: str | None) -> Context:
    return dataclasses.replace(context, ip_address=ip_address)


def networks() -> Iterable[str]:
    """Yield addresses of networks that nobody has come from yet."""
    return (f"198.51.{number // 256}.{number % 256}" for number in count())


async def wait_after(attempt: Awaitable[object]) -> int:
    """Return for how many seconds a try is refused, 0 if it is let through."""
    try:
        await attempt
    except RateLimited as limited:
        return limited.retry_after_seconds
    except BadCredentials:
        pass
    return 0


async def let_through(attempts: Iterable[Awaitable[object]]) -> int:
    """Return how many of those who try at once are let through."""
    return (await asyncio.gather(*map(wait_after, attempts))).count(0)


async def mailed(context: Context, canonical: str, kind: MailKind = MailKind.PASSWORD_RESET) -> bool:
    """Ask for a mail; tell whether it is sent."""
    async with context.database.unit_of_work() as session:
        await count_mail(session, context)
        return await may_mail(session, context, kind, canonical)


async def an_account(context: Context, email_address: str = HANS) -> str:
    """Register a user, and forget that this counts; return the user's id."""
    created = await a_user(context, email_address)
    async with context.database.unit_of_work() as session:
        await session.exec(sa.delete(models.Throttle))
    return created.user_id


async def tries(database: Database) -> list[int]:
    return sorted(row.tries for row in await rows(database, models.Throttle))
