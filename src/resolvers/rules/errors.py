"""The home of what can go wrong for a caller, as exceptions that services raise. Pure.

DomainError
├── InvalidInput                     the input breaks rules, all of them are told
├── NotFound                         what an id of the input names is not there for the caller
├── EmailAddressTaken                another user of the channel has the address
├── RegistrationClosed               the channel does not let people register on their own
├── BadCredentials                   no enabled user has this username and password
├── EmailAddressNotConfirmed         the password is right, but a mailed link must be followed first
├── TokenInvalid                     unknown, used or voided: one answer
├── TokenExpired                     it was good once
├── ConfirmationBaseUrlNotAllowed    the channel does not let mails link there
└── RateLimited                      too much at once or too often; says when to try again

`resolvers.outcomes` turns each into the member of a mutation's result.
"""

# ruff: noqa: N818 - names that end in Error are those of the API.

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resolvers.rules.violations import Violation


class Limit(StrEnum):
    """Which limit has closed: for the log alone, as a client who knew would know whom to lock out next."""

    OWN = "own"
    """Of tries at an account from one network."""
    ACCOUNT = "account"
    NETWORK = "network"
    REGISTRATIONS = "registrations"
    """Of a network."""
    MAILS_OF_NETWORK = "mails of network"
    MAILS_TO_ADDRESS = "mails to address"
    HASHER = "hasher"
    DOCUMENTS_OF_USER = "new documents of user"
    DOCUMENTS_OF_NETWORK = "new documents of network"
    DOCUMENTS = "new documents"
    """Of all."""


class DomainError(Exception):
    """An outcome that the caller can act on; `message` tells people the next step."""

    message: str

    def __init__(self, message: str | None = None) -> None:
        """Tell *message*, where those whom it is for have another next step than most."""
        super().__init__()
        if message is not None:
            self.message = message

    def __str__(self) -> str:
        """Return the message."""
        return self.message


class InvalidInput(DomainError):
    """The input breaks rules."""

    message = "Some of the input is not valid. Correct the fields listed under violations and send it again."

    def __init__(self, violations: Sequence[Violation]) -> None:
        """Keep *violations*, in the order of the input's fields."""
        super().__init__()
        self.violations = tuple(violations)


class NotFound(DomainError):
    """What an id of the input names is not there, or not for the caller: nobody learns which."""

    message = "There is no such object, or you may not see it. Check the id."

    def __init__(self, field: tuple[str, ...]) -> None:
        """Keep the path of the id inside the input."""
        super().__init__()
        self.field = field


class EmailAddressTaken(DomainError):
    """Another user of the channel has the address."""

    message = "There is an account with this e-mail address already. Sign in, or use another address."


class RegistrationClosed(DomainError):
    """The channel does not let people register on their own."""

    message = "This shop does not accept registrations. Ask the shop for an account."


class BadCredentials(DomainError):
    """No enabled user has this username and password. Never says which of them was wrong: that would list the users."""

    message = (
        "The password is wrong, or there is no such user. Check what you typed and try again, or reset the password."
    )


class EmailAddressNotConfirmed(DomainError):
    """The password is right, but nobody has proved the address."""

    message = "First follow the link in the mail that we sent you, or have it sent again."


class TokenInvalid(DomainError):
    """The token is unknown, used or voided. Nobody learns which."""

    message = "This link does not work any more. If you have followed it already, sign in; otherwise ask for a new one."


class TokenExpired(DomainError):
    """The token was good once."""

    message = "This link has expired. Ask for a new one."


class ConfirmationBaseUrlNotAllowed(DomainError):
    """The channel does not let mails link there: a token would go to a stranger's page."""

    def __init__(self, matter: str) -> None:
        """Tell what is the *matter* with the page; never which pages there are."""
        super().__init__()
        self.message = f"Mails of this shop do not lead to this confirmationBaseUrl: {matter}. Use a page of its list."


class RateLimited(DomainError):
    """Too much at once or too often."""

    message = "Too many attempts at the moment. Wait a little and try again."

    def __init__(self, retry_after_seconds: int, limit: Limit | None = None) -> None:
        """Keep after how many seconds trying again makes sense, and which *limit* has closed."""
        super().__init__()
        self.retry_after_seconds = retry_after_seconds
        self.limit = limit
