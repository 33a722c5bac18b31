"""The home of the rules of an e-mail address that is typed alone. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers.rules.fields import Fields
from resolvers.rules.inspection import Inspection, required
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from resolvers.rules.email_address import EmailAddress


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
