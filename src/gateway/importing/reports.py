"""The home of the report of refused records: every one, with its line, all that is wrong, and in a file itself.

Reasons repeat no values. The record beside them is what was read, ready to be mended and imported from the report; but
what may be the number of a card is in no place that we write to.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import orjson

from gateway.operator.settings import OperatorError
from resolvers.rules.card_numbers import blotted
from resolvers.rules.custom_data import in_pieces
from resolvers.rules.digit_runs import without_digits
from resolvers.rules.texts import FREE_TEXT, IDENTIFIER, PHONE_NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from resolvers.rules.texts import Kind
    from resolvers.rules.violations import Violation

_LONGEST_NAME: Final = 100
_MOST_REASONS: Final = 100
"""Of one record: one of empty parts has ten thousand."""
_NUL: Final = "\0"
_KINDS: Final[Mapping[str, Kind]] = dict.fromkeys(
    (
        "customerNumber", "orderNumber", "sku", "code", "imageUrl", "trackingNumber", "trackingUrl", "url", "roles",
        "passwordHash",
    ),
    IDENTIFIER,
) | {"phoneNumber": PHONE_NUMBER}  # fmt: skip
"""Of what kind fields are, as their rules read them; all others are free texts."""
_SECRET: Final = re.compile("pass|pwd|hash|secret", re.IGNORECASE)
"""What fields are called that may hold passwords."""
_HASH: Final = "passwordHash"


class RefusedRecord(NamedTuple):
    """A record that was refused, and why; its *fields* are none where it could not be read."""

    line: int
    violations: Sequence[Violation]
    fields: Mapping[str, object]


class Report(Protocol):
    """Where refusals are listed."""

    def write(self, refusals: Sequence[RefusedRecord]) -> int:
        """List *refusals* before the batch becomes true; return how long the report is then, in bytes."""
        ...

    def keep(self) -> None:
        """Keep what was written: the batch became true."""
        ...

    def drop(self) -> None:
        """Take back what was written since: the batch is tried again."""
        ...

    def close(self) -> None:
        """Write no more."""
        ...


class PrintedReport:
    """Prints refusals for people."""

    def __init__(self, print_line: Callable[[str], None]) -> None:
        """Print by *print_line*."""
        self._print = print_line
        self._written: list[str] = []

    def write(self, refusals: Sequence[RefusedRecord]) -> int:
        """Remember the lines to print."""
        self._written = [
            f"line {refusal.line}: {': '.join(filter(None, (_field(violation), violation.message)))} ({violation.code})"
            for refusal in refusals
            for violation in refusal.violations[:_MOST_REASONS]
        ]
        return 0

    def keep(self) -> None:
        """Print them."""
        for line in self._written:
            self._print(line)
        self.drop()

    def drop(self) -> None:
        """Forget them."""
        self._written = []

    def close(self) -> None:
        """Do nothing: standard error stays open."""


class FiledReport:
    """Writes refusals into a file, as JSON Lines."""

    def __init__(self, file: Path, length: int) -> None:
        """Go on after the first *length* bytes of *file*: what stands after them belongs to a batch that was lost."""
        try:
            # Without a buffer: what could not be written must not be tried again when the file is closed.
            # For its owner alone: the records are people's.
            own = partial(os.open, mode=0o600)
            self._file = open(file, "r+b" if length else "wb", buffering=0, opener=own)  # noqa: SIM115 - closed by `close`
            os.fchmod(self._file.fileno(), 0o600)
        except OSError as error:
            msg = f"{file} can't be written: {error.strerror}."
            raise OperatorError(msg) from error
        if self._file.seek(0, os.SEEK_END) < length:
            self._file.close()
            msg = f"{file} is not the report that was begun: it is too short. Name that one, or none."
            raise OperatorError(msg)
        self._length = length
        self.drop()

    def write(self, refusals: Sequence[RefusedRecord]) -> int:
        """Write them to the disk: the checkpoint will say that they are there."""
        lines = memoryview(b"".join(map(_json_line, refusals)))
        try:
            while lines:
                lines = lines[self._file.write(lines) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            msg = f"{self._file.name} can't be written: {error.strerror}. Run this again with --resume."
            raise OperatorError(msg) from error
        return self._file.tell()

    def keep(self) -> None:
        """Let them stand."""
        self._length = self._file.tell()

    def drop(self) -> None:
        """Cut them off."""
        if self._file.seek(0, os.SEEK_END) > self._length:
            self._file.truncate(self._file.seek(self._length))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


REASONS: Final = "reasons"
RECORD: Final = "record"
"""What a line of the report has the reasons and the record under."""


def record_in(told: Mapping[str, object]) -> object:
    """Return the record that a line of a file is, or that stands in it if the line is one of a report."""
    return told.get(RECORD) if REASONS in told else told


def _json_line(refusal: RefusedRecord) -> bytes:
    reasons = [
        {"field": _field(violation), "code": violation.code.value, "message": violation.message}
        for violation in refusal.violations[:_MOST_REASONS]
    ]
    told: dict[str, object] = {"line": refusal.line, REASONS: reasons}
    try:
        told[RECORD] = _blotted(_without_password(refusal))
        return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)
    except (TypeError, RecursionError):  # a number of more than 64 bits, half a surrogate, or nested deep
        told[RECORD] = told.get(RECORD, {})
        return json.dumps(told).encode() + b"\n"


def _without_password(refusal: RefusedRecord) -> Mapping[str, object]:
    """Return the fields; not what may be a password: what is no hash, or stands in a field that is called like one."""
    refused = {violation.field[:1] for violation in refusal.violations}
    return {
        name: value
        for name, value in refusal.fields.items()
        if not _SECRET.search(name)
        or (name == _HASH and (name,) not in refused and str(value).startswith("$argon2id$"))
    }


def _blotted(value: object, holds: Kind = FREE_TEXT) -> object:
    """Return *value* without the digits of what may be the number of a card, in texts, names and numbers.

    What is blotted is refused until it is mended: NUL stands before it, which no field takes.
    """
    if isinstance(value, Mapping):
        return {
            _blot(str(name), FREE_TEXT): _blotted(inner, _KINDS.get(str(name), FREE_TEXT))
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return (
            [_NUL + without_digits(str(inner)) for inner in value]
            if in_pieces(value)
            else [_blotted(inner) for inner in value]
        )
    if isinstance(value, str):
        return _blot(value, holds)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return _blot(str(value), FREE_TEXT) if is_number and FREE_TEXT(str(value)) else value


def _blot(text: str, holds: Kind) -> str:
    return _NUL + without_digits(text) if holds(text) else text


def _field(violation: Violation) -> str:
    """Return the path of a field.

    A field that does not exist may have any name, also one that moves the cursor, or that is a card number.
    """
    names = map(blotted, violation.field)
    return ".".join((name if name.isalnum() and name.isascii() else ascii(name))[:_LONGEST_NAME] for name in names)
