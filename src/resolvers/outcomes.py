"""The home of outcomes as the API shows them: the errors in mutation results, and which exception becomes which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, dataclass_transform

import strawberry

from resolvers import errors, violations
from resolvers.planner.descriptions import describe, described, described_enum

if TYPE_CHECKING:
    from strawberry.types.field import StrawberryField

T = TypeVar("T")
X = TypeVar("X", bound=errors.DomainError)

ViolationCode = described_enum(violations.ViolationCode)


@dataclass_transform(kw_only_default=True)
def _outcome(cls: type[T]) -> type[T]:
    describe(cls)
    return strawberry.type(cls, description=described(cls.__doc__))


@dataclass_transform(kw_only_default=True)
def _interface(cls: type[T]) -> type[T]:
    describe(cls)
    return strawberry.interface(cls, description=described(cls.__doc__))


@_interface
class UserError:
    """An outcome other than success that the caller can act on."""

    message: str
    """What happened and what to do next, for people. Branch on the type, never on this text."""


@_outcome
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


@_outcome
class InvalidInputError(UserError):
    """The input breaks rules. Nothing was done."""

    violations: list[Violation]
    """Everything that is wrong, not just the first."""


@_outcome
class EmailAddressTakenError(UserError):
    """Another user of the channel has the e-mail address. Nothing was done."""


@_outcome
class RegistrationClosedError(UserError):
    """The channel does not let people register on their own."""


@_outcome
class BadCredentialsError(UserError):
    """Nobody can sign in with these credentials. The answer is the same for every cause."""


@_outcome
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


def _rate_limited(exception: errors.RateLimited) -> RateLimitedError:
    return RateLimitedError(message=exception.message, retry_after_seconds=exception.retry_after_seconds)


exception_handlers: list[strawberry.ExceptionHandler[Any]] = [
    _Answer(errors.InvalidInput, InvalidInputError, _invalid_input),
    _plain(errors.EmailAddressTaken, EmailAddressTakenError),
    _plain(errors.RegistrationClosed, RegistrationClosedError),
    _plain(errors.BadCredentials, BadCredentialsError),
    _Answer(errors.RateLimited, RateLimitedError, _rate_limited),
]
"""For `strawberry.Schema`: a service raises, the result has the member that says it."""
