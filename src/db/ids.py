"""The home of identifiers: three letters that name the table and a ULID, made from a clock and randomness."""

from __future__ import annotations

import re
import secrets
from itertools import product
from typing import TYPE_CHECKING

from ulid import ULID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

ID_LENGTH = 30
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_COUNTED = 4  # of the sixteen random characters; the others still tell 10^18 makers of one millisecond apart
_WELL_FORMED = re.compile(r"[a-z]{3}_[0-7][0-9A-HJKMNP-TV-Z]{25}")


def new_id(letters: str, now: datetime) -> str:
    """Return a new id such as ``ord_01HV2JCC9T33QXEAXPHCJEC4FA``; ids made later sort later (to the millisecond)."""
    milliseconds = int(now.timestamp() * 1000)
    return f"{letters}_{ULID(milliseconds.to_bytes(6, 'big') + secrets.token_bytes(10))}"


def new_ids(letters: str, now: datetime) -> Iterator[str]:
    """Yield new ids, a million at most, each of which sorts after the one before."""
    stem = new_id(letters, now)[:-_COUNTED]
    return (stem + "".join(digits) for digits in product(_CROCKFORD, repeat=_COUNTED))


def is_well_formed(value: str) -> bool:
    """Tell whether *value* could be an id that `new_id` made, of whatever table."""
    return _WELL_FORMED.fullmatch(value) is not None
