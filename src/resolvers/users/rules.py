"""The home of the rules of users: of one that a shop brings along from a file, and of changes to one. Pure."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from db import lengths
from resolvers.rules import time_zones
from resolvers.rules.fields import Fields
from resolvers.rules.inspection import Inspection
from resolvers.rules.texts import IDENTIFIER, camel_case
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from resolvers.rules.email_address import EmailAddress

MOST_ROLES: Final = 20

FIELDS: Final = frozenset(
    {
        "customerNumber", "emailAddress", "firstName", "lastName", "locale", "timeZone", "enabled", "confirmed",
        "confirmedAt", "roles", "passwordHash", "createdAt",
    }
)  # fmt: skip

# The text form of the reference implementation: base64 without padding, of 8 to 48 and of 16 to 64 bytes.
_ARGON2ID = re.compile(
    r"\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})",
    re.ASCII,
)
_LEAST_MEMORY, _MOST_MEMORY = 7_168, 131_072
"""KiB. The least is what OWASP accepts (7 MiB, five passes); more than the most, at every log-in, would let
strangers fill the memory and the processors by typing wrong passwords."""
_LEAST_WORK = 35_840
"""KiB times passes: of what OWASP accepts, that which costs least (7 MiB and five passes)."""
_MOST_PASSES = 10
_MOST_LANES = 8


@dataclass(frozen=True, slots=True)
class RecordedUser:
    """A user that was checked: its columns, less what customer and channel say, those of its account, and its roles."""

    customer_number: str
    address: EmailAddress | None
    roles: list[str]
    account: dict[str, Any] = field(repr=False)
    columns: dict[str, Any] = field(repr=False)


def checked_user(recorded: Mapping[str, object], inspection: Inspection, now: datetime) -> RecordedUser:
    """Check a user; use what comes back only if *inspection* found nothing."""
    fields = Fields(recorded, inspection, FIELDS)
    customer_number = fields.text("customerNumber", lengths.NUMBER, IDENTIFIER, required=True) or ""
    address = fields.email_address("emailAddress", required=True)
    created_at = fields.time("createdAt") or now
    account = {
        "email_address": str(address),
        "canonical_email_address": address.canonical if address else "",
        "confirmed_at": _confirmed_at(fields, created_at),
        "password_hash": _password_hash(fields),
        "created_at": created_at,
    }
    columns = {
        "first_name": fields.text("firstName", lengths.NAME),
        "last_name": fields.text("lastName", lengths.NAME),
        "locale": fields.locale("locale"),
        "time_zone": time_zones.time_zone(fields, "timeZone") or time_zones.DEFAULT,
        "enabled": fields.boolean("enabled", default=True),
        "created_at": created_at,
    }
    roles = fields.texts("roles", lengths.CODE, MOST_ROLES, IDENTIFIER)
    return RecordedUser(customer_number, address, roles, account, columns)


def checked_change(typed: Mapping[str, object]) -> dict[str, Any]:
    """Return the columns that a change in the shape of `UpdateUserInput` gives to a user; what is left out stays.

    The locale may be None. Raises `InvalidInput`.
    """
    inspection = Inspection()
    fields = Fields(typed, inspection)
    changed = {column: form(fields, name) for column, form in _PROFILE.items() if (name := camel_case(column)) in typed}
    inspection.finish()
    return changed


_PROFILE: Final[Mapping[str, Callable[[Fields, str], Any]]] = {
    "first_name": lambda fields, name: fields.text(name, lengths.NAME),
    "last_name": lambda fields, name: fields.text(name, lengths.NAME),
    "locale": lambda fields, name: fields.locale(name, required=True),
    "time_zone": lambda fields, name: time_zones.time_zone(fields, name, required=True),
}
"""What people tell about themselves: how each column is read."""


def _confirmed_at(fields: Fields, created_at: datetime) -> datetime | None:
    confirmed_at = fields.time("confirmedAt")
    if fields.boolean("confirmed", default=confirmed_at is not None):
        return confirmed_at or created_at
    if confirmed_at is not None:
        fields.refuse("confirmed", ViolationCode.INVALID, "It is false, and confirmedAt says when.")
    return None


def _password_hash(fields: Fields) -> str | None:
    text = fields.text("passwordHash", lengths.PASSWORD_HASH, IDENTIFIER)
    if text is None:
        return None
    if not (found := _ARGON2ID.fullmatch(text)) or not all(map(_is_base64, found.groups()[3:])):
        fields.refuse(
            "passwordHash",
            ViolationCode.INVALID,
            "Write a hash of Argon2id, as $argon2id$v=19$m=...,t=...,p=...$salt$hash; never a password, nor another "
            "kind of hash. Leave it empty, and the user chooses a password by resetting it.",
        )
        return None
    memory, passes, lanes = map(int, found.groups()[:3])
    is_cheap = memory < _LEAST_MEMORY or memory * passes < _LEAST_WORK
    if is_cheap or memory > _MOST_MEMORY or passes > _MOST_PASSES or lanes > _MOST_LANES:
        fields.refuse(
            "passwordHash",
            ViolationCode.NOT_ALLOWED,
            f"Its parameters are out of bounds: m from {_LEAST_MEMORY} to {_MOST_MEMORY}, t to {_MOST_PASSES}, "
            f"m times t from {_LEAST_WORK}, p to {_MOST_LANES}.",
        )
        return None
    return text


def _is_base64(text: str) -> bool:
    """Tell whether *text* is what bytes are written as, without padding: Argon2 could read nothing else."""
    try:
        return b64encode(b64decode(text + "=" * (-len(text) % 4))).decode().rstrip("=") == text
    except ValueError:
        return False
