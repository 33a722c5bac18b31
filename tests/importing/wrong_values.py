"""The home of wrong values: for each form of a field what must be refused, and by which code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from resolvers.rules.texts import is_seen
from tests.importing.forms import Form, form_of
from tests.importing.making import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

INVALID: Final = "INVALID"


class Wrong(NamedTuple):
    """A value that must be refused; at which place below the field, if it is a list."""

    name: str
    value: Any
    code: str = INVALID
    below: str = ""
    is_blotted: bool = False
    """Whether the report leaves it out, so that what is imported from there is another record."""


class Site(NamedTuple):
    """A field of a record: its path, and where it stands."""

    names: tuple[str, ...]
    holder: Record
    part: tuple[str, int] | None = None
    """The list and the place of the part that the field belongs to."""

    @property
    def path(self) -> str:
        """As the report writes it."""
        place = [] if self.part is None else [str(self.part[1])]
        return ".".join([self.names[0], *place, *self.names[1:]])


def sites(record: Record) -> Iterator[Site]:
    """Yield the fields of a record, and those of its parts."""
    for name, value in record.items():
        yield Site((name,), record)
        if isinstance(value, dict) and name != "customData":
            yield from (Site((name, inner), value) for inner in value)
        elif isinstance(value, list):
            for at, part in enumerate(value):
                if isinstance(part, dict):
                    yield from (Site((name, inner), part, (name, at)) for inner in part)


def wrong_value(kind: str, site: Site, record: Record, random: Random, *, of_json: bool) -> Wrong | None:
    """Return one of the values that the field at *site* does not take; None if it has none."""
    form = form_of(kind, site.names)
    found = [
        *(Wrong(name, value) for name, value in _INVALID.get(form.word, {}).items()),
        *(
            wrong
            for wrong in _special(form, site, record)
            if not (_splits(site, of_json=of_json) and _is_unseen(wrong))
        ),
        *(_of_json(form) if of_json else ()),
        *(_missing(form, of_json=of_json) if form.is_required and not _splits(site, of_json=of_json) else ()),
    ]
    return random.choice(found) if found else None


def _is_unseen(wrong: Wrong) -> bool:
    return wrong.code == INVALID and isinstance(wrong.value, str) and not is_seen(wrong.value)


def _splits(site: Site, *, of_json: bool) -> bool:
    """Tell whether an empty cell, or one that can't be read, makes something else of the row."""
    return not of_json and site.names == ("orderNumber",)


def _missing(form: Form, *, of_json: bool) -> Iterator[Wrong]:
    if of_json:
        yield Wrong("null", None, "REQUIRED")
    if form.word not in {"parts", "codes"}:
        yield Wrong("blanks", " \u00a0", "REQUIRED")


def _of_json(form: Form) -> Iterator[Wrong]:
    """Yield what a cell of CSV can't be."""
    if form.word != "JSON":
        yield Wrong("an object", {"a": 1} if form.word != "address" else [1])
    if form.word not in {"JSON", "boolean", "quantity"}:
        yield Wrong("a number", 7)
    if form.word not in {"JSON", "boolean"}:
        yield Wrong("a boolean", value=True)
    if form.word == "quantity":
        yield Wrong("many decimals", 0.0001)


