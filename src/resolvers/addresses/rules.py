"""The home of the rules of an address: of one that is typed, of a change to one, and of one from a file. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from db import lengths
from db.enums import AddressType
from resolvers.addresses.postal import rules_of
from resolvers.rules import countries
from resolvers.rules.fields import Fields
from resolvers.rules.inspection import Inspection
from resolvers.rules.texts import FREE_TEXT, IDENTIFIER, PHONE_NUMBER, Kind, camel_case
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


@dataclass(frozen=True, slots=True)
class Text:
    """The form of a text: how long it may be, and whether it must be there; of who types it *by_hand*, or always."""

    limit: int
    kind: Kind = FREE_TEXT
    required: bool = False
    by_hand: bool = False
    multiline: bool = False

    def __call__(self, fields: Fields, name: str, is_typed: bool) -> str | None:  # noqa: FBT001 - as all forms
        """Read the text."""
        required = self.required or (self.by_hand and is_typed)
        return fields.text(name, self.limit, self.kind, required=required, multiline=self.multiline)


def _email_address(fields: Fields, name: str, _is_typed: object) -> str | None:
    address = fields.email_address(name)
    return str(address) if address else None


_FORMS: Final[Mapping[str, _Form]] = {
    "type": lambda fields, name, _: fields.member(name, AddressType, required=True),
    "is_default": lambda fields, name, _: fields.boolean(name, default=False),
    "title": Text(lengths.TITLE),
    "title_code": Text(lengths.TITLE),
    # Shops have kept addresses of companies alone.
    "first_name": Text(lengths.NAME, by_hand=True),
    "last_name": Text(lengths.NAME, by_hand=True),
    "company": Text(lengths.COMPANY),
    "street": Text(lengths.STREET, required=True),
    "zip_code": Text(lengths.ZIP_CODE),
    "city": Text(lengths.CITY, required=True),
    "region": Text(lengths.REGION),
    "country": lambda fields, name, _: countries.country(fields, name, required=True),
    "phone_number": Text(lengths.PHONE_NUMBER, PHONE_NUMBER),
    "email_address": _email_address,
    "remarks": Text(lengths.REMARKS, multiline=True),
}
"""How each column is read."""
_NAMES: Final = {column: camel_case(column) for column in _FORMS}
"""What each is called in the API."""

FIELDS: Final = frozenset({"customerNumber", "createdAt", *_NAMES.values()})


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
    customer_number = fields.text("customerNumber", lengths.NUMBER, IDENTIFIER, required=True) or ""
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
    names = {column: name for column, name in _NAMES.items() if name in typed}
    changed = {column: _FORMS[column](fields, name, _BY_HAND) for column, name in names.items()}
    if "isDefault" in typed and typed["isDefault"] is None:
        fields.refuse("isDefault", ViolationCode.REQUIRED)
    if by_country and not typed.keys().isdisjoint({"zipCode", "country"}):
        then = {**standing, **changed}
        _judge_zip_code(fields, then["country"], then["zip_code"])
    inspection.finish()
    return changed


def text_form(column: str) -> Text:
    """Return the form of a column that is a text."""
    form = _FORMS[column]
    if not isinstance(form, Text):
        raise KeyError(column)
    return form


def _columns(fields: Fields, *, is_typed: bool) -> dict[str, Any]:
    return {column: _FORMS[column](fields, name, is_typed) for column, name in _NAMES.items()}


def _judge_zip_code(fields: Fields, country: str | None, zip_code: str | None) -> None:
    rule = None if country is None else rules_of(country).zip_code
    if rule is None:
        return
    if zip_code is not None and not rule.takes(zip_code):
        example = f"Write a post code of {country}, such as {rule.examples[0]}."
        fields.refuse("zipCode", ViolationCode.INVALID, example)
    elif zip_code is None and rule.is_required:
        fields.refuse("zipCode", ViolationCode.REQUIRED)
