"""The home of how a mail of the outbox becomes a letter: who reads it, what it says, which token it carries.

Found out when it is sent, and not when it was asked for: whoever asks waits for nothing that depends on what there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from db.columns import moment
from db.enums import MailState, TokenPurpose
from db.ids import new_id
from db.models import Channel, Mail, MailedToken
from resolvers.mails import outbox
from resolvers.mails.letter import Form, Letter, Theme, greeted, masked
from resolvers.mails.mailed_tokens import LIFETIMES
from resolvers.mails.recipients import addressee_of
from resolvers.rules import links, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.mails.recipients import Addressee

_PURPOSES = {
    Theme.CONFIRM_REGISTRATION: TokenPurpose.EMAIL_CONFIRMATION,
    Theme.CONFIRM_ADDRESS: TokenPurpose.EMAIL_CONFIRMATION,
    Theme.CONFIRM_NEW_ADDRESS: TokenPurpose.EMAIL_CONFIRMATION,
    Theme.RESET_PASSWORD: TokenPurpose.PASSWORD_RESET,
}
"""What the link of a letter is good for, where it has one."""


class KeyGoneError(LookupError):
    """None of the secret keys has made the token of a mail that was begun."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The secret keys that mailed tokens are made of: the first for new ones, all for those that were made before."""

    keys: Sequence[bytes]

    def token(self, row: MailedToken) -> str | None:
        """Return the token of *row*; None if its key is not among these."""
        made = (tokens.mailed(key, row.purpose, row.id, row.salt) for key in self.keys)
        return next((token for token in made if tokens.digest(token) == row.token_sha256), None)

    def new(self, purpose: TokenPurpose, row_id: str, salt: bytes) -> str:
        """Return a new token."""
        return tokens.mailed(self.keys[0], purpose, row_id, salt)


async def compose(session: AsyncSession, mail_id: str, keys: Keys, now: datetime) -> Letter | None:
    """Return the letter of a mail that waits, the same at each try, its token good from now on.

    None if there is nobody to write to, or its reason has gone; then the mail has ended. Raises `KeyGoneError`.
    """
    mail = await session.get(Mail, mail_id, with_for_update=True)
    if mail is None or mail.state is not MailState.QUEUED:
        return None
    if not (
        await _may_link(session, mail) and await _begin(session, mail, keys, now) and await _renew(session, mail, now)
    ):
        await outbox.end(session, mail_id, MailState.DROPPED, now)
        return None
    if (letter := await read(session, mail, keys)) is None:
        raise KeyGoneError
    return letter


async def read(session: AsyncSession, mail: Mail, keys: Keys) -> Letter | None:
    """Return the letter that was composed of *mail*; None if none was, or its key is gone."""
    if mail.letter is None:
        return None
    channel = await session.get_one(Channel, mail.channel_id)
    token, link = None, None
    if mail.token_id is not None and mail.confirmation_base_url is not None:
        token = await session.get(MailedToken, mail.token_id, populate_existing=True)
        if token is None or (text := keys.token(token)) is None:
            return None
        link = links.with_token(mail.confirmation_base_url, text)
    return Letter(
        mail_id=mail.id,
        theme=Theme(mail.letter["theme"]),
        receiver=mail.letter["receiver"],
        name=mail.letter["name"],
        locale=mail.letter["locale"],
        time_zone=mail.letter["timeZone"],
        shop=channel.name,
        sender_name=channel.sender_name or channel.name,
        sender_address=channel.sender_email_address,
        written_at=mail.created_at,
        link=link,
        expires_at=token.expires_at if token else None,
        other_address=mail.other_address and masked(mail.other_address),
        form=Form.of(mail.letter),
    )


async def _may_link(session: AsyncSession, mail: Mail) -> bool:
    """Tell whether the shop still has the page that a mail links to: it may have lost it since it was asked for."""
    if mail.confirmation_base_url is None:
        return True
    channel = await session.get_one(Channel, mail.channel_id)
    listed = channel.landing_pages.get(links.PURPOSES[mail.kind], ())
    return links.matter(mail.confirmation_base_url, listed) is None


async def _begin(session: AsyncSession, mail: Mail, keys: Keys, now: datetime) -> bool:
    """Find out what a mail says and make its token, unless that is done; tell whether there is anybody to write to."""
    if mail.letter is not None:
        return True
    if (addressee := await addressee_of(session, mail)) is None:
        return False
    if purpose := _PURPOSES.get(addressee.theme):
        mail.token_id = await _new_token(session, mail, addressee, purpose, keys, now)
    mail.letter = {
        "theme": addressee.theme,
        "receiver": addressee.email_address,
        "name": greeted(addressee.first_name, addressee.last_name),
        "locale": addressee.locale,
        "timeZone": addressee.time_zone,
        **(addressee.form.kept() if addressee.form else {}),
    }
    session.add(mail)
    await session.flush()
    return True


async def _new_token(  # noqa: PLR0913, PLR0917 - what a token is made of
    session: AsyncSession, mail: Mail, addressee: Addressee, purpose: TokenPurpose, keys: Keys, now: datetime
) -> str:
    # Older ones stay good until one of them is used: else whoever asks for a link would void the owner's.
    token_id, salt = new_id(MailedToken.letters, now), tokens.new_salt()
    session.add(
        MailedToken(
            id=token_id,
            channel_id=mail.channel_id,
            purpose=purpose,
            subject_id=addressee.subject_id,
            email_address=addressee.email_address,
            salt=salt,
            token_sha256=tokens.digest(keys.new(purpose, token_id, salt)),
            created_at=now,
            expires_at=now + LIFETIMES[purpose],
        )
    )
    return token_id


async def _renew(session: AsyncSession, mail: Mail, now: datetime) -> bool:
    """Have the token of a mail live from this try on, else it might arrive dead; tell whether it is unspent."""
    if mail.token_id is None:
        return True
    expires_at = sa.case(
        {purpose: moment(now + lifetime) for purpose, lifetime in LIFETIMES.items()},
        value=col(MailedToken.purpose),
    )
    unspent = sa.and_(col(MailedToken.id) == mail.token_id, col(MailedToken.spent_at).is_(None))
    renewed = sa.update(MailedToken).where(unspent).values(expires_at=expires_at)
    return bool((await session.exec(renewed.execution_options(synchronize_session=False))).rowcount)
