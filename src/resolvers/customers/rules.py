"""The home of the rules of customers: who registers, what a shop records, alone or from a file, and changes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from db import lengths
from db.enums import Gender
from resolvers.rules import search_text
from resolvers.rules.fields import Fields
from resolvers.rules.inspection import Inspection, required
from resolvers.rules.texts import IDENTIFIER, camel_case
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from resolvers.rules.email_address import EmailAddress
    from resolvers.rules.password_policy import PasswordPolicy

    _Forms = Mapping[str, Callable[[Fields, str, date], Any]]
    """How each column is read, by its name in the API, on a day."""

MOST_PRICE_GROUPS: Final = 50


def _email_address(fields: Fields, name: str, _today: date) -> str | None:
    address = fields.email_address(name)
    return str(address) if address else None


_PERSON: Final[_Forms] = {
    "first_name": lambda fields, name, _: fields.text(name, lengths.NAME),
    "last_name": lambda fields, name, _: fields.text(name, lengths.NAME),
    "company": lambda fields, name, _: fields.text(name, lengths.COMPANY),
    "gender": lambda fields, name, _: fields.member(name, Gender) or Gender.UNKNOWN,
    "date_of_birth": lambda fields, name, today: fields.date_of_birth(name, today),
    "locale": lambda fields, name, _: fields.locale(name),
}
"""Who a customer is, as who registers tells it."""
_OF_SHOP: Final[_Forms] = {
    "price_groups": lambda fields, name, _: fields.texts(name, lengths.PRICE_GROUP, MOST_PRICE_GROUPS),
    "custom_data": lambda fields, name, _: fields.json(name),
}
"""What the shop alone writes."""
_FORMS: Final[_Forms] = {"email_address": _email_address, **_PERSON, **_OF_SHOP}
_NEVER_EMPTY: Final = {"gender", "locale"}

FIELDS: Final = frozenset({"customerNumber", "createdAt", *map(camel_case, _FORMS)})


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
    person = _columns(fields, _PERSON, today)
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


def checked_new_customer(sent: Mapping[str, object], now: datetime) -> dict[str, Any]:
    """Return the columns of a customer in the shape of `CreateCustomerInput`; number and locale may be None.

    Raises `InvalidInput`.
    """
    inspection = Inspection()
    fields = Fields(sent, inspection)
    number = fields.text("customerNumber", lengths.NUMBER, IDENTIFIER)
    columns = _columns(fields, _FORMS, now.date())
    inspection.finish()
    return columns | {"customer_number": number, "created_at": now, "updated_at": now}


def checked_customer(recorded: Mapping[str, object], inspection: Inspection, now: datetime) -> RecordedCustomer:
    """Check a customer; use what comes back only if *inspection* found nothing."""
    fields = Fields(recorded, inspection, FIELDS)
    number = fields.text("customerNumber", lengths.NUMBER, IDENTIFIER, required=True) or ""
    created_at = fields.time("createdAt") or now
    columns = {"customer_number": number, **_columns(fields, _FORMS, now.date())}
    columns |= {"search_text": search_text.of_customer(columns), "created_at": created_at, "updated_at": created_at}
    return RecordedCustomer(number, columns)


def checked_change(typed: Mapping[str, object], today: date, *, by_shop: bool, signs_in: bool) -> dict[str, Any]:
    """Return the columns that a change in the shape of `UpdateCustomerInput` gives to a customer.

    What is left out stays. *by_shop* tells who asks, *signs_in* that its address is the one that a user signs in with,
    which must be proved. The locale may be None. Raises `InvalidInput`.
    """
    inspection = Inspection()
    fields = Fields(typed, inspection)
    forms = {column: form for column, form in _FORMS.items() if camel_case(column) in typed}
    for column in list(forms):
        name = camel_case(column)
        if column in _OF_SHOP and not by_shop:
            fields.refuse(name, ViolationCode.NOT_ALLOWED, "Only the shop can change this. Leave it out.")
        elif column == "email_address" and signs_in:
            fields.refuse(
                name,
                ViolationCode.NOT_ALLOWED,
                "A user signs in with this address, and changes it by changeEmailAddress.",
            )
        elif column in _NEVER_EMPTY and typed[name] is None:
            fields.refuse(name, ViolationCode.REQUIRED)
        else:
            continue
        del forms[column]
    changed = _columns(fields, forms, today)
    inspection.finish()
    return changed


def _columns(fields: Fields, forms: _Forms, today: date) -> dict[str, Any]:
    return {column: form(fields, camel_case(column), today) for column, form in forms.items()}
