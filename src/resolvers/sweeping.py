"""The home of sweeping: what has come to its end is kept for a while, and then no longer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from db.columns import moment
from db.models import AdminSession, Mail, MailedToken, Registration, Repetition, Session, Throttle
from resolvers.repetitions import KEPT
from resolvers.throttling import attempts

if TYPE_CHECKING:
    from datetime import datetime

    from db.engine import Database

REGISTRATIONS_KEPT = timedelta(days=7)
"""Unless the address is proved."""
TOKENS_KEPT = timedelta(days=7)
"""After they have expired, so that who comes late is told so."""
MAILS_KEPT = timedelta(days=30)
"""After they were sent, dropped or given up, or written where there is nowhere to send to: they hold addresses."""


AT_ONCE = 2000
"""Rows that are deleted in a unit of work: of SQLite's, a tenth of a second."""


async def sweep(database: Database, now: datetime) -> int:
    """Delete what has outlived its use; return how many rows that were."""
    outlived: tuple[tuple[type, sa.ColumnElement[bool]], ...] = (
        (Session, col(Session.expires_at) <= now),
        (AdminSession, col(AdminSession.expires_at) <= now),
        (Throttle, attempts.ended(now)),
        (Repetition, col(Repetition.done_at) <= now - KEPT),
        (MailedToken, col(MailedToken.expires_at) <= now - TOKENS_KEPT),
        (Registration, col(Registration.created_at) <= now - REGISTRATIONS_KEPT),
        (Mail, sa.func.coalesce(col(Mail.ended_at), col(Mail.created_at)) <= moment(now - MAILS_KEPT)),
    )
    return sum([await _delete(database, table, which) for table, which in outlived])


async def _delete(database: Database, table: type, which: sa.ColumnElement[bool]) -> int:
    """Delete the rows, some in each unit of work: who writes waits for one at most, and what is done stays done."""
    rows: Any = sa.inspect(table).local_table
    [key] = rows.primary_key
    # What somebody is changing can wait for the next sweep, and nobody waits in a circle.
    batch = sa.select(key).where(which).limit(AT_ONCE).with_for_update(skip_locked=True).cte("outlived")
    deletion = sa.delete(rows).where(key.in_(sa.select(batch.c[key.name]))).returning(key)
    deleted = 0
    while True:
        async with database.unit_of_work() as session:
            count = len((await session.exec(deletion)).all())
        deleted += count
        if count < AT_ONCE:
            return deleted
