"""The home of outcomes as the API shows them: the errors in mutation results, and which exception becomes which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import strawberry

from resolvers.rules import errors, violations
from resolvers.sdl.descriptions import api_interface, api_type, described_enum

if TYPE_CHECKING:
    from strawberry.types.field import StrawberryField

X = TypeVar("X", bound=errors.DomainError)

ViolationCode = described_enum(violations.ViolationCode)


@api_interface
class UserError:
    """An outcome other than success that the caller can act on."""

    message: str
    """What happened and what to do next, for people. Branch on the type, never on this text."""


@api_type
class Violation:
    """One thing that is wrong with an input."""

    field: list[str]
    """The path inside `input`, positions as strings; empty for the whole input."""

    code: violations.ViolationCode
    """What is wrong."""

    message: str
    """What is wrong and what to do about it, for people."""

    limit: int | None
    """The number that the rule compares with, where there is one."""


@api_type
class InvalidInputError(UserError):
    """The input breaks rules. Nothing was done."""

    violations: list[Violation]
    """Everything that is wrong, not just the first."""


@api_type
class NotFoundError(UserError):
    """What an id of the input names does not exist, or not for the viewer. Nothing was done."""

    field: list[str]
    """The path of the id inside `input`."""


@api_type
class EmailAddressTakenError(UserError):
    """Another user of the channel has the e-mail address. Nothing was done."""


@api_type
class RegistrationClosedError(UserError):
    """The channel does not let people register on their own."""


@api_type
class BadCredentialsError(UserError):
    """Nobody can sign in with these credentials. The answer is the same for every cause."""


@api_type
class EmailAddressNotConfirmedError(UserError):
    """The password is right, but the mailed link that proves the address must be followed first."""


@api_type
class TokenInvalidError(UserError):
    """The token is unknown, was used, or another one or a change has voided it; nobody learns which."""


@api_type
class TokenExpiredError(UserError):
    """The token was good, but is too old. Ask for a new one."""


@api_type
class ConfirmationBaseUrlNotAllowedError(UserError):
    """The channel does not let mails link to this page. Nothing was done."""


@api_type
class RateLimitedError(UserError):
    """Too much at once or too often. Nothing was done."""

    retry_after_seconds: int
    """After how many seconds trying again makes sense."""


@dataclass(frozen=True)
class _Answer(Generic[X]):
    """Answers one exception with one error type, in the fields whose result has it."""

    exception_type: type[X]
    error_type: type[UserError]
    convert: Callable[[X], UserError]

    def handle(self, exception: X, *, field: StrawberryField, info: strawberry.Info) -> UserError:  # noqa: ARG002 - Strawberry's signature
        if isinstance(exception, errors.RateLimited) and info.context is not None:
            info.context.closed(exception.limit)
        return self.convert(exception)


def _plain(exception_type: type[X], error_type: type[UserError]) -> _Answer[X]:
    return _Answer(exception_type, error_type, lambda exception: error_type(message=exception.message))


def _invalid_input(exception: errors.InvalidInput) -> InvalidInputError:
    return InvalidInputError(
        message=exception.message,
        violations=[
            Violation(field=list(found.field), code=found.code, message=found.message, limit=found.limit)
            for found in exception.violations
        ],
    )


def _not_found(exception: errors.NotFound) -> NotFoundError:
    return NotFoundError(message=exception.message, field=list(exception.field))


def _rate_limited(exception: errors.RateLimited) -> RateLimitedError:
    return RateLimitedError(message=exception.message, retry_after_seconds=exception.retry_after_seconds)


exception_handlers: list[strawberry.ExceptionHandler[Any]] = [
    _Answer(errors.InvalidInput, InvalidInputError, _invalid_input),
    _plain(errors.EmailAddressTaken, EmailAddressTakenError),
    _plain(errors.RegistrationClosed, RegistrationClosedError),
    _plain(errors.BadCredentials, BadCredentialsError),
    _plain(errors.EmailAddressNotConfirmed, EmailAddressNotConfirmedError),
    _plain(errors.TokenInvalid, TokenInvalidError),
    _plain(errors.TokenExpired, TokenExpiredError),
    _plain(errors.ConfirmationBaseUrlNotAllowed, ConfirmationBaseUrlNotAllowedError),
    _Answer(errors.NotFound, NotFoundError, _not_found),
    _Answer(errors.RateLimited, RateLimitedError, _rate_limited),
]
"""For `strawberry.Schema`: a service raises, the result has the member that says it."""
