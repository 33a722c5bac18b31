"""The home of letters: what a mail says and to whom, before anybody has put it into words. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

_IN_NAMES = re.compile(r"['\u2019-]")
_LONGEST_NAME = 61
_MOST_WORDS = 5
"""More are a sentence."""


class Theme(StrEnum):
    """What a letter is about."""

    CONFIRM_REGISTRATION = "confirm_registration"
    """Prove the address, before which nobody can sign in: a link."""
    CONFIRM_ADDRESS = "confirm_address"
    """Prove the address of an account that is in use already: a link."""
    ALREADY_REGISTERED = "already_registered"
    """Somebody has tried to register or to take the address of this account."""
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a name
    """Choose a new password: a link."""
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name
    """The password was changed."""
    CONFIRM_NEW_ADDRESS = "confirm_new_address"
    """Prove the address that shall take the place of the old one: a link."""
    ADDRESS_CHANGING = "address_changing"
    """To the old address: another one shall take its place."""
    ADDRESS_CHANGED = "address_changed"
    """To the old address: another one has taken its place."""


@dataclass(frozen=True, slots=True)
class Form:
    """When and from where the form was filled in whose password a link makes that of the account."""

    filled_at: datetime
    network: str | None

    def kept(self) -> dict[str, str | None]:
        """Return it as JSON keeps it."""
        return {"filledAt": self.filled_at.isoformat(), "filledFrom": self.network}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self | None:
        """Return what was *kept*; None for a letter that is about no form."""
        return cls(datetime.fromisoformat(kept["filledAt"]), kept["filledFrom"]) if "filledAt" in kept else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail that is ready to be put into words."""

    mail_id: str
    """Makes the Message-ID: the same at each try."""
    theme: Theme
    receiver: str
    """The one address that it goes to, as `EmailAddress` writes it."""
    name: str | None
    """How the receiver is greeted; a name that could be read as an address or a link was left out."""
    locale: str
    """Such as de_CH: the receiver's, where the shop speaks it."""
    time_zone: str
    """The receiver's, for the times in it."""
    shop: str
    """The name of the channel."""
    sender_name: str
    sender_address: str | None
    """None: the gateway's own."""
    written_at: datetime
    link: str | None = field(default=None, repr=False)
    """Where it leads, with its token."""
    expires_at: datetime | None = None
    """Until when the link works."""
    form: Form | None = None
    """Which form the link is about, where there may be others of the address."""
    other_address: str | None = None
    """The new address, where the letter goes to the old one; masked."""


def greeted(first_name: str | None, last_name: str | None) -> str | None:
    """Return the name to greet by; None if there is none that a mail may repeat.

    Whoever registers somebody else's address chooses the name: it must not become a message or a link of ours.
    """
    words = [word for part in (first_name, last_name) for word in (part or "").split()]
    name = " ".join(words)
    return name if 0 < len(words) <= _MOST_WORDS and len(name) <= _LONGEST_NAME and all(map(_is_name, words)) else None


def _is_name(word: str) -> bool:
    """Tell whether *word* is made of letters, maybe with the dot of an initial: mail programs make no link of it."""
    parts = _IN_NAMES.split(word.removesuffix("."))
    return all(part and all(unicodedata.category(letter)[0] in "LM" for letter in part) for part in parts)


def masked(email_address: str) -> str:
    """Return *email_address* so that its owner recognises it: h***@e***.com.

    Nobody else learns it, and whoever chose the domain can't write to the receiver by it.
    """
    local, _, domain = email_address.partition("@")
    return f"{local[:1]}***@{domain[:1]}***.{domain.rpartition('.')[2]}"
