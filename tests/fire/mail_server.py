"""The home of a mail server that keeps what it receives, takes its time, and can be out of order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class MailServer:
    """A server on the loopback, at one port for as long as it lives, in the loop of who made it."""

    seconds: float = 0.0
    """How long it thinks about each message before it takes it."""
    answer: asyncio.Event | None = None
    """Until when it keeps everybody waiting, if it does."""
    hangs_up: int = 0
    """In place of so many answers."""
    received: list[tuple[list[str], bytes]] = field(default_factory=list)
    """The receivers and the bytes of each message."""
    port: int = 0
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Return what GATEWAY_SMTP_URL is set to."""
        return f"smtp://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Take connections."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, loop=loop), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Take no connection any more."""
        if self._server is not None:
            self._server.close()

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        assert isinstance(envelope.content, bytes)
        self.received.append((list(envelope.rcpt_tos), envelope.content))
        # Taken already: who is killed from here on has delivered it, and does not know.
        await asyncio.sleep(self.seconds)
        if self.answer is not None:
            await self.answer.wait()
        if self.hangs_up and isinstance(server.transport, asyncio.WriteTransport):
            self.hangs_up -= 1
            server.transport.abort()
        return "250 OK"


@asynccontextmanager
async def a_mail_server(seconds: float = 0.0) -> AsyncIterator[MailServer]:
    """Run a mail server."""
    server = MailServer(seconds)
    await server.start()
    try:
        yield server
    finally:
        server.stop()
