"""The home of the rules of a customer that a shop records, alone or from a file. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from db import lengths
from db.enums import Gender
from resolvers.rules import search_text
from resolvers.rules.records import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resolvers.rules.inspection import Inspection

NUMBER: Final = 40
MOST_PRICE_GROUPS: Final = 50
_PRICE_GROUP = 40

FIELDS: Final = frozenset(
    {
        "customerNumber", "emailAddress", "firstName", "lastName", "company", "gender", "dateOfBirth", "locale",
        "priceGroups", "customData", "createdAt",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RecordedCustomer:
    """A customer that was checked: the columns of its row, less id and channel. Its locale may be missing."""

    number: str
    columns: dict[str, Any]


def checked_customer(fields: Mapping[str, object], inspection: Inspection, now: datetime) -> RecordedCustomer:
    """Check a customer; use what comes back only if *inspection* found nothing."""
    record = Record(fields, inspection, FIELDS)
    number = record.text("customerNumber", NUMBER, required=True) or ""
    address = record.email_address("emailAddress")
    names: dict[str, str | None] = {
        "first_name": record.text("firstName", lengths.NAME),
        "last_name": record.text("lastName", lengths.NAME),
        "company": record.text("company", lengths.COMPANY),
    }
    created_at = record.time("createdAt") or now
    columns = {
        "customer_number": number,
        "email_address": str(address) if address else None,
        **names,
        "gender": record.member("gender", Gender) or Gender.UNKNOWN,
        "date_of_birth": inspection.date_of_birth(("dateOfBirth",), record.day("dateOfBirth"), now.date()),
        "locale": record.locale("locale"),
        "price_groups": record.texts("priceGroups", _PRICE_GROUP, MOST_PRICE_GROUPS),
        "custom_data": record.json("customData"),
        "search_text": search_text.of_customer(number, **names, email_addresses=[str(address or "")]),
        "created_at": created_at,
        "updated_at": created_at,
    }
    return RecordedCustomer(number, columns)
