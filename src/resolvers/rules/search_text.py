"""The home of the texts that searches look into, and of how they are folded. Pure.

Folding happens here and never in SQL: the databases' own `lower` differ (Ä stays Ä in SQLite).
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_OF_CUSTOMER: Final = ("customer_number", "first_name", "last_name", "company", "email_address")


def fold(text: str) -> str:
    """Return *text* without the differences that a search overlooks: compatibility forms, case and accents."""
    if text.isascii():
        return text.lower()
    alike = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in unicodedata.normalize("NFKD", alike) if not unicodedata.combining(letter))


def words(search: str) -> list[str]:
    """Return the folded words that must all occur; none means that everything is found."""
    return fold(search).split()


def of_order(order_number: str, names: Iterable[str], skus: Iterable[str]) -> str:
    """Return what an order is found by: its number, the names and the skus of its items."""
    return _joined((order_number, *names, *skus))


def of_customer(columns: Mapping[str, Any], mentioned: Iterable[str | None] = ()) -> str:
    """Return what a customer of *columns* is found by; *mentioned* are the e-mail addresses of the address book."""
    return _joined((*map(columns.get, _OF_CUSTOMER), *mentioned))


def addition(part: str) -> str:
    """Return what is appended to a search text, which is never empty, to have it found by *part* as well."""
    return f" {fold(part)}"


def _joined(parts: Iterable[str | None]) -> str:
    return " ".join(fold(part) for part in parts if part)
