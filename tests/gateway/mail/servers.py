"""The home of mail servers for tests: on loopback, in the loop of the test, as good or bad as it wants them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from gateway.operator.smtp_url import SmtpServer

_AUTHORITY = trustme.CA()
TRUST = ssl.create_default_context()
_AUTHORITY.configure_trust(TRUST)
PASSWORD = "s3cret: ä"


@dataclass
class MailServer:
    """What it answers, and what it took."""

    to_sender: str = "250 OK"
    to_receiver: str = "250 OK"
    to_content: str = "250 OK"
    seconds: float = 0
    """How long it thinks about content."""
    taken: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    greeted: list[str | None] = field(default_factory=list)
    """By which name."""
    port: int = 0

    def at(self, **how: Any) -> SmtpServer:
        return replace(SmtpServer("localhost", self.port, tls=False, starttls=None), **how)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.to_sender

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.to_receiver.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.to_receiver

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        await asyncio.sleep(self.seconds)
        if self.to_content.startswith("2"):
            self.taken.append(envelope)
            self.encrypted.append(session.ssl is not None)
            self.greeted.append(session.host_name)
        return self.to_content

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=login.password == PASSWORD.encode(), handled=False)


@asynccontextmanager
async def running(server: MailServer, *, tls: bool = False, **how: Any) -> AsyncIterator[MailServer]:
    """Let *server* listen; with *how* of aiosmtpd's `SMTP`. *tls* from the first byte."""

    def protocol() -> SMTP:
        return SMTP(server, hostname="mail.example", authenticator=server.authenticate, **how)

    listening = await asyncio.get_running_loop().create_server(
        protocol, "127.0.0.1", 0, ssl=certified() if tls else None
    )
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()


@asynccontextmanager
async def talking(talk: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[SmtpServer]:
    """Let something listen that does as *talk*, for one connection."""
    ended = asyncio.Event()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await talk(writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        ended.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        yield SmtpServer("127.0.0.1", listening.sockets[0].getsockname()[1], tls=False, starttls=None)
        await ended.wait()


def certified() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    _AUTHORITY.issue_cert("localhost").configure_cert(context)
    return context