_AMOUNTS: Final = {
    "apostrophe": "1'000.00", "comma in thousands": "1,000.00", "German": "1.000,00", "blank": "1 000.00",
    "NBSP": "1\u00a0000.00", "narrow NBSP": "1\u202f000.00", "zero width": "7\u200b0", "tab inside": "7\t0",
    "plus": "+7.00", "minus of typography": "\u22127.00", "two minuses": "--7.00", "minus behind": "7.00-",
    "in parentheses": "(7.00)", "minus apart": "- 7.00", "en dash": "\u20137.00", "exponent": "1E3",
    "decimal comma": "7,00", "currency": "CHF 7.00", "Arabic": "\u0667.00", "full width": "\uff17", "no end": "7.",
    "no beginning": ".5", "two points": "7.00.00", "too much": "100000000000.01", "too little": "-100000000000.01",
    "decimals": "7.00001", "41 digits": "1" * 41, "words": "much", "infinite": "Infinity",
}  # fmt: skip
_CODES: Final = {"unknown": "QX", "two": "CH CH", "blank inside": "C H", "zero width": "C\u200bH", "tab": "C\tH"}
_INVALID: Final[dict[str, dict[str, str]]] = {
    "amount": _AMOUNTS | {"more decimals than any": "7.00010"},
    "price": _AMOUNTS,
    "quantity": {
        "thousands": "1'000", "decimal comma": "1,5", "plus": "+2", "minus of typography": "\u22122",
        "two minuses": "--2", "unit": "2 Stk", "decimals": "1.0001", "too many": "1000000000.001", "exponent": "1e3",
        "Arabic": "\u0662", "words": "two", "minus behind": "2-",
    },
    "rate": {
        "percent": "7.7 %", "comma": "7,7", "negative": "-7.7", "plus": "+7.7", "minus of typography": "\u22127.7",
        "too much": "1000", "words": "MwSt.",
    },
    "time": {
        "no offset": "2018-03-14T10:07:26", "a day": "2018-03-14", "hour 24": "2018-03-14T24:30:00Z",
        "31 April": "2018-04-31T10:07:26Z", "29 February": "2018-02-29T10:07:26Z", "31 June": "2018-06-31 10:07:26Z",
        "German": "14.03.2018 10:07:26 +0100", "American": "03/14/2018", "early": "1899-12-31T23:59:59Z",
        "late": "3000-01-01T00:00:00Z", "offset": "2018-03-14T10:07:26+25:00", "second 61": "2018-03-14T10:07:61Z",
        "dash": "2018-03-14T10:07:26\u201301:00", "fraction of what": "2018-03-14T10:07:26:50Z",
        "minutes of an offset": "2018-03-14T10:07:26+0190", "a point": "2018-03-14T10:07:26.Z",
        "NBSP inside": "2018-03-14\u00a010:07:26Z",
        "zone": "2018-03-14T10:07:26 CET",
        "epoch": "1521022046", "Excel": "43173.42183", "month 13": "2018-13-14T10:07:26Z",
        "two": "2018-03-14T10:07:26Z Z",
        "full width": "\uff12018-03-14T10:07:26Z", "cut": "2018-03-14T10:0",
    },
    "date": {
        "German": "23.05.1984", "American": "5/23/1984", "short": "1984-5-23", "31 April": "1984-04-31",
        "29 February": "1985-02-29", "a time": "1984-05-23T00:00:00Z", "basic": "19840523", "early": "1899-12-31",
        "late": "3000-01-01", "blank inside": "1984-05 -23", "month 0": "1984-00-10", "week": "1984-W21-3",
    },
    "boolean": {"yes": "yes", "one": "1", "German": "wahr", "blank inside": "tr ue", "letter": "t"},
    "country": {**_CODES, "alpha-3": "CHE", "number": "756", "name": "Schweiz", "wide": "\uff23\uff28"},
    "currency": {**_CODES, "old name": "SFR", "sign": "€", "number": "756", "longer": "CHFF"},
    "name": {
        **_CODES, "unknown": "LOST", "Cyrillic": "\u0405HIPPED", "zero width": "SHIP\u200bPING",
        "two": "SHIPPED SHIPPED", "cut": "INVOIC", "dot": "SHIPPED.", "NBSP": "PAYMENT\u00a0PENDING", "number": "1",
    },
    "locale": {"words": "deutsch", "unknown": "xx", "two": "de_CH, en_US", "letter": "d", "blank": "de CH"},
    "zone": {"unknown": "Europe/Zuerich", "offset": "+01:00", "blank": "Europe / Zurich", "words": "local"},
    "e-mail": {
        "no at": "example.com", "two": "a@@example.com", "blank": "a b@example.com", "no top": "a@example",
        "blank in domain": "a@exam ple.com", "zero width": "a\u200b@example.com", "name": "Zoë <a@example.com>",
        "list": "a@example.com; b@example.com", "NBSP": "a\u00a0b@example.com", "umlaut": "zoë@example.com",
    },
    "link": {
        "http": "http://shop.example/", "none": "shop.example/1", "blank": "https://shop.example/a b",
        "user": "https://a@shop.example/", "no host": "https://", "backslash": "https://shop.example\\1",
        "tab": "https://shop.example/a\tb", "NBSP": "https://shop.example/a\u00a0b",
    },
}  # fmt: skip
_UNSEEN: Final = {"NUL": "a\0b", "escape": "a\x1b[2Jb", "line separator": "a\u2028b", "override": "a\u202eb"}
_BREAKS: Final = {"tab": "a\tb", "line break": "a\nb"}
_UNSEEN_IN_IDENTITIES: Final = {
    "zero width": "N\u200b1", "NBSP": "N\u00a01", "soft hyphen": "N\u00ad1", "selector": "N\ufe0f1",
    "filler": "N\u31641",
}  # fmt: skip
_CARD: Final = "4111 1111 1111 1111"


