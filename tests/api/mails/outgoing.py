"""The home of what the tests of mails share: mails that wait, and how they are claimed and composed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db import models
from resolvers.mails import outbox
from resolvers.mails.composition import compose
from resolvers.rules.email_address import EmailAddress
from tests.api.services import rows
from tests.api.signing_in import HANS, KEYS, PAGE, Shop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.engine import Database
    from db.enums import MailKind
    from resolvers.mails.composition import Keys
    from resolvers.mails.letter import Letter
    from resolvers.mails.outbox import ClaimedMail


async def put(shop: Shop, kind: MailKind, email_address: str = HANS, **given: Any) -> str:
    """Put a mail into the outbox, a moment after the one before; return its id."""
    shop.advance(seconds=0.001)
    before = {mail.id for mail in await rows(shop.database, models.Mail)}
    given = {"confirmation_base_url": PAGE} | given
    now = shop.context.clock.now()
    async with shop.database.unit_of_work() as session:
        address = EmailAddress.parse(email_address)
        outbox.put(session, kind, address, channel_id=shop.context.channel_id, now=now, **given)
    [mail_id] = {mail.id for mail in await rows(shop.database, models.Mail)} - before
    return mail_id


async def claimed(shop: Shop, most: int = 10) -> Sequence[ClaimedMail]:
    """Claim what is due."""
    async with shop.database.unit_of_work() as session:
        return await outbox.claim(session, shop.context.clock.now(), most)


async def composed(shop: Shop, mail_id: str, keys: Keys = KEYS) -> Letter | None:
    """Return the letter of a mail."""
    async with shop.database.unit_of_work() as session:
        return await compose(session, mail_id, keys, shop.context.clock.now())


async def the_mail(database: Database, mail_id: str) -> models.Mail:
    [mail] = [mail for mail in await rows(database, models.Mail) if mail.id == mail_id]
    return mail
