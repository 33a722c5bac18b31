"""The home of e-mail addresses: parsed once, strictly, into one value that every rule and every mail uses. Pure.

Parsers differ: ``a@evil.com(@corp.com`` belongs to corp.com for one that splits at the last @, and is delivered to
evil.com by another. Here such a text is no address at all, so that no two parts of the gateway can disagree about it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

from email_validator import EmailNotValidError, validate_email

from db.lengths import EMAIL_ADDRESS

_UNSEEN = "".join(
    chr(code)
    for first, last in (
        (0x09, 0x0D), (0x20, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
        (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000),  # White_Space
        (0xAD, 0xAD), (0x061C, 0x061C), (0x180E, 0x180E), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),
        (0xFEFF, 0xFEFF),  # of no width: joiners, and marks of direction, as spreadsheets and chats put around
    )
    for code in range(first, last + 1)
)  # fmt: skip
"""What stands around an address without being seen. Inside, it makes a text no address."""

# RFC 5322 3.2.3 dot-atom, without "!" and "%" (source routes that some relays still follow to another domain)
# and without "=?" (encoded words of RFC 2047, which some mailers decode before they deliver).
_LOCAL = re.compile(r"(?!.*=\?)[a-zA-Z0-9#$&'*+/=?^_`{|}~-]+(?:\.[a-zA-Z0-9#$&'*+/=?^_`{|}~-]+)*")


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address: *local* in ASCII as it was typed, *domain* in lower case as A-labels."""

    local: str
    domain: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the address that *text* is; raise `ValueError` if it is none or could be read in two ways.

        Blanks and what has no width are cut at both ends: phones put a blank behind what they complete.
        """
        text = trimmed(text)
        local, at, domain = text.partition("@")
        if len(text) > EMAIL_ADDRESS or not at or not _LOCAL.fullmatch(local):
            raise _not_an_address()
        try:
            parsed = validate_email(
                text,
                strict=True,
                check_deliverability=False,
                globally_deliverable=True,
                test_environment=False,
                allow_smtputf8=False,
                allow_empty_local=False,
                allow_quoted_local=False,
                allow_domain_literal=False,
                allow_display_name=False,
            )
        except EmailNotValidError:
            raise _not_an_address() from None
        if not _spells(domain, parsed.ascii_domain, parsed.domain):
            raise _not_an_address()
        return cls(local, parsed.ascii_domain)

    @property
    def canonical(self) -> str:
        """The form in which addresses are compared.

        Both parts are ASCII here, so `lower` maps A to Z and nothing else: no other letter can be folded into somebody
        else's address, and SQLite and PostgreSQL, whose own `lower` differ, are not asked.
        """
        return str(self).lower()

    def __str__(self) -> str:
        """Return the address as it is mailed to."""
        return f"{self.local}@{self.domain}"


def trimmed(text: str) -> str:
    """Return *text* without what is not seen at its ends."""
    # Nearly every text there is, at a fraction of the price: of a million records this is asked ten times each.
    if text and "!" <= text[0] <= "~" and "!" <= text[-1] <= "~":
        return text
    return text.strip(_UNSEEN)


def folded(canonical: str) -> str:
    """Return the address whose mailbox a *canonical* one may be: a+x@d is delivered as a@d by most who know tags.

    For counting alone: where it is somebody else's, two people share a limit, and no account.
    """
    local, _, domain = canonical.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def canonical_or_nobodys(text: str) -> str:
    """Return the canonical form of an address, or what nobody has: so that either is looked for by one statement."""
    try:
        return EmailAddress.parse(text).canonical
    except ValueError:
        return ""


def looked_up(text: str) -> str:
    """Return the form in which an address is looked up; of what can't be one, something that nobody has."""
    # Of an address in ASCII that is what parsing comes to, at a fiftieth of the time.
    if (seen := trimmed(text)).isascii():
        return seen.lower()
    return canonical_or_nobodys(text)


def _spells(typed: str, ascii_domain: str, unicode_domain: str) -> bool:
    """Tell whether *typed* is the domain itself rather than something that IDNA maps to it (full-width, K-sign, 。)."""
    lowered = unicodedata.normalize("NFC", typed).lower()
    if typed.isascii():
        return lowered == ascii_domain
    return lowered == unicode_domain and "\u212a" not in typed


def _not_an_address() -> ValueError:
    return ValueError("not an e-mail address")
