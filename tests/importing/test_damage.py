"""A thousand kinds of damage: every bad line is named, with the field that is wrong, and every good one comes in."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlmodel import SQLModel

from db.enums import ChannelKind
from db.models import Address, Customer, Order, User
from gateway.importing.entries import LONGEST_LINE
from tests.importing.making import (
    LISTS,
    Record,
    address,
    customer,
    imported,
    line,
    make_shop,
    order,
    rows,
    user,
    written,
)

CUSTOMERS = 5
Path_ = tuple[str | int, ...]

# What no field takes; the surrogate and the NUL as JSON writes them, in a text that would be fine without.
WRONG_TYPES: dict[str, object] = {
    "float": 1.5,
    "object": {"a": 1},
    "list of numbers": [1],
    "huge": 10**30,
}
HOSTILE = {
    "NUL": "a\0b",
    "escape": "a\x1b[2Jb",
    "line separator": "a\u2028b",
    "override": "a\u202eb",
    "DEL": "a\x7fb",
}
TEXTS = {
    "customerNumber", "emailAddress", "firstName", "lastName", "company", "title", "titleCode", "street", "zipCode",
    "city", "region", "phoneNumber", "remarks", "orderNumber", "paymentMethod", "shippingMethod", "sku", "code",
    "name", "unit", "imageUrl", "username",
}  # fmt: skip
TIMES = {"createdAt", "orderDate", "confirmedAt", "shippedAt", "deliveredAt"}
AMOUNTS = {"unitPrice", "originalPrice", "linePrice", "price", "amount", "total"}
ENUMS = {"gender", "type", "status", "kind"}
CODES = {"country", "currency", "timeZone", "locale"}
BOOLEANS = {"isDefault", "taxIncluded", "enabled", "confirmed"}
GROUPS = {"times": TIMES, "amounts": AMOUNTS, "enums": ENUMS, "booleans": BOOLEANS, "codes": CODES}
REQUIRED = {
    "customers": {"customerNumber"},
    "users": {"customerNumber", "emailAddress", "roles"},
    "addresses": {"customerNumber", "type", "street", "city", "country"},
    "orders": {
        "orderNumber", "customerNumber", "orderDate", "status", "currency", "items", "sku", "name",
        "quantity", "unitPrice", "type", "price", "rate", "amount", "carrier", "kind", "title", "url",
    },
}  # fmt: skip
OPTIONAL_NAMES = {("billingAddress",), ("shippingAddress",)}
OTHER: dict[str, dict[str, object]] = {
    "times": {
        "words": "yesterday", "no zone": "2020-01-01T00:00:00", "day": "2020-01-01", "month 13": "2020-13-01T00:00:00Z",
        "30 February": "2020-02-30T00:00:00Z", "too early": "1899-12-31T23:59:59Z", "too late": "3000-01-01T00:00:00Z",
        "week": "2020-W60-1T00:00:00Z", "number": 1577836800, "infinity": "9999-12-31T23:59:59.999999Z",
        "overflow": "0001-01-01T00:00:00+14:00",
    },
    "amounts": {
        "words": "much", "number": 24, "exponent": "1E3", "NaN": "NaN", "infinite": "Infinity", "comma": "24,90",
        "currency": "24.90 CHF", "digits": "24.90101", "too much": "100000000000.01", "long": "9" * 41, "plus": "+1.00",
        "underscore": "1_000", "boolean": True,
    },
    "enums": {"lower case": "lost", "unknown": "LOST", "number": 1, "boolean": True},
    "codes": {"unknown": "QX", "lower case": "ch/", "long": "X" * 200, "number": 756, "NUL": "C\0", "boolean": False},
    "booleans": {"text": "yes", "number": 1, "null text": "null"},
}  # fmt: skip


def leaves(value: object, at: Path_ = ()) -> Iterator[Path_]:
    """Yield the paths of all fields, those inside objects and of the first part of each list too."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*at, name)
            if name != "customData":
                yield from leaves(inner, (*at, name))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from leaves(value[0], (*at, 0))


