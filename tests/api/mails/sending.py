"""The home of what the tests of the sender share: a mailer that keeps what it delivers."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from db import models
from db.engine import Database
from db.enums import MailKind, MailState
from gateway.mail.sender import Sender
from tests.api.mails.outgoing import put
from tests.api.services import a_user, rows
from tests.api.signing_in import HANS, KEYS, a_shop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.mail.mailer import HandOver
    from resolvers.mails.letter import Letter
    from tests.api.signing_in import Shop


NOTICE = MailKind.PASSWORD_CHANGED


@dataclass
class RecordingMailer:
    """Keeps what it delivers, and fails as it is told to, by receiver."""

    failures: dict[str, Exception] = field(default_factory=dict)
    meanwhile: Callable[[], Awaitable[object]] | None = None
    """Done after it was handed over."""
    before: Callable[[], Awaitable[object]] | None = None
    """Done before."""
    delivered: list[tuple[str, str]] = field(default_factory=list)
    """Receivers and texts."""

    async def deliver(self, message: EmailMessage, receiver: str, hand_over: HandOver) -> None:
        if self.before:
            await self.before()
        await hand_over()
        if self.meanwhile:
            await self.meanwhile()
        if receiver in self.failures:
            raise self.failures[receiver]
        self.delivered.append((receiver, message.get_content().strip()))

    @property
    def receivers(self) -> list[str]:
        return sorted(receiver for receiver, _text in self.delivered)


def render(letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message.set_content(letter.link or letter.theme)
    return message


def a_sender(shop: Shop, mailer: RecordingMailer, **replaced: Any) -> Sender:
    parts: dict[str, Any] = {
        "database": shop.database,
        "mailer": mailer,
        "clock": shop.context.clock,
        "keys": KEYS,
        "render": render,
        "ceiling": 1000,
        "poll_seconds": 0.01,
    }
    return Sender(**parts | replaced)


async def a_notice(shop: Shop, email_address: str = HANS) -> str:
    """Put a mail that tells its user something into the outbox; return its id."""
    [account] = [each for each in await rows(shop.database, models.Account) if each.email_address == HANS]
    [user] = [each for each in await rows(shop.database, models.User) if each.account_id == account.id]
    return await put(shop, NOTICE, email_address, user_id=user.id, confirmation_base_url=None)


async def a_shop_of_hans(database: Database) -> Shop:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    return shop


async def states(database: Database) -> list[MailState]:
    return sorted(mail.state for mail in await rows(database, models.Mail))
