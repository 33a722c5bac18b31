"""The home of plain records: made up at random, written as the API writes them; and what a shop holds of such ones."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlmodel import SQLModel, select

from db.models import (
    Account,
    Address,
    Customer,
    Order,
    OrderAdjustment,
    OrderDocument,
    OrderItem,
    OrderShipment,
    OrderTax,
    Role,
    User,
    UserRole,
)
from resolvers.rules.texts import camel_case
from tests.importing.making import Record, address, customer, order, postal_address, user, within

if TYPE_CHECKING:
    from random import Random

    from db.engine import Database

CUSTOMERS: Final = 5
BUYER: Final = user(0, emailAddress="buyer@example.com")
"""A user of the first customer, who orders."""
DIGITS: Final = {"CHF": 2, "JPY": 0, "KWD": 3}
"""Decimals of the currencies that orders are in."""
IDENTITY: Final = {
    "customers": "customerNumber", "users": "emailAddress", "addresses": "street", "orders": "orderNumber",
}  # fmt: skip
"""The field by which a record is told from the others; made-up streets are all different."""
TABLES: Final[dict[str, type[SQLModel]]] = {
    "customers": Customer, "users": User, "addresses": Address, "orders": Order,
}  # fmt: skip
_PARTS: Final[dict[str, type[SQLModel]]] = {
    "items": OrderItem,
    "adjustments": OrderAdjustment,
    "taxes": OrderTax,
    "shipments": OrderShipment,
    "documents": OrderDocument,
}
_REQUIRED: Final = {
    "customerNumber", "emailAddress", "roles", "street", "type", "city", "country", "orderNumber", "orderDate",
    "status", "currency", "items", "createdAt", "sku", "name", "quantity", "unitPrice", "price", "rate", "amount",
    "carrier", "kind", "title", "url", "username",
}  # fmt: skip
_TEXTS: Final = ("Müller & Söhne", "O'Neill; Sons", 'The "Cup", Ltd.', "a|b, c", "Ærø ﷺ 東京", "=1+1", "0042")
"""Such as damage files of those who don't expect them."""


# ── Making ────────────────────────────────────────────────────────────────────────────────────────


def plain(kind: str, number: int, random: Random) -> Record:
    """Return a good record; what stands in it varies, and what need not be there may be missing."""
    if kind == "orders":
        return _order(number, random)
    owner = {} if kind == "customers" else {"customerNumber": f"C{random.randrange(CUSTOMERS):05}"}
    record = {"customers": customer, "users": user, "addresses": address}[kind](number, **owner)
    record |= {"createdAt": _time(random), "lastName": random.choice(_TEXTS)}
    record |= {"locale": random.choice(["de_CH", "en_US"])} if "locale" in record else {}
    record |= {"priceGroups": ["retail", f"club {number}"]} if "priceGroups" in record else {}
    record |= {"confirmedAt": _time(random)} if "confirmedAt" in record else {}
    return _some(record, random)


def _some(record: Record, random: Random) -> Record:
    return {name: value for name, value in record.items() if name in _REQUIRED or random.random() < 0.8}


def _time(random: Random) -> str:
    day, hour = random.randint(1, 28), random.randint(1, 22)  # so that no offset makes another day of it
    return f"20{random.randint(10, 24)}-{random.randint(1, 12):02}-{day:02}T{hour:02}:{random.randint(0, 59):02}:26Z"


def _amount(random: Random, digits: int) -> str:
    return str(Decimal(random.randint(1, 99_999)).scaleb(-digits))