def damages(kind: str, path: Path_) -> Iterator[tuple[str, object]]:
    """Yield what is wrong for the field at *path*."""
    name = str(path[-1])
    in_snapshot = path[:1] in OPTIONAL_NAMES
    if name in REQUIRED[kind] and not in_snapshot:
        yield from (("null", None), ("empty", ""))
    if name != "customData":
        wrong = {"boolean": True} if name in TEXTS | TIMES | AMOUNTS | {"rate"} else {}
        fitting = {"float"} if name == "quantity" else set()
        yield from ((what, value) for what, value in (WRONG_TYPES | wrong).items() if what not in fitting)
    for names, group in (
        (TIMES, "times"),
        (AMOUNTS, "amounts"),
        (ENUMS, "enums"),
        (BOOLEANS, "booleans"),
        (CODES, "codes"),
    ):
        if name in names:
            yield from OTHER[group].items()
    if name in TEXTS:
        yield from HOSTILE.items()
        yield "too long", "x" * 1001
    yield from special(name)


def special(name: str) -> Iterator[tuple[str, object]]:
    if name == "quantity":
        yield from {
            "words": "two", "comma": "1,5", "too exact": 0.0001, "too many": 10**9 + 1, "boolean": True,
        }.items()  # fmt: skip
    if name in {"trackingUrl", "url"}:
        yield from {
            "http": "http://shop.example/",
            "user": "https://a@shop.example/",
            "blank inside": "https://a b/",
        }.items()
    if name == "emailAddress":
        yield "255 characters", f"{'a' * 250}@b.ch"
    if name == "dateOfBirth":
        yield from {
            "time": "1984-05-23T00:00:00Z",
            "future": "2999-01-01",
            "past": "1899-12-31",
            "none": "1984-02-30",
        }.items()
    if name == "rate":
        yield from {"negative": "-7.7", "too much": "1000", "words": "7.7 %", "long": "7.12345678901234567890"}.items()
    if name in {"roles", "priceGroups"}:
        yield from {"number inside": ["buyer", 1], "blank inside": ["buyer", " "], "long inside": ["x" * 41]}.items()
        yield from {"many": [str(number) for number in range(51)], "text": "buyer"}.items()
    if name in LISTS:
        yield from {"many": [{}] * 1001, "text inside": ["one"], "null inside": [None], "text": "one"}.items()
    if name == "customData":
        yield from {"deep": deep(33), "long": "x" * 65_537, "NUL": {"a": ["\0"]}, "NUL name": {"\0": 1}}.items()
    if name == "passwordHash":
        good = user()["passwordHash"]
        changes = {
            "password": "banana", "bcrypt": "$2b$12$" + "a" * 53, "argon2i": good.replace("argon2id", "argon2i"),
            "old": good.replace("v=19", "v=16"), "memory": good.replace("m=19456", "m=131073"),
            "little memory": good.replace("m=19456", "m=8"), "passes": good.replace("t=2", "t=11"),
            "lanes": good.replace("p=1", "p=9"), "no salt": good.replace("$c2FsdHNhbHRzYWx0c2FsdA", "$"),
            "padding": f"{good}=", "long": good + "a" * 200, "not base64": good[:-1],
            "loose bits": good.replace("c2FsdA$", "c2FsdB$"),
        }  # fmt: skip
        yield from changes.items()


