"""The home of the rules of payment instruments: what may be kept of a card. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from db import lengths
from resolvers.rules.fields import Fields
from resolvers.rules.inspection import Inspection
from resolvers.rules.texts import IDENTIFIER
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_INSTRUMENTS: Final = 50
"""Of one customer."""

# PCI DSS 3.4.1: at most the first eight and the last four digits are shown, of shorter numbers the first six.
_MASKED: Final = re.compile(r"(\d{0,8})(x{3,19})(\d{0,4})", re.ASCII)
_LONGEST_TYPED: Final = 60
_LONGEST: Final = 19
_MOST_SHOWN: Final = 12
_SHORTER: Final = 16
"""Than this, a number shows its first six digits at most."""
_FIRST: Final = 6
_MASKS: Final = str.maketrans(dict.fromkeys("X*\u2022\u25cf\u00d7#", "x") | dict.fromkeys(" -\u00a0", None))
_MONTH: Final = re.compile(r"0[1-9]|1[0-2]", re.ASCII)
_YEAR: Final = re.compile(r"(?:20)?(\d\d)", re.ASCII)
_UNMASKED: Final = "Never send a whole card number. Mask it, such as 513659xxxxxx5354."


@dataclass(frozen=True, slots=True)
class CheckedInstrument:
    """A payment instrument that was checked: whose it is, by id or number, and the columns of its row."""

    customer_id: str | None
    customer_number: str | None
    columns: dict[str, Any] = field(repr=False)


def checked_instrument(sent: Mapping[str, object]) -> CheckedInstrument:
    """Check an instrument in the shape of `StorePaymentInstrumentInput`. Raises `InvalidInput`."""
    inspection = Inspection()
    fields = Fields(sent, inspection)
    customer_id = fields.sent_text("customerId") or None
    customer_number = fields.text("customerNumber", lengths.NUMBER, IDENTIFIER)
    if customer_id is None and customer_number is None:
        fields.refuse("customerId", ViolationCode.REQUIRED)
    elif customer_id is not None and customer_number is not None:
        fields.refuse("customerNumber", ViolationCode.NOT_ALLOWED, "Write either this or customerId.")
    month, year = _part(fields, "expirationMonth", _MONTH, '"07"'), _part(fields, "expirationYear", _YEAR, '"27"')
    columns = {
        "type": fields.text("type", lengths.PAYMENT_TYPE, required=True),
        "masked_card_number": _masked(fields),
        "expiration_month": month,
        "expiration_year": year,
        "expires_on": _last_day(int(month), 2000 + int(year[-2:])) if month and year else None,
        "provider_reference": fields.text("providerReference", lengths.PROVIDER_REFERENCE, required=True),
    }
    inspection.finish()
    return CheckedInstrument(customer_id, customer_number, columns)


def _masked(fields: Fields) -> str | None:
    """Return the masked number as it is kept: 513659xxxxxx5354, however it was masked and grouped."""
    typed = fields.text("maskedCardNumber", _LONGEST_TYPED, required=True)
    if typed is None:
        return None
    compact = typed.translate(_MASKS)
    if _is_masked(compact):
        return compact
    if sum(map(str.isdecimal, compact)) > _MOST_SHOWN:
        fields.refuse("maskedCardNumber", ViolationCode.NOT_ALLOWED, _UNMASKED)
    else:
        fields.refuse("maskedCardNumber", ViolationCode.INVALID, "Write it as 513659xxxxxx5354.")
    return None


def _is_masked(compact: str) -> bool:
    found = _MASKED.fullmatch(compact)
    if found is None or len(compact) > _LONGEST or not (found[1] or found[3]):
        return False
    return len(compact) >= _SHORTER or len(found[1]) <= _FIRST


def _part(fields: Fields, name: str, form: re.Pattern[str], example: str) -> str | None:
    text = fields.text(name, 4, required=True)
    if text is None or form.fullmatch(text):
        return text
    fields.refuse(name, ViolationCode.INVALID, f"Write it as printed on the card, such as {example}.")
    return None


def _last_day(month: int, year: int) -> date:
    return date(year, month, monthrange(year, month)[1])
