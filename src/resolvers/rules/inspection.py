"""The home of inspecting an input: all of its violations are noted, and then told at once. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from resolvers.rules.errors import InvalidInput
from resolvers.rules.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resolvers.rules.violations import ViolationCode

T = TypeVar("T")


class Inspection:
    """What was found wrong with one input, or with one record of a file."""

    def __init__(self, *, of_file: bool = False, digest: str | None = None) -> None:
        """Start without violations. What is *of_file* is written by whatever system; *digest* tells its record."""
        self._violations: list[Violation] = []
        self.of_file = of_file
        self.digest = digest

    @property
    def violations(self) -> Sequence[Violation]:
        """What was found so far, in the order of the fields."""
        return self._violations

    def add(
        self, field: tuple[str, ...], code: ViolationCode, limit: int | None = None, explanation: str | None = None
    ) -> None:
        """Note a violation."""
        self._violations.append(Violation(field, code, limit, explanation))

    def finish(self) -> None:
        """Raise `InvalidInput` with everything that was found, if anything was."""
        if self._violations:
            raise InvalidInput(self._violations)


def required(value: T | None) -> T:
    """Return the value of a required field, once `Inspection.finish` found nothing missing."""
    if value is None:
        msg = "finish the inspection first"
        raise AssertionError(msg)
    return value