def _order(number: int, random: Random) -> Record:
    currency = random.choice(list(DIGITS))
    buyer = {"customerNumber": "C00000", "username": BUYER["emailAddress"]} if random.random() < 0.2 else {}
    made = order(number, CUSTOMERS, **buyer) | {
        "orderDate": _time(random),
        "currency": currency,
        "taxIncluded": random.random() < 0.7,
        "items": [_item(number, at, random, DIGITS[currency]) for at in range(random.randint(0, 6))],
        "adjustments": [_adjustment(at, random, DIGITS[currency]) for at in range(random.randint(0, 3))],
        "taxes": [_tax(at, random, DIGITS[currency]) for at in range(random.randint(0, 2))],
        "shippingAddress": _some(postal_address(street=f"Weg {number}"), random),
    }
    for name in ("shipments", "documents"):
        made[name] = [_some(each, random) for each in made[name] * random.randint(0, 1)]
    made = _some(made, random)
    made |= {"total": str(total_of(made))} if "total" in made else {}
    return made if made.get("username") else {name: value for name, value in made.items() if name != "username"}


def _item(number: int, at: int, random: Random, digits: int) -> Record:
    made = {
        "sku": f"{number}-{at}",
        "code": f"code {at}",
        "name": random.choice(_TEXTS),
        "quantity": random.choice(["1", "2", "1.5", "-1", "12", "0.125"]),
        "unit": "Beutel",
        "unitPrice": _amount(random, 4),
        "originalPrice": _amount(random, 2),
        "linePrice": _amount(random, digits),
        "imageUrl": "https://shop.example/10-1001.jpg",
    }
    return _some(made, random)


def _adjustment(at: int, random: Random, digits: int) -> Record:
    kind = random.choice(["SHIPPING", "DISCOUNT", "PROMOTION", "SURCHARGE", "TAX"])
    sign = "-" if kind in {"DISCOUNT", "PROMOTION"} else ""
    return {"type": kind, "name": f"Adjustment {at}", "price": sign + _amount(random, digits)}


def _tax(at: int, random: Random, digits: int) -> Record:
    return {"name": f"MwSt. {at}", "rate": random.choice(["7.7", "0", "19.00"]), "amount": _amount(random, digits)}


# ── What it comes to ──────────────────────────────────────────────────────────────────────────────


def line_price(item: Record, currency: str) -> Decimal:
    """Return what the line of an item comes to."""
    if item.get("linePrice"):
        return Decimal(item["linePrice"])
    price = Decimal(item["unitPrice"]) * Decimal(item["quantity"])
    return price.quantize(Decimal(1).scaleb(-DIGITS[currency]), ROUND_HALF_UP)


def total_of(made: Record) -> Decimal:
    """Return what an order comes to, as docs/import.md says."""
    lines = sum((line_price(item, made["currency"]) for item in made.get("items", ())), Decimal(0))
    adjustments = sum((Decimal(each["price"]) for each in made.get("adjustments", ())), Decimal(0))
    taxes = sum((Decimal(tax["amount"]) for tax in made.get("taxes", ())), Decimal(0))
    return lines + adjustments + (0 if made.get("taxIncluded", True) else taxes)


_DEFAULTS: Final[dict[str, Record]] = {
    "customers": {"gender": "UNKNOWN", "priceGroups": [], "locale": "de_CH"},
    "users": {"locale": "de_CH", "timeZone": "Europe/Zurich", "enabled": True},
    "addresses": {},
    "orders": {"taxIncluded": True, "locale": "de_CH"},
}


def as_stored(kind: str, record: Record) -> Record:
    """Return what a shop holds of a plain record, without what nobody told."""
    told = _DEFAULTS[kind] | {name: value for name, value in record.items() if value is not None}
    told.pop("isDefault", None)  # it depends on the addresses that come later
    if kind == "users":
        confirmed = told.pop("confirmed", "confirmedAt" in told)
        told |= {"confirmedAt": told.get("confirmedAt", told["createdAt"])} if confirmed else {}
    if kind == "orders":
        parts = {name: told.pop(name, []) for name in _PARTS}
        for item in parts["items"]:
            item["linePrice"] = str(line_price(item, told["currency"]))
        told |= {name: [_read(part) for part in of_order] for name, of_order in parts.items()}
        told["total"] = str(total_of(record))
    return _read(told)


