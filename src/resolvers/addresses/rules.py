"""The home of the rules of an address: of one that is typed, of a change to one, and of one from a file. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from db import lengths
from db.enums import AddressType
from resolvers.addresses.postal import rules_of
from resolvers.rules.fields import Fields
from resolvers.rules.inspection import Inspection
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    _Form = Callable[[Fields, str, bool], Any]
    """Reads a field by its name; whether somebody has typed it by hand."""

MOST_ADDRESSES: Final = 200
"""Of one customer."""

_BY_HAND: Final = True
_AT: Final = ("address",)
"""Where an address stands in the inputs of mutations."""


def _text(limit: int, *, required: bool = False, by_hand: bool = False) -> _Form:
    """Return the form of a text, which is *required*, or is so of who types it *by_hand*."""
    return lambda fields, name, is_typed: fields.text(name, limit, required=required or (by_hand and is_typed))


def _email_address(fields: Fields, name: str, _is_typed: object) -> str | None:
    address = fields.email_address(name)
    return str(address) if address else None


_FORMS: Final[Mapping[str, tuple[str, _Form]]] = {
    "type": ("type", lambda fields, name, _: fields.member(name, AddressType, required=True)),
    "is_default": ("isDefault", lambda fields, name, _: fields.boolean(name, default=False)),
    "title": ("title", _text(lengths.TITLE)),
    "title_code": ("titleCode", _text(lengths.TITLE)),
    # Shops have kept addresses of companies alone.
    "first_name": ("firstName", _text(lengths.NAME, by_hand=True)),
    "last_name": ("lastName", _text(lengths.NAME, by_hand=True)),
    "company": ("company", _text(lengths.COMPANY)),
    "street": ("street", _text(lengths.STREET, required=True)),
    "zip_code": ("zipCode", _text(lengths.ZIP_CODE)),
    "city": ("city", _text(lengths.CITY, required=True)),
    "region": ("region", _text(lengths.REGION)),
    "country": ("country", lambda fields, name, _: fields.country(name, required=True)),
    "phone_number": ("phoneNumber", _text(lengths.PHONE_NUMBER)),
    "email_address": ("emailAddress", _email_address),
    "remarks": ("remarks", lambda fields, name, _: fields.text(name, lengths.REMARKS, multiline=True)),
}
"""What each column is called in the API, and how it is read."""

FIELDS: Final = frozenset({"customerNumber", "createdAt", *(name for name, _form in _FORMS.values())})


@dataclass(frozen=True, slots=True)
class RecordedAddress:
    """An address that was checked: the columns of its row, less its own id and its customer's."""

    customer_number: str
    columns: dict[str, Any]


def checked_address(recorded: Mapping[str, object], inspection: Inspection, now: datetime) -> RecordedAddress:
    """Check an address; use what comes back only if *inspection* found nothing.

    The rules of countries don't apply: a shop brings what it has.
    """
    fields = Fields(recorded, inspection, FIELDS)
    customer_number = fields.text("customerNumber", lengths.NUMBER, required=True) or ""
    created_at = fields.time("createdAt") or now
    return RecordedAddress(
        customer_number, _columns(fields, is_typed=False) | {"created_at": created_at, "updated_at": created_at}
    )


def checked_new_address(typed: Mapping[str, object], *, by_country: bool) -> dict[str, Any]:
    """Return the columns of an address in the shape of `AddressInput`, *by_country* judged by the rules of its country.

    Raises `InvalidInput`.
    """
    inspection = Inspection()
    fields = Fields(typed, inspection, at=_AT)
    columns = _columns(fields, is_typed=True)
    if by_country:
        _judge_zip_code(fields, columns["country"], columns["zip_code"])
    inspection.finish()
    return columns


def checked_change(typed: Mapping[str, object], standing: Mapping[str, Any], *, by_country: bool) -> dict[str, Any]:
    """Return the columns that a change in the shape of `AddressPatch` gives to an address of the columns *standing*.

    What is left out is not judged: whatever breaks a rule can be mended field by field. Raises `InvalidInput`.
    """
    inspection = Inspection()
    fields = Fields(typed, inspection, at=_AT)
    changed = {column: form(fields, name, _BY_HAND) for column, (name, form) in _FORMS.items() if name in typed}
    if "isDefault" in typed and typed["isDefault"] is None:
        fields.refuse("isDefault", ViolationCode.REQUIRED)
    if by_country and not typed.keys().isdisjoint({"zipCode", "country"}):
        then = {**standing, **changed}
        _judge_zip_code(fields, then["country"], then["zip_code"])
    inspection.finish()
    return changed


def _columns(fields: Fields, *, is_typed: bool) -> dict[str, Any]:
    return {column: form(fields, name, is_typed) for column, (name, form) in _FORMS.items()}


def _judge_zip_code(fields: Fields, country: str | None, zip_code: str | None) -> None:
    rule = None if country is None else rules_of(country).zip_code
    if rule is None:
        return
    if zip_code is not None and not rule.takes(zip_code):
        example = f"Write a post code of {country}, such as {rule.examples[0]}."
        fields.refuse("zipCode", ViolationCode.INVALID, example)
    elif zip_code is None and rule.is_required:
        fields.refuse("zipCode", ViolationCode.REQUIRED)
