"""The home of what the measured searches look for: shops of customers and of orders, and by which words."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from db.bulk import insert_rows
from db.ids import new_ids
from db.models import Customer, Order
from resolvers.rules import search_text

if TYPE_CHECKING:
    from sqlmodel import SQLModel

    from db.engine import Database

    Rows = Iterator[dict[str, Any]]

BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH: Final = 500
_FIRST = ("Anna", "Peter", "Maria", "Hans", "Ursula", "Thomas", "Sandra", "Daniel", "Martin", "Monika", "Zoë", "Urs")
_LAST = ("Müller", "Meier", "Schmid", "Keller", "Weber", "Huber", "Schneider", "Steiner", "Fischer", "Gerber", "Frei")
_THINGS = ("Tasse", "Teller", "Kanne", "Filter", "Mühle", "Kaffee", "Becher", "Löffel", "Wasserkocher", "Untersetzer")
_KINDS = ("blau", "rot", "weiss", "gross", "klein", "Porzellan", "Glas", "Stahl", "250 g", "1 kg", "für vier")
_HELD_BY_ONE, _HELD_BY_100, _HELD_BY_HALF = "Einzigartig", "Quarzkopf", "Hauptkunde"
_PEOPLE: Final = 1_000
"""Who order in a shop of orders."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is searched for: in shops of which *sizes*, by which *document* and *words*; *rows* makes the tables."""

    name: str
    sizes: tuple[int, int]
    document: str
    words: dict[str, str]
    rows: Callable[[str, int], Iterator[tuple[type[SQLModel], Rows]]]

    async def fill(self, database: Database, channel_id: str, size: int) -> None:
        """Fill the shop with so many."""
        for model, rows in self.rows(channel_id, size):
            while batch := list(islice(rows, _BATCH)):
                async with database.unit_of_work() as session:
                    await insert_rows(session, model, batch)


def _words(shared: str, two_letters: str) -> dict[str, str]:
    """Return searches: of two words, one is *shared* by all rows; *two_letters* many have."""
    return {
        "held by one": _HELD_BY_ONE,
        "held by 100": _HELD_BY_100,
        "held by nobody": "niemand",
        "held by half": _HELD_BY_HALF,
        "two, held by 100": f"{_HELD_BY_100} {shared}",
        "two letters, held by many": two_letters,
        "two letters, held by nobody": "xq",
        "none": "",
    }


def _marks(size: int, chosen: random.Random) -> Callable[[int], list[str]]:
    """Return by which words each of *size* rows is found: half of them by one, 100 by another, one by a third."""
    hundred = set(chosen.sample(range(size), min(100, size // 4)))
    return lambda number: (
        [_HELD_BY_HALF] * (number % 2) + [_HELD_BY_100] * (number in hundred) + [_HELD_BY_ONE] * (number == size // 3)
    )


def _customers(channel_id: str, size: int) -> Rows:
    chosen = random.Random(size)  # noqa: S311 - no secret
    marks = _marks(size, chosen)
    for number, key in zip(range(size), new_ids(Customer.letters, BEGIN), strict=False):
        first, last = chosen.choice(_FIRST), chosen.choice(_LAST)
        made, address = BEGIN + timedelta(minutes=number), f"{first}.{last}.{number}@shop.example"
        person = {
            "customer_number": str(100_000 + number), "first_name": first, "last_name": last,
            "company": " ".join(marks(number)) or None, "email_address": address,
        }  # fmt: skip
        yield {
            "id": key, "channel_id": channel_id, **person, "locale": "de_CH", "gender": "UNKNOWN", "price_groups": [],
            "search_text": search_text.of_customer(person), "created_at": made, "updated_at": made,
        }  # fmt: skip


def _orders(channel_id: str, people: list[str], size: int) -> Rows:
    chosen = random.Random(size)  # noqa: S311 - no secret
    marks = _marks(size, chosen)
    for number, key in zip(range(size), new_ids(Order.letters, BEGIN), strict=False):
        order_number, made = f"R-{1_000_000 + number}", BEGIN + timedelta(minutes=number)
        names = [f"{chosen.choice(_THINGS)} {chosen.choice(_KINDS)}" for _ in range(chosen.randint(1, 3))]
        skus = [f"{chosen.randint(10, 99)}-{chosen.randint(1000, 9999)}" for _ in names]
        yield {
            "id": key, "channel_id": channel_id, "customer_id": chosen.choice(people), "order_number": order_number,
            "order_date": made, "locale": "de_CH", "status": "SHIPPED", "currency": "CHF", "tax_included": True,
            "total": Decimal("19.90"), "updated_at": made,
            "search_text": search_text.of_order(order_number, [*names, *marks(number)], skus),
        }  # fmt: skip


def _shop_of_orders(channel_id: str, size: int) -> Iterator[tuple[type[SQLModel], Rows]]:
    people = list(_customers(channel_id, _PEOPLE))
    yield Customer, iter(people)
    yield Order, _orders(channel_id, [person["id"] for person in people], size)


SUBJECTS: Final = (
    Subject(
        "Customers",
        (2_000, 200_000),
        """query($search: String!) { customers(search: $search) {
            nodes { id customerNumber firstName lastName emailAddress } pageInfo { hasNextPage endCursor } } }""",
        _words("example", "er"),
        lambda channel_id, size: iter([(Customer, _customers(channel_id, size))]),
    ),
    Subject(
        "Orders",
        (10_000, 1_000_000),
        """query($search: String!) { orders(search: $search) {
            nodes { id orderNumber orderDate status total { amount currency } customer { lastName } }
            pageInfo { hasNextPage endCursor } } }""",
        _words("R-1", "fi"),
        _shop_of_orders,
    ),
)
