"""The home of the shop that is measured: made-up customers, the same ones each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from db import models
from db.bulk import insert_rows
from db.enums import AddressType, ChannelKind, OrderStatus, RegistrationPolicy
from db.ids import new_id, new_ids
from resolvers.channels.service import create_channel
from resolvers.rules.roles import CUSTOMER_ADMIN
from resolvers.rules.tokens import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database

CHANNEL = "bench"
PASSWORD = "a password of the bench"  # noqa: S105 - of no other user anywhere
ORDERS, ORDERS_OF_GREAT = 20, 200
ONE_IN_GREAT = 50
"""One customer in so many is a great one."""
_ADDRESSES, _ITEMS = 4, 4
_BATCH = 500
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2126, 1, 1, tzinfo=UTC)
_TABLES = (
    models.Customer,
    models.Account,
    models.User,
    models.UserRole,
    models.Session,
    models.Address,
    models.PaymentInstrument,
    models.Order,
    models.OrderItem,
)


def username(number: object) -> str:
    """Return the name that the user of customer *number* signs in by."""
    return f"customer.{number}@shop.example"


def token(number: int) -> str:
    """Return the bearer token of customer *number*; as long as a real one."""
    return sha256(f"token {number}".encode()).hexdigest()[:43]


def is_great(number: int) -> bool:
    """Tell whether customer *number* has many orders."""
    return number % ONE_IN_GREAT == 0


@dataclass(frozen=True, slots=True)
class _Home:
    """Where the customers belong, and how all of them sign in."""

    channel_id: str
    role_id: str
    password_hash: str


async def fill(database: Database, customers: int, password_hash: str, progress: Callable[[int], None]) -> None:
    """Write the shop with so many *customers*; *progress* is told how many are written."""
    async with database.unit_of_work() as session:
        home = await _channel(session, password_hash)
    numbers = iter(range(customers))
    while batch := list(islice(numbers, _BATCH)):
        rows = [_customer(number, home) for number in batch]
        async with database.unit_of_work() as session:
            for table in _TABLES:
                await insert_rows(session, table, [row for found in rows for row in found[table]])
        progress(batch[-1] + 1)


async def _channel(session: AsyncSession, password_hash: str) -> _Home:
    channel_id = await create_channel(
        session,
        now=_BEGIN,
        code=CHANNEL,
        name="Bench",
        kind=ChannelKind.B2C,
        locales=("de_CH", "fr_CH"),
        registration=RegistrationPolicy.OPEN,
    )
    role = select(models.Role.id).where(
        sa.and_(col(models.Role.channel_id) == channel_id, col(models.Role.code) == CUSTOMER_ADMIN)
    )
    return _Home(channel_id, (await session.exec(role)).one(), password_hash)


def _customer(number: int, home: _Home) -> dict[type[Any], list[dict[str, Any]]]:
    """Return the rows of customer *number*, by table."""
    made = _BEGIN + timedelta(minutes=number)
    tables = (models.Customer, models.Account, models.User, models.Session)
    ids = {table: new_id(table.letters, made) for table in tables}
    customer_id, account_id, user_id = ids[models.Customer], ids[models.Account], ids[models.User]
    person = {"first_name": f"Zoë {number}", "last_name": "Müller-Lüdenscheidt", "locale": "de_CH"}
    customer = {
        "id": customer_id, "channel_id": home.channel_id, "customer_number": str(10_000 + number), **person,
        "email_address": username(number), "gender": "UNKNOWN", "price_groups": ["A"], "search_text": f"zoe {number}",
        "created_at": made, "updated_at": made,
    }  # fmt: skip
    account = {
        "id": account_id, "channel_id": home.channel_id, "email_address": username(number),
        "canonical_email_address": username(number), "password_hash": home.password_hash, "created_at": made,
    }  # fmt: skip
    user = {
        "id": user_id, "channel_id": home.channel_id, "customer_id": customer_id, "account_id": account_id, **person,
        "time_zone": "Europe/Zurich", "enabled": True, "created_at": made,
    }  # fmt: skip
    session = {
        "id": ids[models.Session], "channel_id": home.channel_id, "account_id": account_id, "user_id": user_id,
        # Used within the hour, as most are: to mark the use of one is a write that only the gateway makes.
        "token_sha256": digest(token(number)), "created_at": made, "last_used_at": END, "expires_at": END,
    }  # fmt: skip
    card = {
        "id": new_id(models.PaymentInstrument.letters, made), "customer_id": customer_id, "type": "VISA",
        "masked_card_number": "4XXXXXXXXXXX1111", "expiration_month": "12", "expiration_year": "24",
        "expires_on": datetime(2024, 12, 31, tzinfo=UTC).date(),
    }  # fmt: skip
    orders = list(_orders(number, home, customer_id, user_id))
    return {
        models.Customer: [customer],
        models.Account: [account],
        models.User: [user],
        models.UserRole: [{"user_id": user_id, "role_id": home.role_id}],
        models.Session: [session],
        models.Address: list(_addresses(customer_id, person, made)),
        models.PaymentInstrument: [card],
        models.Order: orders,
        models.OrderItem: [item for order in orders for item in _items(order)],
    }


def _addresses(customer_id: str, person: dict[str, str], made: datetime) -> Iterator[dict[str, Any]]:
    types = list(AddressType)
    for at, key in zip(range(_ADDRESSES), new_ids(models.Address.letters, made), strict=False):
        yield {
            "id": key, "customer_id": customer_id, "type": types[at % len(types)], "is_default": at < len(types),
            "first_name": person["first_name"], "last_name": person["last_name"], "street": f"Rämistrasse {at + 1}",
            "zip_code": "8001", "city": "Zürich", "country": "CH", "created_at": made, "updated_at": made,
        }  # fmt: skip


def _orders(number: int, home: _Home, customer_id: str, user_id: str) -> Iterator[dict[str, Any]]:
    made = _BEGIN + timedelta(minutes=number)
    statuses = list(OrderStatus)
    count = ORDERS_OF_GREAT if is_great(number) else ORDERS
    for at, key in zip(range(count), new_ids(models.Order.letters, made), strict=False):
        yield {
            "id": key, "channel_id": home.channel_id, "customer_id": customer_id, "user_id": user_id,
            "order_number": f"{number}-{at}", "order_date": made + timedelta(hours=7 * at), "locale": "de_CH",
            "status": statuses[at % len(statuses)], "currency": "CHF", "tax_included": True,
            "total": Decimal("119.60"), "search_text": f"{number}-{at}", "updated_at": made,
        }  # fmt: skip


def _items(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for position in range(1, _ITEMS + 1):
        yield {
            "order_id": order["id"], "position": position, "sku": f"SKU-{position:05}",
            "name": f"Kaffeebohnen «Séraphine» {position}", "quantity": Decimal(position), "unit": "piece",
            "unit_price": Decimal("11.96"), "line_price": Decimal("11.96") * position, "currency": "CHF",
        }  # fmt: skip
