"""The home of worlds small enough for an answer to be worked out by hand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from db import models
from db.enums import ChannelKind, Gender, OrderStatus, Permission, RegistrationPolicy, TokenPurpose
from tests.oracle.access import Caller
from tests.oracle.execution import Oracle
from tests.oracle.formats import fold
from tests.oracle.rows import MODELS, Stored

SDL = Path(__file__).parents[2] / "schema.graphql"
NOW = datetime(2026, 3, 14, 10, 0, tzinfo=UTC)


def an_id(letters: str, number: int) -> str:
    return f"{letters}_{number:026}"


@dataclass
class World:
    """A channel with one customer, grown by what a test adds."""

    rows: list[SQLModel] = field(default_factory=list)

    def add(self, *rows: SQLModel) -> None:
        self.rows += rows

    def order(self, number: int, total: str = "10", currency: str = "CHF", **columns: Any) -> str:
        order_id = an_id("ord", number)
        self.add(
            models.Order(
                **{
                    "id": order_id,
                    "channel_id": an_id("chn", 1),
                    "customer_id": an_id("cus", 1),
                    "order_number": f"N{number}",
                    "order_date": NOW,
                    "locale": "de_CH",
                    "status": OrderStatus.SHIPPED,
                    "currency": currency,
                    "total": Decimal(total),
                    "search_text": fold(f"N{number}"),
                    "updated_at": NOW,
                    **columns,
                }
            )
        )
        return order_id

    def ask(self, document: str, token: str | None = "admin", **variables: Any) -> dict[str, Any]:
        tables = {model: [row for row in self.rows if isinstance(row, model)] for model in MODELS}
        return Oracle(SDL.read_text(), Stored(tables)).execute(document, variables, None, Caller("shop", token, NOW))


def user(number: int, *permissions: Permission, enabled: bool = True, customer: int = 1) -> list[SQLModel]:
    account = models.Account(
        id=an_id("acc", number),
        channel_id=an_id("chn", 1),
        email_address=f"u{number}@example.com",
        canonical_email_address=f"u{number}@example.com",
        created_at=NOW,
    )
    row = models.User(
        id=an_id("usr", number),
        channel_id=an_id("chn", 1),
        customer_id=an_id("cus", customer),
        account_id=account.id,
        locale="de_CH",
        time_zone="UTC",
        enabled=enabled,
        created_at=NOW,
    )
    role = models.Role(id=an_id("rol", number), channel_id=an_id("chn", 1), code=f"r{number}", name="role")
    granted = [models.RolePermission(role_id=role.id, permission=permission) for permission in permissions]
    return [account, row, role, *granted, models.UserRole(user_id=row.id, role_id=role.id)]


def session(number: int, user_number: int, token: str, expires_at: datetime = NOW + timedelta(days=1)) -> SQLModel:
    return models.Session(
        id=an_id("ses", number),
        channel_id=an_id("chn", 1),
        account_id=an_id("acc", user_number),
        user_id=an_id("usr", user_number),
        token_sha256=hashlib.sha256(token.encode()).digest(),
        created_at=NOW,
        last_used_at=NOW,
        expires_at=expires_at,
    )


def mailed_token(number: int, token: str, **columns: Any) -> SQLModel:
    return models.MailedToken(
        **{
            "id": an_id("tok", number),
            "channel_id": an_id("chn", 1),
            "purpose": TokenPurpose.PASSWORD_RESET,
            "subject_id": an_id("acc", 1),
            "email_address": "u1@example.com",
            "salt": bytes(32),
            "token_sha256": hashlib.sha256(token.encode()).digest(),
            "created_at": NOW,
            "expires_at": NOW + timedelta(hours=1),
            **columns,
        }
    )


def small_world() -> World:
    """Return a channel with two customers, and users of the first who may see all, their own, and nothing."""
    channel = models.Channel(
        id=an_id("chn", 1), code="shop", name="Shop", kind=ChannelKind.B2B, locales=["de_CH"],
        default_locale="de_CH", registration=RegistrationPolicy.OPEN,
    )  # fmt: skip
    customers = [
        models.Customer(
            id=an_id("cus", number), channel_id=channel.id, customer_number=f"C{number}", locale="de_CH",
            gender=Gender.UNKNOWN, created_at=NOW, updated_at=NOW,
        )
        for number in (1, 2)
    ]  # fmt: skip
    made = World([channel, *customers])
    made.add(*user(1, *Permission), session(1, 1, "admin"))
    made.add(*user(2, Permission.ORDERS_READ_OWN), session(2, 2, "own"))
    made.add(*user(3), session(3, 3, "nothing"))
    return made
