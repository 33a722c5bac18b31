"""The home of what an operator sees of the mails, and does about those that were not sent. Never a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col, select

from db.enums import MailState
from db.models import Channel, Mail

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession
    from sqlmodel.sql.expression import Select

    Shown = dict[str, object]
    """By the name of what is shown."""

RETRIED = (MailState.GIVEN_UP, MailState.UNKNOWN)
"""What an operator may queue again."""
_HIDDEN = {"token_id"}
_SHOWN_OF_LETTER = {"theme", "receiver", "name", "locale", "timeZone"}
"""No link is stored there; were one, it would have a token."""


async def newest(session: AsyncSession, *, channel_id: str | None, state: MailState | None, limit: int) -> list[Shown]:
    """Return the newest mails, of a channel and in a state if they are given, the newest first."""
    found = _with_channel().order_by(col(Mail.id).desc()).limit(limit)
    if channel_id is not None:
        found = found.where(col(Mail.channel_id) == channel_id)
    if state is not None:
        found = found.where(col(Mail.state) == state)
    return [_line(mail, channel) for mail, channel in await session.exec(found)]


async def all_of(session: AsyncSession, mail_id: str) -> Shown | None:
    """Return everything about a mail, None if there is none."""
    found = (await session.exec(_with_channel().where(col(Mail.id) == mail_id))).first()
    if found is None:
        return None
    mail, channel = found
    shown = {name: value for name, value in mail.model_dump().items() if name not in _HIDDEN}
    if isinstance(mail.letter, dict):
        shown["letter"] = {name: value for name, value in mail.letter.items() if name in _SHOWN_OF_LETTER}
    return {"id": mail.id, "channel": channel, **shown}


async def retry(session: AsyncSession, mail_ids: Sequence[str], now: datetime) -> set[str]:
    """Queue those of the mails again that were given up or are unknown; return which they were."""
    return await _queue_again(session, now, col(Mail.id).in_(mail_ids), col(Mail.state).in_(RETRIED))


async def retry_all(session: AsyncSession, state: MailState, channel_id: str | None, now: datetime) -> int:
    """Queue all mails in one of these states again, those of a channel if it is given; return how many they were."""
    return len(await _queue_again(session, now, col(Mail.state) == state, *_of(channel_id)))


async def drop(session: AsyncSession, mail_ids: Sequence[str], now: datetime) -> set[str]:
    """Have those of the mails not sent any more that wait, were given up or are unknown; return which they were."""
    return await _drop(session, now, col(Mail.id).in_(mail_ids), col(Mail.state).in_((MailState.QUEUED, *RETRIED)))


async def drop_all(session: AsyncSession, state: MailState, channel_id: str | None, now: datetime) -> int:
    """Drop all mails in a state, those of a channel if it is given; return how many they were."""
    return len(await _drop(session, now, col(Mail.state) == state, *_of(channel_id)))


def _of(channel_id: str | None) -> Sequence[sa.ColumnElement[bool]]:
    return () if channel_id is None else (col(Mail.channel_id) == channel_id,)


async def _queue_again(session: AsyncSession, now: datetime, *which: sa.ColumnElement[bool]) -> set[str]:
    again = {"state": MailState.QUEUED, "due_at": now, "tries": 0, "doubts": 0, "ended_at": None}
    return await _change(session, again, *which)


async def _drop(session: AsyncSession, now: datetime, *which: sa.ColumnElement[bool]) -> set[str]:
    return await _change(session, {"state": MailState.DROPPED, "ended_at": now}, *which)


async def _change(session: AsyncSession, values: dict[str, object], *which: sa.ColumnElement[bool]) -> set[str]:
    # The state is part of the condition: who does the same meanwhile finds nothing left to do.
    changed = (
        sa.update(Mail)
        .where(*which)
        .values(**values)
        .returning(col(Mail.id))
        .execution_options(synchronize_session=False)
    )
    return set((await session.exec(changed)).scalars())


def _with_channel() -> Select[Mail, str]:
    return select(Mail, Channel.code).join(Channel, col(Channel.id) == col(Mail.channel_id))


def _line(mail: Mail, channel: str) -> Shown:
    return {
        "id": mail.id,
        "channel": channel,
        "kind": mail.kind,
        "state": mail.state,
        "to": mail.email_address,
        "created": mail.created_at,
        "tries": mail.tries,
        "next_or_end": mail.due_at if mail.state is MailState.QUEUED else mail.ended_at,
        "problem": mail.problem,
    }
