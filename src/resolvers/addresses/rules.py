"""The home of the rules of an address that a shop records, alone or from a file. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from db import lengths
from db.enums import AddressType
from resolvers.customers.rules import NUMBER
from resolvers.rules.records import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resolvers.rules.inspection import Inspection

FIELDS: Final = frozenset(
    {
        "customerNumber", "type", "isDefault", "title", "titleCode", "firstName", "lastName", "company", "street",
        "zipCode", "city", "region", "country", "phoneNumber", "emailAddress", "remarks", "createdAt",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RecordedAddress:
    """An address that was checked: the columns of its row, less its own id and its customer's."""

    customer_number: str
    columns: dict[str, Any]


def checked_address(fields: Mapping[str, object], inspection: Inspection, now: datetime) -> RecordedAddress:
    """Check an address; use what comes back only if *inspection* found nothing.

    Names may be missing, unlike in the API: shops have kept addresses of companies alone.
    """
    record = Record(fields, inspection, FIELDS)
    customer_number = record.text("customerNumber", NUMBER, required=True) or ""
    created_at = record.time("createdAt") or now
    return RecordedAddress(customer_number, _columns(record) | {"created_at": created_at, "updated_at": created_at})


def _columns(record: Record) -> dict[str, Any]:
    address = record.email_address("emailAddress")
    return {
        "type": record.member("type", AddressType, required=True),
        "is_default": record.boolean("isDefault", default=False),
        "title": record.text("title", lengths.TITLE),
        "title_code": record.text("titleCode", lengths.TITLE),
        "first_name": record.text("firstName", lengths.NAME),
        "last_name": record.text("lastName", lengths.NAME),
        "company": record.text("company", lengths.COMPANY),
        "street": record.text("street", lengths.STREET, required=True),
        "zip_code": record.text("zipCode", lengths.ZIP_CODE),
        "city": record.text("city", lengths.CITY, required=True),
        "region": record.text("region", lengths.REGION),
        "country": record.country("country", required=True),
        "phone_number": record.text("phoneNumber", lengths.PHONE_NUMBER),
        "email_address": str(address) if address else None,
        "remarks": record.text("remarks", lengths.REMARKS, multiline=True),
    }
