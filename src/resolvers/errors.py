"""The home of what can go wrong for a caller, as exceptions that services raise. Pure.

DomainError
├── InvalidInput           the input breaks rules, all of them are told
├── EmailAddressTaken      another user of the channel has the address
├── RegistrationClosed     the channel does not let people register on their own
├── BadCredentials         no enabled user has this username and password
└── RateLimited            too much at once or too often; says when to try again

`resolvers.outcomes` turns each into the member of a mutation's result.
"""

# ruff: noqa: N818 - names that end in Error are those of the API.

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resolvers.violations import Violation


class DomainError(Exception):
    """An outcome that the caller can act on; `message` tells people the next step."""

    message: ClassVar[str]

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


class EmailAddressTaken(DomainError):
    """Another user of the channel has the address."""

    message = "There is an account with this e-mail address already. Sign in, or use another address."


class RegistrationClosed(DomainError):
    """The channel does not let people register on their own."""

    message = "This shop does not accept registrations. Ask the shop for an account."


class BadCredentials(DomainError):
    """No enabled user has this username and password. Never says which of them was wrong: that would list the users."""

    message = "Username or password is wrong. Check both and try again, or reset the password."


class RateLimited(DomainError):
    """Too much at once or too often."""

    message = "Too many attempts at the moment. Try again after the given number of seconds."

    def __init__(self, retry_after_seconds: int) -> None:
        """Keep after how many seconds trying again makes sense."""
        super().__init__()
        self.retry_after_seconds = retry_after_seconds
