"""The home of the rules of an address that a shop records, alone or from a file. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from db import lengths
from db.enums import AddressType
from resolvers.rules.fields import Fields

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


def checked_address(recorded: Mapping[str, object], inspection: Inspection, now: datetime) -> RecordedAddress:
    """Check an address; use what comes back only if *inspection* found nothing.

    Names may be missing, unlike in the API: shops have kept addresses of companies alone.
    """
    fields = Fields(recorded, inspection, FIELDS)
    customer_number = fields.text("customerNumber", lengths.NUMBER, required=True) or ""
    created_at = fields.time("createdAt") or now
    return RecordedAddress(customer_number, _columns(fields) | {"created_at": created_at, "updated_at": created_at})


def _columns(fields: Fields) -> dict[str, Any]:
    address = fields.email_address("emailAddress")
    return {
        "type": fields.member("type", AddressType, required=True),
        "is_default": fields.boolean("isDefault", default=False),
        "title": fields.text("title", lengths.TITLE),
        "title_code": fields.text("titleCode", lengths.TITLE),
        "first_name": fields.text("firstName", lengths.NAME),
        "last_name": fields.text("lastName", lengths.NAME),
        "company": fields.text("company", lengths.COMPANY),
        "street": fields.text("street", lengths.STREET, required=True),
        "zip_code": fields.text("zipCode", lengths.ZIP_CODE),
        "city": fields.text("city", lengths.CITY, required=True),
        "region": fields.text("region", lengths.REGION),
        "country": fields.country("country", required=True),
        "phone_number": fields.text("phoneNumber", lengths.PHONE_NUMBER),
        "email_address": str(address) if address else None,
        "remarks": fields.text("remarks", lengths.REMARKS, multiline=True),
    }
