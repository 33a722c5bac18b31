"""The home of the rules of customers: who registers, and what a shop records, alone or from a file. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from db import lengths
from db.enums import Gender
from resolvers.rules import search_text
from resolvers.rules.fields import Fields
from resolvers.rules.inspection import Inspection, required
from resolvers.rules.texts import IDENTIFIER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from resolvers.rules.email_address import EmailAddress
    from resolvers.rules.password_policy import PasswordPolicy

MOST_PRICE_GROUPS: Final = 50

FIELDS: Final = frozenset(
    {
        "customerNumber", "emailAddress", "firstName", "lastName", "company", "gender", "dateOfBirth", "locale",
        "priceGroups", "customData", "createdAt",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Registrant:
    """Who registers: what was filled in, checked. The locale may be missing."""

    address: EmailAddress
    person: dict[str, Any]
    """The columns that a registration and a customer have."""
    password: str = field(repr=False)
    confirmation_base_url: str | None


def checked_registrant(
    filled_in: Mapping[str, object], policy: PasswordPolicy, today: date, *, must_confirm: bool
) -> Registrant:
    """Check what was filled in, in the shape of `RegisterCustomerInput`. Raises `InvalidInput`.

    Who *must_confirm* the address names the page that the link leads to.
    """
    inspection = Inspection()
    fields = Fields(filled_in, inspection)
    address = fields.email_address("emailAddress", required=True)
    person = _person(fields, today)
    own_words = [address, person["first_name"], person["last_name"], person["company"]]
    user = fields.part("user") or Fields({}, inspection, at=("user",))
    password = user.password("password", policy, [str(word) for word in own_words if word])
    page = fields.sent_text("confirmationBaseUrl", required=must_confirm) or None
    inspection.finish()
    return Registrant(required(address), person, required(password), page)


@dataclass(frozen=True, slots=True)
class RecordedCustomer:
    """A customer that was checked: the columns of its row, less id and channel. Its locale may be missing."""

    number: str
    columns: dict[str, Any]


def checked_customer(recorded: Mapping[str, object], inspection: Inspection, now: datetime) -> RecordedCustomer:
    """Check a customer; use what comes back only if *inspection* found nothing."""
    fields = Fields(recorded, inspection, FIELDS)
    number = fields.text("customerNumber", lengths.NUMBER, IDENTIFIER, required=True) or ""
    address = fields.email_address("emailAddress")
    person = _person(fields, now.date())
    created_at = fields.time("createdAt") or now
    columns = person | {
        "customer_number": number,
        "email_address": str(address) if address else None,
        "price_groups": fields.texts("priceGroups", lengths.PRICE_GROUP, MOST_PRICE_GROUPS),
        "custom_data": fields.json("customData"),
        "search_text": search_text.of_customer(
            number,
            first_name=person["first_name"],
            last_name=person["last_name"],
            company=person["company"],
            email_addresses=[str(address or "")],
        ),
        "created_at": created_at,
        "updated_at": created_at,
    }
    return RecordedCustomer(number, columns)


def _person(fields: Fields, today: date) -> dict[str, Any]:
    """Return who a customer is, by the names of the columns."""
    return {
        "first_name": fields.text("firstName", lengths.NAME),
        "last_name": fields.text("lastName", lengths.NAME),
        "company": fields.text("company", lengths.COMPANY),
        "gender": fields.member("gender", Gender) or Gender.UNKNOWN,
        "date_of_birth": fields.date_of_birth("dateOfBirth", today),
        "locale": fields.locale("locale"),
    }
