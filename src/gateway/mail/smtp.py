"""The home of sending: one message to one receiver by SMTP."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aiosmtplib
from aiosmtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from gateway.mail.mailer import MailRefusedError, MailUnavailableError
from resolvers.email_address import EmailAddress

if TYPE_CHECKING:
    import ssl
    from email.message import EmailMessage

    from gateway.mail.smtp_url import SmtpServer

TIMEOUT_SECONDS: Final = 30.0
"""For all that it takes to send one; shorter than the lease of the outbox."""

_QUIT_SECONDS: Final = 1.0
_PERMANENT: Final = range(500, 600)
_ENHANCED_CODE: Final = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])", re.ASCII)


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Sends by *server*, over a connection of its own for each message."""

    server: SmtpServer
    timeout: float = TIMEOUT_SECONDS
    trust: ssl.SSLContext | None = None
    """Which certificates are believed; those of the machine by default."""

    async def deliver(self, message: EmailMessage, receiver: str) -> None:
        """Send *message* to *receiver* and nobody else, whatever its headers say.

        Raise `ValueError` unless *receiver* is one address, `MailRefusedError` if the server won't ever take it, and
        `MailUnavailableError` if anything else came between.
        """
        # Parsed: SMTP clients read `a@evil.com(@corp.com` as a@evil.com.
        to = str(EmailAddress.parse(receiver))
        sender = message["From"].addresses[0].addr_spec
        try:
            await self._post(sender, to, bytes(message))
        except SMTPRecipientsRefused as error:
            raise _verdict(error.recipients[0]) from None
        except SMTPDataError as error:
            raise _verdict(error) from None
        except (SMTPException, OSError) as error:
            raise MailUnavailableError(_codes(error)) from None

    async def _post(self, sender: str, to: str, content: bytes) -> None:
        client = self._client()
        try:
            async with asyncio.timeout(self.timeout):
                await client.connect()
                await client.sendmail(sender, [to], content)
            # It is sent: what goes wrong from here on must not have it sent again.
            with suppress(SMTPException, OSError):
                await client.quit(timeout=_QUIT_SECONDS)
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        server = self.server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username and server.username.encode(),
            password=server.password and server.password.encode(),
            timeout=None,  # `deliver` has one for all of it
            use_tls=server.tls,
            start_tls=server.starttls,
            tls_context=self.trust,
        )


def _verdict(error: SMTPResponseException) -> MailRefusedError | MailUnavailableError:
    return (MailRefusedError if error.code in _PERMANENT else MailUnavailableError)(_codes(error))


def _codes(error: Exception) -> str:
    """Return what went wrong without what the server wrote: it may repeat addresses, or the password."""
    if isinstance(error, SMTPResponseException):
        enhanced = _ENHANCED_CODE.match(error.message)
        return f"{type(error).__name__} {error.code}" + (f" {enhanced[0]}" if enhanced else "")
    cause = error.__cause__
    return type(cause if isinstance(cause, OSError) else error).__name__
