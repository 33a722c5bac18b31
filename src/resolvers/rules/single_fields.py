"""The home of fields that are checked alone, because nothing else of their input has a form. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers.rules.fields import Fields
from resolvers.rules.inspection import Inspection, required
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resolvers.rules.email_address import EmailAddress
    from resolvers.rules.password_policy import PasswordPolicy


def checked_email_address(typed: str, own: str | None = None) -> EmailAddress:
    """Return the address of the input field `emailAddress`; not that which is, in canonical form, the *own* already.

    Raises `InvalidInput`.
    """
    inspection = Inspection()
    fields = Fields({"emailAddress": typed}, inspection)
    address = fields.email_address("emailAddress", required=True)
    if address and address.canonical == own:
        fields.refuse("emailAddress", ViolationCode.NOT_ALLOWED, "This is your address already.")
    inspection.finish()
    return required(address)


def checked_password(name: str, typed: str, policy: PasswordPolicy, own_words: Iterable[str]) -> str:
    """Return the password of the input field *name* as it is hashed. Raises `InvalidInput`."""
    inspection = Inspection()
    found = Fields({name: typed}, inspection).password(name, policy, own_words)
    inspection.finish()
    return required(found)
