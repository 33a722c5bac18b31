"""The home of checking an input: looks at every field, then tells all violations at once. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from resolvers.rules import email_address, locales, password_policy
from resolvers.rules.email_address import EmailAddress
from resolvers.rules.errors import InvalidInput
from resolvers.rules.violations import Violation, ViolationCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from resolvers.rules.password_policy import PasswordPolicy

T = TypeVar("T")

EARLIEST_BIRTH = date(1900, 1, 1)

# Controls (PostgreSQL refuses NUL), lone surrogates (no driver encodes them), line and paragraph separators. And
# embeddings, overrides and isolates: they make a name read differently from what it is, and no name needs them.
_REFUSED = r"\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069"
_UNSTORABLE = re.compile(rf"[\x00-\x1f{_REFUSED}]")
_UNSTORABLE_IN_LINES = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f{_REFUSED}]")


class Inspection:
    """Looks at the fields of one input; each method returns the value to store, or None where there is none.

    A refused value also comes back as None: `finish` raises before anybody could use it.
    """

    def __init__(self) -> None:
        """Start without violations."""
        self._violations: list[Violation] = []

    @property
    def violations(self) -> Sequence[Violation]:
        """What was found so far, in the order of the fields."""
        return self._violations

    def add(
        self, field: tuple[str, ...], code: ViolationCode, limit: int | None = None, explanation: str | None = None
    ) -> None:
        """Note a violation that a rule of one operation found."""
        self._violations.append(Violation(field, code, limit, explanation))

    def finish(self) -> None:
        """Raise `InvalidInput` with everything that was found, if anything was."""
        if self._violations:
            raise InvalidInput(self._violations)

    def text(
        self, field: tuple[str, ...], value: str | None, limit: int, *, required: bool = False, multiline: bool = False
    ) -> str | None:
        """Check a text of at most *limit* characters; nothing is trimmed, but blanks alone are as good as nothing."""
        if value is None or not value.strip():
            if required:
                self.add(field, ViolationCode.REQUIRED)
            return None
        if len(value) > limit:
            self.add(field, ViolationCode.TOO_LONG, limit)
        elif (_UNSTORABLE_IN_LINES if multiline else _UNSTORABLE).search(value):
            self.add(field, ViolationCode.INVALID)
        else:
            return value
        return None

    def email_address(
        self, field: tuple[str, ...], value: str | None, *, required: bool = False
    ) -> EmailAddress | None:
        """Check and parse an e-mail address."""
        if not (value := email_address.trimmed(value or "")):
            if required:
                self.add(field, ViolationCode.REQUIRED)
            return None
        try:
            return EmailAddress.parse(value)
        except ValueError:
            if len(value) > email_address.MAX_LENGTH:
                self.add(field, ViolationCode.TOO_LONG, email_address.MAX_LENGTH)
            else:
                self.add(field, ViolationCode.INVALID)
            return None

    def locale(self, field: tuple[str, ...], value: str | None) -> str | None:
        """Check and normalise a locale; one that says that it is not determined is none."""
        if not value:
            return None
        try:
            return locales.normalised(value)
        except ValueError:
            self.add(field, ViolationCode.INVALID)
            return None

    def date_of_birth(self, field: tuple[str, ...], value: date | None, today: date) -> date | None:
        """Check that somebody alive can have been born then."""
        if value is not None and not EARLIEST_BIRTH <= value <= today:
            self.add(field, ViolationCode.INVALID, explanation="Nobody who lives was born then. Check the date.")
            return None
        return value

    def password(
        self, field: tuple[str, ...], value: str, policy: PasswordPolicy, own_words: Iterable[str]
    ) -> str | None:
        """Check a new password; return it as it is hashed."""
        if not value:
            self.add(field, ViolationCode.REQUIRED)
            return None
        for code, limit in (found := password_policy.violations(value, policy, own_words)).items():
            self.add(field, code, limit)
        return None if found else password_policy.normalised(value)


def required(value: T | None) -> T:
    """Return the value of a required field, once `Inspection.finish` found nothing missing."""
    if value is None:
        msg = "finish the inspection first"
        raise AssertionError(msg)
    return value
