"""The home of sending: one message to one receiver by SMTP."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aiosmtplib
from aiosmtplib import SMTPDataError, SMTPException, SMTPRecipientRefused, SMTPResponseException, SMTPStatus

from gateway.mail.mailer import MailInDoubtError, MailRefusedError, MailUnavailableError
from resolvers.rules.email_address import EmailAddress

if TYPE_CHECKING:
    import ssl
    from email.message import EmailMessage

    from gateway.mail.mailer import HandOver
    from gateway.operator.smtp_url import SmtpServer

STEP_SECONDS: Final = 30.0
"""For each step until the content is on its way."""
ANSWER_SECONDS: Final = 600.0
"""For the answer to the final dot, while the server may be handing the mail on: RFC 5321, 4.5.3.2.6. Whoever hangs up
before has it delivered again and again."""

_QUIT_SECONDS: Final = 1.0
_TAKEN: Final = range(200, 300)
_REFUSED: Final = range(400, 600)
_PERMANENT: Final = range(500, 600)
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_DOT: Final = re.compile(rb"^\.", re.MULTILINE)
_ENHANCED_CODE: Final = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])", re.ASCII)


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Sends by *server*, over a connection of its own for each message."""

    server: SmtpServer
    name: str
    """Whom to greet the server as."""
    step_seconds: float = STEP_SECONDS
    answer_seconds: float = ANSWER_SECONDS
    trust: ssl.SSLContext | None = None
    """Which certificates are believed; those of the machine by default."""

    async def deliver(self, message: EmailMessage, receiver: str, hand_over: HandOver) -> None:
        """Send *message* to *receiver* and nobody else, whatever its headers say.

        Raise `ValueError` unless *receiver* is one address, `MailRefusedError` if the server won't ever take it,
        `MailInDoubtError` if it did not say whether it has, and `MailUnavailableError` if anything else came between.
        """
        # Parsed: SMTP clients read `a@evil.com(@corp.com` as a@evil.com.
        to = str(EmailAddress.parse(receiver))
        sender = message["From"].addresses[0].addr_spec
        client = self._client()
        try:
            await client.connect()
            await client.mail(sender)
            await client.rcpt(to)
            await hand_over()
            await self._hand_over(client, bytes(message))
            # It is sent: what goes wrong from here on must not have it sent again.
            with suppress(SMTPException, OSError):
                await client.quit(timeout=_QUIT_SECONDS)
        except (SMTPRecipientRefused, SMTPDataError) as error:
            raise _verdict(error) from None
        except (SMTPException, OSError) as error:
            raise MailUnavailableError(_codes(error)) from None
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        server = self.server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username and server.username.encode(),
            password=server.password and server.password.encode(),
            local_hostname=self.name,
            timeout=self.step_seconds,
            use_tls=server.tls,
            start_tls=server.starttls,
            tls_context=self.trust,
        )

    async def _hand_over(self, client: aiosmtplib.SMTP, content: bytes) -> None:
        """Send *content* as `aiosmtplib.SMTP.data` does, which does not tell whether it has, and has one time-out."""
        asked = await client.execute_command(b"DATA")
        if asked.code != SMTPStatus.start_input or client.protocol is None:
            raise SMTPDataError(asked.code, asked.message)
        client.protocol.write(_framed(content))
        try:
            answer = await client.protocol.read_response(timeout=self.answer_seconds)
        except (SMTPException, OSError) as error:
            raise MailInDoubtError(_codes(error)) from None
        if answer.code in _REFUSED:
            raise SMTPDataError(answer.code, answer.message)
        if answer.code not in _TAKEN:
            raise MailInDoubtError(_codes(SMTPDataError(answer.code, answer.message))) from None


def _framed(content: bytes) -> bytes:
    """Return *content* as lines that none ends early: RFC 5321, 4.5.2."""
    lines = _LINE_END.sub(b"\r\n", content.removesuffix(b"\r\n"))
    return _DOT.sub(b"..", lines) + b"\r\n.\r\n"


def _verdict(error: SMTPResponseException) -> MailRefusedError | MailUnavailableError:
    return (MailRefusedError if error.code in _PERMANENT else MailUnavailableError)(_codes(error))


def _codes(error: Exception) -> str:
    """Return what went wrong without what the server wrote: it may repeat addresses, or the password."""
    if isinstance(error, SMTPResponseException):
        enhanced = _ENHANCED_CODE.match(error.message)
        return f"{type(error).__name__} {error.code}" + (f" {enhanced[0]}" if enhanced else "")
    if isinstance(error, TimeoutError):
        return TimeoutError.__name__
    cause = error.__cause__
    return type(cause if isinstance(cause, OSError) else error).__name__