def deep(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def changed(record: Record, path: Path_, value: object) -> Record:
    copy: Any = deepcopy(record)
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copy  # type: ignore[no-any-return]  # a copy of a record is one


def torn(kind: str, good: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield lines that are no JSON object at all."""
    middle = len(good) // 2
    yield from (("half", good[:middle] + b"\n"), ("other half", good[middle:]))
    yield from (("not closed", good.rstrip()[:-1] + b"\n"), ("twice", good.rstrip() + good))
    for name, text in {
        "word": "hello", "number": "1", "string": '"text"', "list": "[{}]", "null": "null", "true": "true",
        "single quotes": "{'a': 1}", "comma": '{"a": 1,}', "comment": '{"a": 1} // more', "NaN": '{"a": NaN}',
        "surrogate": '{"customerNumber": "\\ud800"}', "deep": "[" * 5000, "python": "{'a': None}",
    }.items():  # fmt: skip
        yield name, f"{text}\n".encode()
    yield "latin-1", good.replace(b"customerNumber", "kundenn\xfcmmer".encode("latin-1"))
    yield "UTF-16", '{"a": 1}'.encode("utf-16") + b"\n"
    yield "byte order mark inside", b"\xef\xbb\xbf" + good
    yield "overlong UTF-8", good.replace(b'"C0', b'"\xc0\xaf0')
    yield "surrogate in UTF-8", good.replace(b'"C0', b'"\xed\xa0\x800')
    yield "NUL bytes", b"\0" * 100 + b"\n"
    yield "too long", b'{"customerNumber": "' + b"x" * (LONGEST_LINE + 1) + b'"}\n'
    yield "much too long", b"x" * (3 * LONGEST_LINE) + b"\n"
    yield f"no {kind}", b"{}\n"
    yield "misspelt", good.replace(b'"customerNumber"', b'"customernumber"')
    yield "unknown", good.replace(b"{", b'{"__proto__": 1, ', 1)


MAKERS = {"customers": customer, "users": user, "addresses": address, "orders": order}
TABLES: dict[str, type[SQLModel]] = {"customers": Customer, "users": User, "addresses": Address, "orders": Order}


def bad_lines(kind: str) -> list[tuple[str, str, bytes]]:
    """Return a name of each damage, the field that it is about, and the line."""
    good = MAKERS[kind](9_999, **({} if kind == "customers" else {"customerNumber": "C00001"}))
    found = [("torn " + name, "", text) for name, text in torn(kind, line(good))]
    for path in leaves(good):
        field = ".".join(map(str, path))
        for name, value in damages(kind, path):
            if kind == "orders" and field != "orderNumber":
                good = good | {"orderNumber": f"B{len(found)}"}  # else all are refused for standing twice
            text = line(changed(good, path, value)) if value != 10**30 else huge(good, path)
            found.append((f"{field} {name}", field, text))
    return found


def huge(good: Record, path: Path_) -> bytes:
    """Return the line with a number that orjson itself would not write."""
    return line(changed(good, path, "HUGE")).replace(b'"HUGE"', b"1" + b"0" * 30)


def test_there_are_a_thousand_kinds_of_damage() -> None:
    assert len({(kind, name) for kind in MAKERS for name, _, _ in bad_lines(kind)}) >= 1000


@pytest.mark.parametrize("kind", MAKERS)
def test_every_bad_line_is_named_and_every_good_one_comes_in(kind: str, database_url: str, tmp_path: Path) -> None:
    make_shop(database_url, customers=CUSTOMERS if kind != "customers" else 0, kind=ChannelKind.B2B)
    lines: list[bytes] = []
    expected: dict[int, tuple[str, str]] = {}
    for number, (name, field, text) in enumerate(bad_lines(kind)):
        assert text.count(b"\n") == 1, name
        given = {} if kind == "customers" else {"customerNumber": f"C{number % CUSTOMERS:05}"}
        lines += [line(MAKERS[kind](number, **given)), text]
        expected[len(lines)] = name, field
    report = tmp_path / "refused.jsonl"

    result = imported(database_url, kind, written(tmp_path / "file.jsonl", lines), "--refused", str(report))

    found = {each["line"]: each["reasons"] for each in map(orjson.loads, report.read_bytes().splitlines())}
    assert result.exit_code == 1, result.output
    assert result.stdout.startswith(f"{len(expected):,} {kind} imported, {len(expected):,} refused.")
    assert [expected[line] for line in expected.keys() - found.keys()] == [], "came in"
    assert [found[line] for line in found.keys() - expected.keys()] == [], "were refused"
    for at, (name, field) in expected.items():
        fields = [reason["field"] for reason in found[at]]
        assert any(each.startswith(field) for each in fields), (name, found[at])
    assert len(rows(database_url, TABLES[kind])) == len(expected)
    assert "banana" not in report.read_text()


def test_refusals_do_not_repeat_what_stood_there(database_url: str, tmp_path: Path) -> None:
    make_shop(database_url, customers=1)
    file = written(tmp_path / "users.jsonl", [user(0, passwordHash="banana", emailAddress="secret")])
    report = tmp_path / "refused.jsonl"

    printed = imported(database_url, "users", file)
    imported(
        database_url, "users", written(tmp_path / "again.jsonl", [b"\n", file.read_bytes()]), "--refused", str(report)
    )

    [refusal] = map(orjson.loads, report.read_bytes().splitlines())
    for told in (printed.output, str(refusal["reasons"])):
        assert "passwordHash" in told
        assert "banana" not in told
        assert "secret" not in told
