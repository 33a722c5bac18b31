"""The home of sweeping: what has come to its end is kept for a while, and then no longer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from db.columns import moment
from db.models import Mail, MailedToken, Registration, Session, Throttle
from resolvers import throttles

if TYPE_CHECKING:
    from datetime import datetime

    from db.engine import Database

REGISTRATIONS_KEPT = timedelta(days=7)
"""Unless the address is proved."""
TOKENS_KEPT = timedelta(days=7)
"""After they have expired, so that who comes late is told so."""
MAILS_KEPT = timedelta(days=30)
"""After they were sent, dropped or given up, or written where there is nowhere to send to: they hold addresses."""


async def sweep(database: Database, now: datetime) -> int:
    """Delete what has outlived its use; return how many rows that were."""
    outlived: tuple[tuple[type, sa.ColumnElement[bool]], ...] = (
        (Session, col(Session.expires_at) <= now),
        (Throttle, throttles.ended(now)),
        (MailedToken, col(MailedToken.expires_at) <= now - TOKENS_KEPT),
        (Registration, col(Registration.created_at) <= now - REGISTRATIONS_KEPT),
        (Mail, sa.func.coalesce(col(Mail.ended_at), col(Mail.created_at)) <= moment(now - MAILS_KEPT)),
    )
    swept = 0
    for table, which in outlived:
        # A unit of work each: who writes waits for one of them at most.
        async with database.unit_of_work() as session:
            swept += (await session.exec(sa.delete(table).where(which))).rowcount
    return swept
