"""The home of the port for delivering: what a mailer does, and how it says that it could not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from email.message import EmailMessage


class MailRefusedError(Exception):
    """The server won't ever take this message for this receiver. The text holds codes, never what the server wrote."""


class MailUnavailableError(Exception):
    """The message was not taken now: try again. The text holds codes, never what the server wrote."""


class Mailer(Protocol):
    """Delivers a message to one receiver."""

    async def deliver(self, message: EmailMessage, receiver: str) -> None:
        """Raise `MailRefusedError` or `MailUnavailableError` unless somebody else answers for it from now on."""
        ...