def _special(form: Form, site: Site, record: Record) -> Iterator[Wrong]:
    """Yield what depends on the limit of a field, on others, or has another code."""
    if form.word in {"text", "identity", "link"} and form.limit:
        begin = "https://shop.example/" if form.word == "link" else ""
        yield Wrong("too long", begin + "x" * (form.limit + 1 - len(begin)), "TOO_LONG")
        yield from (Wrong(name, text) for name, text in _UNSEEN.items())
    if form.word == "identity":
        yield from (Wrong(name, text) for name, text in _UNSEEN_IN_IDENTITIES.items())
    takes_breaks = site.names[-1] == "remarks" or site.names[0] in {"billingAddress", "shippingAddress"}
    if form.word in {"text", "identity"} and not takes_breaks:
        yield from (Wrong(name, text) for name, text in _BREAKS.items())
    if form.word == "text" and form.limit >= len(_CARD):
        yield Wrong("card", _CARD, "NOT_ALLOWED", is_blotted=True)
    yield from _OTHERS.get(form.word, ())
    if form.word == "username" and record.get("customerNumber", "").strip() == "C00000":
        yield Wrong("nobody", "nobody@example.com", "UNKNOWN")
        yield Wrong("blank inside", "buy er@example.com", "UNKNOWN")


def _deep(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


_OTHERS: Final = {
    "rate": [Wrong("21 digits", f"7.{'1' * 20}", "TOO_LONG")],
    "e-mail": [Wrong("255 characters", f"{'a' * 250}@b.ch", "TOO_LONG")],
    "reference": [
        Wrong("nobody", "nobody", "UNKNOWN"),
        Wrong("blank inside", "C0 0001", "UNKNOWN"),
        Wrong("zero width inside", "C0\u200b0001"),
        Wrong("NBSP inside", "C0\u00a00001"),
        Wrong("soft hyphen inside", "C0\u00ad0001"),
        Wrong("tab inside", "C0\t0001"),
        Wrong("too long", "C" * 41, "TOO_LONG"),
    ],
    "codes": [
        Wrong("unknown", ["buyer", "nobody"], "UNKNOWN", "1"),
        Wrong("blank inside", ["buy er"], "UNKNOWN", "0"),
        Wrong("zero width inside", ["buy\u200ber"], INVALID, "0"),
        Wrong("too many", ["buyer"] * 21, "TOO_MANY"),
        Wrong("one is empty", ["buyer", " "], "REQUIRED", "1"),
        Wrong("one is too long", ["buyer", "x" * 41], "TOO_LONG", "1"),
    ],
    "texts": [
        Wrong("too many", [f"group {number}" for number in range(51)], "TOO_MANY"),
        Wrong("one is empty", ["retail", " ", "club"], "REQUIRED", "1"),
        Wrong("one is too long", ["x" * 41], "TOO_LONG", "0"),
        Wrong("one has a tab", ["retail", "a\tb"], INVALID, "1"),
    ],
    "hash": [
        Wrong("a password", "banana", is_blotted=True),
        Wrong("bcrypt", "$2b$12$abcdefghijklmnopqrstuu", is_blotted=True),
        Wrong("little memory", "$argon2id$v=19$m=7167,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", "NOT_ALLOWED"),
    ],
    "JSON": [
        Wrong("65 bits", {"points": 2**64}),
        Wrong("65 bits less than nothing", [-(2**63) - 1]),
        Wrong("many digits", {"points": 10**40}),
        Wrong("deep", _deep(33)),
        Wrong("64 KiB", "x" * 65_535, "TOO_LONG"),
        Wrong("NUL", {"a": "b\0"}),
        Wrong("card", {"card": _CARD}, "NOT_ALLOWED", is_blotted=True),
    ],
}  # fmt: skip
