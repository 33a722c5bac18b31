"""The home of the port for delivering: what a mailer does, and how it says that it could not, or does not know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from email.message import EmailMessage

HandOver = Callable[[], Awaitable[None]]
"""Is awaited right before a message is handed over; what it raises keeps the message back."""


class MailRefusedError(Exception):
    """The server won't ever take this message for this receiver. The text holds codes, never what the server wrote."""


class MailUnavailableError(Exception):
    """The message was not taken now: try again. The text holds codes, never what the server wrote."""


class MailInDoubtError(Exception):
    """The message was handed over, and nobody knows whether it was taken. The text holds codes alone, too."""


class Mailer(Protocol):
    """Delivers a message to one receiver."""

    async def deliver(self, message: EmailMessage, receiver: str, hand_over: HandOver) -> None:
        """Raise one of the errors above unless somebody else answers for the message from now on.

        Only after *hand_over* may there be any doubt about that.
        """
        ...
