"""The home of which mails go first: those that somebody waits for at a screen. Pure."""

from __future__ import annotations

from enum import IntEnum

from db.enums import MailKind


class Urgency(IntEnum):
    """The lower, the earlier."""

    OWN = 0
    """Somebody waits, and the gateway knows who: no stranger can have asked for it."""
    ACCOUNT = 1
    """A link for whoever has an account. A stranger can ask for one, but not make it be sent to just anybody."""
    NEWCOMER = 2
    """A link to an address that anybody may have typed."""
    NOTICE = 3
    """Nobody waits for it."""


_LINKS = {
    MailKind.REGISTRATION: Urgency.NEWCOMER,
    MailKind.CONFIRMATION: Urgency.ACCOUNT,
    MailKind.PASSWORD_RESET: Urgency.ACCOUNT,
    MailKind.EMAIL_ADDRESS_CHANGE: Urgency.ACCOUNT,
}


def urgency_of(kind: MailKind, *, is_own: bool) -> Urgency:
    """Return how urgent a mail of *kind* is; *is_own* if who caused it was known."""
    found = _LINKS.get(kind, Urgency.NOTICE)
    return Urgency.OWN if is_own and found is not Urgency.NOTICE else found
