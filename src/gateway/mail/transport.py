"""The home of where mails go by the settings: to a mail server, into the mailbox of development, or nowhere yet."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from gateway.mail.sender import Sender
from gateway.operator.helo import helo_of
from resolvers.mails.composition import Keys

if TYPE_CHECKING:
    from email.message import EmailMessage

    from db.engine import Database
    from gateway.mail.mailer import HandOver, Mailer
    from gateway.operator.settings import Settings
    from resolvers.mails.letter import Letter
    from resolvers.ports import Clock

DEVELOPMENT_SENDER = "shop@gateway.example"
"""Of mails that are shown, and never sent."""


class _Shown:
    """Delivers nothing: the mailbox shows what is in the outbox."""

    async def deliver(self, message: EmailMessage, receiver: str, hand_over: HandOver) -> None:
        """Take the message for delivered."""


def keys_of(settings: Settings) -> Keys:
    """Return what mailed tokens are made of."""
    return Keys([key.get_secret_value().encode() for key in settings.secret_key])


def helo_name(settings: Settings) -> str:
    """Return whom mail servers are greeted as. Nothing is looked up: DNS may take long, or answer `localhost`."""
    domain = (settings.mail_from or DEVELOPMENT_SENDER).rpartition("@")[2]
    return settings.smtp_helo or helo_of(socket.gethostname(), domain)


def mailer_of(settings: Settings) -> Mailer | None:
    """Return what delivers mails; None if they wait in the outbox."""
    if settings.smtp_url is not None:
        from gateway.mail.smtp import SmtpMailer  # noqa: PLC0415 - who has no mail server does without the client
        from gateway.operator.smtp_url import parse_smtp_url  # noqa: PLC0415

        return SmtpMailer(parse_smtp_url(settings.smtp_url.get_secret_value()), helo_name(settings))
    return _Shown() if settings.mailbox else None


def sender_of(settings: Settings, database: Database, clock: Clock) -> Sender | None:
    """Return what sends the mails of the outbox; None if they wait there."""
    mailer = mailer_of(settings)
    default_sender = settings.mail_from or DEVELOPMENT_SENDER

    def render(letter: Letter) -> EmailMessage:
        # Templates take 3 MiB, which a process that has not sent a mail yet does not need.
        from gateway.mail import rendering  # noqa: PLC0415

        return rendering.render(letter, default_sender)

    if mailer is None:
        return None
    return Sender(
        database=database,
        mailer=mailer,
        clock=clock,
        keys=keys_of(settings),
        render=render,
        ceiling=settings.mails_per_channel,
    )
