"""The home of what the mailbox of development shows: the outbox, whose tokens are made again as for sending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, select

from db.ids import is_well_formed
from db.models import Mail
from gateway.mail.mailbox import Posted
from resolvers.mails.composition import read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.http.graphql import GraphQL
    from resolvers.mails.composition import Keys
    from resolvers.mails.letter import Letter


@dataclass(frozen=True, slots=True)
class PostedMails:
    """The mails of what *opened* returns, once it is open."""

    opened: Callable[[], GraphQL]
    keys: Keys

    async def newest(self, channel_code: str, limit: int) -> Sequence[Posted] | None:
        """Return the newest letters, the last first; None if there is no such channel."""
        if (channel_id := await self.opened().channels.id_of(channel_code)) is None:
            return None
        composed = select(Mail).where(Mail.channel_id == channel_id, col(Mail.letter).is_not(None))
        async with self.opened().database.unit_of_work() as session:
            mails = (await session.exec(composed.order_by(col(Mail.id).desc()).limit(limit))).all()
            letters = [(await read(session, mail, self.keys), mail.state) for mail in mails]
        return [Posted(letter, state) for letter, state in letters if letter is not None]

    async def letter(self, channel_code: str, mail_id: str) -> Letter | None:
        """Return a letter of the channel; None if there is none."""
        channel_id = await self.opened().channels.id_of(channel_code)
        if channel_id is None or not is_well_formed(mail_id):
            return None
        async with self.opened().database.unit_of_work() as session:
            mail = await session.get(Mail, mail_id)
            return await read(session, mail, self.keys) if mail and mail.channel_id == channel_id else None
