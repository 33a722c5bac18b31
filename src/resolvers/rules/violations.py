"""The home of violations: what is wrong with one field of an input. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ViolationCode(StrEnum):
    """Why a field of an input was refused."""

    REQUIRED = "REQUIRED"
    """The field must not be empty."""
    INVALID = "INVALID"
    """The value has not the form that the field needs."""
    TOO_SHORT = "TOO_SHORT"
    """The value has fewer characters than `limit`."""
    TOO_LONG = "TOO_LONG"
    """The value has more characters than `limit`."""
    TOO_WEAK = "TOO_WEAK"
    """The password is too easy to guess."""
    NOT_ALLOWED = "NOT_ALLOWED"
    """The value is well-formed but may not be used here."""
    TAKEN = "TAKEN"
    """The value must be unique and is in use already."""
    UNKNOWN = "UNKNOWN"
    """The value refers to something that does not exist."""
    TOO_MANY = "TOO_MANY"
    """There are more elements than `limit`."""


_MESSAGES = {
    ViolationCode.REQUIRED: "Fill in this field.",
    ViolationCode.INVALID: "This value is not valid. Check how it is written.",
    ViolationCode.TOO_SHORT: "Use at least {limit} characters.",
    ViolationCode.TOO_LONG: "Use at most {limit} characters.",
    ViolationCode.TOO_WEAK: "This password is too easy to guess. Add another word or two, unrelated to you.",
    ViolationCode.NOT_ALLOWED: "This value is not allowed here. Choose another one.",
    ViolationCode.TAKEN: "This value is in use already. Choose another one.",
    ViolationCode.UNKNOWN: "This value does not exist. Choose an existing one.",
    ViolationCode.TOO_MANY: "Use at most {limit} entries.",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong; *field* is the path inside the input, positions as strings."""

    field: tuple[str, ...]
    code: ViolationCode
    limit: int | None = None
    explanation: str | None = None

    @property
    def message(self) -> str:
        """What is wrong and what to do about it, for people."""
        return self.explanation or _MESSAGES[self.code].format(limit=self.limit)
