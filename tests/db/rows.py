"""The home of made-up rows: the least that a row needs, so that a test says only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from db.enums import AddressType, ChannelKind, OrderStatus, RegistrationPolicy
from db.ids import new_id
from db.models import Account, Address, Channel, Customer, Entity, Order, User

NOW = datetime(2026, 3, 14, 10, 7, 26, tzinfo=UTC)


def fresh_id(table: type[Entity]) -> str:
    return new_id(table.letters, NOW)


def channel(**values: Any) -> Channel:
    least: dict[str, Any] = {
        "id": fresh_id(Channel),
        "code": "shop",
        "name": "Shop",
        "kind": ChannelKind.B2B,
        "locales": ["en_GB"],
        "default_locale": "en_GB",
        "registration": RegistrationPolicy.OPEN,
    }
    return Channel(**least | values)


def customer(channel: Channel, **values: Any) -> Customer:
    least: dict[str, Any] = {
        "id": (key := fresh_id(Customer)),
        "channel_id": channel.id,
        "customer_number": key,
        "locale": "en_GB",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Customer(**least | values)


def account(channel: Channel, **values: Any) -> Account:
    least: dict[str, Any] = {
        "id": (key := fresh_id(Account)),
        "channel_id": channel.id,
        "email_address": f"{key}@example.com",
        "canonical_email_address": f"{key}@example.com",
        "created_at": NOW,
    }
    return Account(**least | values)


def user(customer: Customer, account: Account, **values: Any) -> User:
    least: dict[str, Any] = {
        "id": fresh_id(User),
        "channel_id": customer.channel_id,
        "customer_id": customer.id,
        "account_id": account.id,
        "locale": "en_GB",
        "time_zone": "UTC",
        "created_at": NOW,
    }
    return User(**least | values)


def address(customer: Customer, **values: Any) -> Address:
    least: dict[str, Any] = {
        "id": fresh_id(Address),
        "customer_id": customer.id,
        "type": AddressType.BILLING,
        "street": "High Street 1",
        "city": "London",
        "country": "GB",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Address(**least | values)


def order(customer: Customer, **values: Any) -> Order:
    least: dict[str, Any] = {
        "id": (key := fresh_id(Order)),
        "channel_id": customer.channel_id,
        "customer_id": customer.id,
        "order_number": key,
        "order_date": NOW,
        "locale": "en_GB",
        "status": OrderStatus.PURCHASED,
        "currency": "GBP",
        "total": Decimal("19.90"),
        "updated_at": NOW,
    }
    return Order(**least | values)
