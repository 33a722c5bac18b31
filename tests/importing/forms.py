"""The home of the forms of fields as docs/import.md has them: what the tables say of each, in one word."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from tests.gateway.processes import ROOT

_WORDS: Final = {
    r"text, (\d+)": "text",
    r"list of at most (\d+) texts": "texts",
    r"list of at most (\d+) codes": "codes",
    r"list of at most ([\d,]+) \w+$": "parts",
    r"amount, with up to four decimals": "price",
    r"amount": "amount",
    r"number with at most three decimals": "quantity",
    r"decimal in percent": "rate",
    r"time": "time",
    r"date": "date",
    r"boolean": "boolean",
    r"code of ISO 3166": "country",
    r"code of ISO 4217": "currency",
    r"a \[locale\]": "locale",
    r"name of the IANA": "zone",
    r"e-mail address": "e-mail",
    r"the e-mail address of the user": "username",
    r"the number of the customer": "reference",
    r"address of a page, `https`, ([\d,]+)": "link",
    r"a hash of Argon2id": "hash",
    r"any JSON": "JSON",
    r"an address as it was": "address",
    r"an `OrderStatus`": "name",
    r"`[A-Z]+`, ": "name",
}
_IDENTITIES: Final = {
    "customerNumber", "orderNumber", "sku", "code", "trackingNumber", "imageUrl",
}  # fmt: skip
_TABLES_OF_ORDERS: Final = ("", "items", "adjustments", "taxes", "shipments", "documents", "address")


class Form(NamedTuple):
    """The form of a field: a word for it, the limit of its length, and whether it must be there."""

    word: str
    limit: int
    is_required: bool


def form_of(kind: str, path: tuple[str, ...]) -> Form:
    """Return the form of the field at *path*, which has names alone."""
    parts = {"billingAddress": "address", "shippingAddress": "address"}
    table = "" if len(path) == 1 else parts.get(path[0], path[0])
    return _forms()[kind, table, path[-1]]


@cache
def _forms() -> dict[tuple[str, str, str], Form]:
    page = (ROOT / "docs" / "import.md").read_text("utf-8")
    forms = {}
    for kind in ("customers", "users", "addresses", "orders"):
        [section] = re.findall(rf"^## {kind.capitalize()}\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
        tables = re.findall(r"^\| field.*\n\|---.*\n((?:\|.*\n)+)", section, re.MULTILINE)
        for table, rows in zip(_TABLES_OF_ORDERS, tables, strict=False):
            for name, told, without in re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", rows, re.MULTILINE):
                forms[kind, table, name] = _form(name, told, is_required=without.startswith("required"))
    return forms


def _form(name: str, told: str, *, is_required: bool) -> Form:
    found, word = next((found, word) for start, word in _WORDS.items() if (found := re.match(start, told)))
    limit = int(found[1].replace(",", "").rstrip()) if found.groups() else 0
    word = "identity" if word == "text" and name in _IDENTITIES else word
    return Form(word, limit, is_required)
