"""The home of the way of a mail: a sender as the gateway's, and a mail server that keeps whatever it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateway.mail.rendering import render
from gateway.mail.sender import Sender
from gateway.mail.smtp import SmtpMailer
from tests.fire.world import KEYS, UNLIMITED
from tests.gateway.mail.servers import MailServer, running

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

    from tests.fire.world import World

FROM = "post@gateway.example"


@dataclass
class Postbox(MailServer):
    """Takes everything, and remembers each receiver that it was told, also of mails that did not come."""

    receivers: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.receivers.append(address)
        return await super().handle_RCPT(server, session, envelope, address, options)


@dataclass
class Post:
    """A sender of the world, and where its mails arrive."""

    box: Postbox
    sender: Sender

    async def sent(self) -> list[Envelope]:
        """Send what is due; return what arrives."""
        before = len(self.box.taken)
        while await self.sender.send_due():
            pass
        return self.box.taken[before:]


@asynccontextmanager
async def a_post(world: World, **how: Any) -> AsyncIterator[Post]:
    """Let the mails of *world* go to a server on the loopback."""
    async with running(Postbox(), **how) as box:
        assert isinstance(box, Postbox)
        sender = Sender(
            database=world.gateway.database,
            mailer=SmtpMailer(box.at(host="127.0.0.1"), "gateway.corp.com"),
            clock=world.clock,
            keys=KEYS,
            render=lambda letter: render(letter, FROM),
            ceiling=UNLIMITED.mails_per_network,
        )
        yield Post(box, sender)