_AMOUNTS: Final = {"quantity", "unitPrice", "originalPrice", "linePrice", "price", "amount", "total"}


def _read(told: Record) -> Record:
    """Return values in place of their spellings."""
    return {name: _value(name, value) for name, value in told.items()}


def _value(name: str, value: Any) -> Any:
    if name in _AMOUNTS:
        return Decimal(value)
    if name.endswith("At") or name == "orderDate":
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name in {"dateOfBirth", "issuedOn"} else value


# ── What is there ─────────────────────────────────────────────────────────────────────────────────


class Stored(NamedTuple):
    """What a shop holds: the rows of all tables that are imported into, and the records that they are."""

    rows: dict[str, dict[str, Record]]
    """By table, then by what tells a row."""
    records: dict[str, dict[str, Record]]
    """By kind, then by identity; as `as_stored` has them."""


_ALL: Final[tuple[type[SQLModel], ...]] = (Customer, Account, User, Address, Order, *_PARTS.values(), Role, UserRole)


def stored(url: str) -> Stored:
    """Return what is in the database at *url*, by one look."""

    async def read(database: Database) -> dict[str, list[Record]]:
        async with database.unit_of_work() as session:
            return {
                model.__name__: [row.model_dump() for row in (await session.exec(select(model))).all()]
                for model in _ALL
            }

    tables = within(url, read)
    accounts = {row["id"]: row for row in tables["Account"]}
    tables["User"] = [accounts[row["account_id"]] | row for row in tables["User"]]
    keyed = {name: {_key(row): row for row in found} for name, found in tables.items()}
    return Stored(keyed, {kind: _records(kind, tables) for kind in TABLES})


def _key(row: Record) -> str:
    return row.get("id") or repr([value for name, value in row.items() if name.endswith("_id") or name == "position"])


_HIDDEN: Final = {
    "id", "channelId", "accountId", "customerId", "userId", "searchText", "updatedAt", "importedAs",
    "canonicalEmailAddress", "isDefault", "position", "orderId",
}  # fmt: skip


def _told(row: Record) -> Record:
    """Return a row as a record; not what nobody told."""
    named = {camel_case(name): value for name, value in row.items() if value is not None}
    return {name: _without_none(value) for name, value in named.items() if name not in _HIDDEN}


def _without_none(value: Any) -> Any:
    return {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value


def _records(kind: str, tables: dict[str, list[Record]]) -> dict[str, Record]:
    numbers = {row["id"]: row["customer_number"] for row in tables["Customer"]}
    addresses = {row["id"]: row["email_address"] for row in tables["User"]}
    found = {}
    for row in tables[TABLES[kind].__name__]:
        record = _told(row)
        if kind != "customers":
            record["customerNumber"] = numbers[row["customer_id"]]
        if kind == "users":
            record["roles"] = _roles(row["id"], tables)
            for name in ("failedLogins", "lastLoginAt"):
                record.pop(name, None)
        if row.get("user_id"):
            record["username"] = addresses[row["user_id"]]
        found[row["id"]] = record
    if kind == "orders":
        _add_parts(found, tables)
    return {record[IDENTITY[kind]]: record for record in found.values()}


def _roles(user_id: str, tables: dict[str, list[Record]]) -> list[str]:
    codes = {row["id"]: row["code"] for row in tables["Role"]}
    return [codes[row["role_id"]] for row in tables["UserRole"] if row["user_id"] == user_id]


def _add_parts(found: dict[str, Record], tables: dict[str, list[Record]]) -> None:
    for name, model in _PARTS.items():
        parts: dict[str, list[Record]] = defaultdict(list)
        for row in sorted(tables[model.__name__], key=lambda row: int(row["position"])):
            parts[row["order_id"]].append(_told(row | {"currency": None}))
        for order_id, record in found.items():
            record[name] = parts[order_id]
