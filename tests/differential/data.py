"""The home of the generated data: two channels, users of every kind, and orders that tie in every sort key."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import insert
from ulid import ULID

from db import models
from db.enums import (
    AddressType,
    AdminScope,
    ChannelKind,
    Gender,
    OrderAdjustmentType,
    OrderDocumentKind,
    OrderStatus,
    Permission,
    RegistrationPolicy,
)
from tests.differential.mailed import tokens_of
from tests.differential.words import AMOUNTS, DIGITS, JSON, NOW, TEXTS, TIMES, amount
from tests.oracle.fields import POSTAL_MEMBERS
from tests.oracle.formats import fold
from tests.oracle.rows import MODELS, Readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel import SQLModel

Made = TypeVar("Made", bound="SQLModel")
P = Permission
ROLES: dict[str, tuple[Permission, ...]] = {
    "customer-admin": tuple(Permission),
    "buyer": (
        P.CUSTOMER_READ, P.ADDRESSES_MANAGE, P.ORDERS_READ_OWN,
        P.PAYMENT_INSTRUMENTS_READ, P.PAYMENT_INSTRUMENTS_DELETE,
    ),
    "viewer": (P.CUSTOMER_READ, P.ORDERS_READ),
    "nothing": (),
    "Zeta orders-own": (P.ORDERS_READ_OWN,),
    "Ärger cards": (P.PAYMENT_INSTRUMENTS_READ,),
    "\U0001f600 colleagues": (P.USERS_READ, P.CUSTOMER_READ),
    "empty-ish": (P.CUSTOMER_READ,),
}  # fmt: skip
QUANTITIES = tuple(
    map(Decimal, ("0", "1", "3", "-1", "1.5", "-0.125", "0.001", "1000000000", "-999999999.999", "20.10"))
)
DAYS = (date(1900, 1, 1), date(2024, 2, 29), date(2999, 12, 31))
TEAMS: tuple[tuple[str, ...], ...] = (
    ("customer-admin",), ("buyer",), ("viewer",), (), ("nothing",), ("Zeta orders-own",), ("Ärger cards",),
    ("\U0001f600 colleagues", "buyer"), ("viewer", "Ärger cards", "nothing"), ("empty-ish", "Zeta orders-own"),
)  # fmt: skip
"""The roles that one user holds."""


@dataclass
class Data:
    """Rows to be written, and the bearer tokens that go with them."""

    rows: list[SQLModel] = field(default_factory=list)
    tokens: list[tuple[str, str]] = field(default_factory=list)
    """Code of the channel of the session, and the token."""


class Maker:
    """Makes the rows of one seed: the same for every database."""

    def __init__(self, seed: int) -> None:
        """Start from *seed*."""
        self.random = Random(f"data {seed}")  # noqa: S311 - must be repeatable
        self.data = Data()
        self.accounts: dict[str, models.Account] = {}
        """By the ids of their users."""
        self.number = 0

    def id(self, letters: str) -> str:
        """Return an id that says nothing about when its row was made, so that ties are broken by it alone."""
        return f"{letters}_{ULID(self.random.randbytes(16))}"

    def add(self, row: Made) -> Made:
        """Keep *row*."""
        self.data.rows.append(row)
        return row

    def word(self, length: int = 1000) -> str:
        """Return a text, seldom a plain one."""
        text = self.random.choice(TEXTS)
        return text if self.random.random() < 0.8 else (f"{text} {self.random.choice(TEXTS)}")[:length]

    def maybe(self, length: int = 1000) -> str | None:
        """Return a text or nothing."""
        return None if self.random.random() < 0.35 else self.word(length)[:length]

    def channel(self, code: str, kind: ChannelKind) -> tuple[models.Channel, dict[str, models.Role]]:
        """Make a channel and its roles."""
        channel = self.add(
            models.Channel(
                id=self.id("chn"), code=code, name=f"Shop {self.word()}", kind=kind, locales=["de_CH", "fr_CH"],
                default_locale="de_CH", registration=self.random.choice(list(RegistrationPolicy)),
            )
        )  # fmt: skip
        roles = {}
        for role_code, permissions in ROLES.items():
            role = self.add(models.Role(id=self.id("rol"), channel_id=channel.id, code=role_code, name=self.word()))
            roles[role_code] = role
            for permission in permissions:
                self.add(models.RolePermission(role_id=role.id, permission=permission))
        return channel, roles

    def customer(self, channel: models.Channel) -> models.Customer:
        """Make a customer."""
        self.number += 1
        return self.add(
            models.Customer(
                id=self.id("cus"), channel_id=channel.id, customer_number=f"C{self.number}",
                email_address=self.maybe(), locale="de_CH", first_name=self.maybe(30), last_name=self.maybe(30),
                company=self.maybe(50), gender=self.random.choice(list(Gender)), search_text=self.found_by(),
                date_of_birth=self.random.choice([None, date(1984, 5, 23), date(987, 6, 5), date(2000, 2, 29)]),
                price_groups=self.random.choice([[], ["b", "a"], [self.word(), self.word()]]),
                custom_data=self.random.choice(JSON),
                created_at=self.random.choice(TIMES), updated_at=self.random.choice(TIMES),
            )
        )  # fmt: skip

    def found_by(self) -> str:
        """Return what a customer is found by."""
        address = self.random.choice(["user_@example.com", "user1@example.com", "a%b@example.com", "x@y"])
        return fold(f"C{self.number} {self.word()} {address} {self.word()}")

    def user(self, customer: models.Customer, roles: Sequence[models.Role], *, enabled: bool = True) -> models.User:
        """Make a user and what that user holds."""
        self.number += 1
        address = f"user{self.number}@{self.random.choice(['example.com', 'xn--bcher-kva.example'])}"
        account = self.add(
            models.Account(
                id=self.id("acc"), channel_id=customer.channel_id, email_address=address,
                canonical_email_address=address, confirmed_at=self.random.choice([None, *TIMES]),
                pending_email_address=self.random.choice([None, None, f"new.{address}"]), created_at=TIMES[0],
            )
        )  # fmt: skip
        user = self.add(
            models.User(
                id=self.id("usr"), channel_id=customer.channel_id, customer_id=customer.id, account_id=account.id,
                first_name=self.maybe(30), last_name=self.maybe(30),
                locale="fr_CH", time_zone="Europe/Zurich", enabled=enabled,
                created_at=self.random.choice(TIMES[:4]), last_authenticated_at=self.random.choice([None, *TIMES]),
            )
        )  # fmt: skip
        self.accounts[user.id] = account
        for role in roles:
            self.add(models.UserRole(user_id=user.id, role_id=role.id))
        return user

    def session(self, user: models.User, channel: models.Channel, lasts: timedelta) -> None:
        """Sign *user* in."""
        token = base64.urlsafe_b64encode(self.random.randbytes(32)).decode().rstrip("=")
        self.add(
            models.Session(
                id=self.id("ses"), channel_id=channel.id, account_id=user.account_id, user_id=user.id,
                token_sha256=hashlib.sha256(token.encode()).digest(), created_at=self.random.choice(TIMES[:3]),
                last_used_at=self.random.choice(TIMES), expires_at=NOW + lasts, user_agent=self.maybe(200),
                ip_address=self.random.choice([None, "192.0.2.1", "2001:db8::1"]),
            )
        )  # fmt: skip
        self.data.tokens.append((channel.code, token))

    def admin(self, scopes: Sequence[AdminScope], channels: Sequence[models.Channel], *, enabled: bool = True) -> None:
        """Make an admin with a session, and an API key of the same scopes; for some of which it is too late."""
        self.number += 1
        held = [scope.value for scope in scopes]
        address = f"admin{self.number}@paloma.example"
        admin = self.add(
            models.Admin(
                id=self.id("adm"), username=address, canonical_username=address, scopes=held, enabled=enabled,
                password_hash="never shown", created_at=NOW,
            )
        )  # fmt: skip
        digest = hashlib.sha256(f"api_{self.number}".encode()).digest()
        key = self.add(
            models.ApiKey(
                id=self.id("key"), name=self.word()[:100], scopes=held, key_sha256=digest, created_at=NOW,
                revoked_at=None if enabled else NOW,
            )
        )  # fmt: skip
        for channel in channels:
            self.add(models.AdminChannel(admin_id=admin.id, channel_id=channel.id))
            self.add(models.ApiKeyChannel(api_key_id=key.id, channel_id=channel.id))
        lasting = (timedelta(days=14), timedelta(microseconds=1), timedelta(0))
        tokens = [f"ads_{self.number} {lasts}" for lasts in lasting]
        for token, lasts in zip(tokens, lasting, strict=True):
            self.add(
                models.AdminSession(
                    id=self.id("ase"), admin_id=admin.id, token_sha256=hashlib.sha256(token.encode()).digest(),
                    created_at=self.random.choice(TIMES[:3]), last_used_at=self.random.choice(TIMES),
                    expires_at=NOW + lasts, user_agent=self.maybe(200), ip_address=None,
                )
            )  # fmt: skip
        self.data.tokens += [(code, token) for code in ("shop", "trade") for token in (*tokens, f"api_{self.number}")]

    def addresses(self, customer: models.Customer, count: int) -> None:
        """Fill the address book; some types have a default, some have none."""
        defaults = {type_ for type_ in AddressType if self.random.random() < 0.7}
        for _ in range(count):
            type_ = self.random.choice(list(AddressType))
            self.add(
                models.Address(
                    id=self.id("adr"), customer_id=customer.id, type=type_, is_default=type_ in defaults,
                    title=self.maybe(10), title_code=self.maybe(10), first_name=self.maybe(30),
                    last_name=self.maybe(30), company=self.maybe(50), street=self.word(50)[:50],
                    zip_code=self.maybe(10),
                    city=self.word(30)[:30], region=self.maybe(30), country=self.random.choice(["CH", "DE"]),
                    phone_number=self.maybe(30), email_address=self.maybe(200), remarks=self.maybe(200),
                    created_at=self.random.choice(TIMES[:5]), updated_at=self.random.choice(TIMES),
                )
            )  # fmt: skip
            defaults.discard(type_)

    def payment_instruments(self, customer: models.Customer, count: int) -> None:
        """Store cards: expired ones, one that expires today, some without a date."""
        for _ in range(count):
            days = self.random.choice([None, -400, -1, 0, 1, 400])
            self.add(
                models.PaymentInstrument(
                    id=self.id("pay"), customer_id=customer.id, type=self.word(40)[:40],
                    masked_card_number=self.maybe(30), expiration_month=self.random.choice([None, "12", "01"]),
                    expiration_year=self.random.choice([None, "24", "2026"]),
                    expires_on=None if days is None else NOW.date() + timedelta(days=days),
                    provider_reference="never shown",
                )
            )  # fmt: skip

    def snapshot(self) -> dict[str, Any] | None:
        """Return the address of an order: whole, in part, empty or none."""
        if self.random.random() < 0.3:
            return None
        names = [name for name in POSTAL_MEMBERS if self.random.random() < 0.8]
        return {name: self.maybe() for name in names} if self.random.random() < 0.9 else {}

    def money(self, currency: str) -> Any:
        """Return one of few amounts."""
        return amount(self.random.choice(AMOUNTS), currency)

    def price(self, currency: str) -> Any:
        """Return one of few prices, some with more decimals than their currency has."""
        return self.random.choice([self.money(currency), Decimal("0.0123"), Decimal("199.5"), Decimal("-1.125")])

    def order(self, customer: models.Customer, users: Sequence[models.User]) -> None:
        """Make an order with its lines."""
        self.number += 1
        currency = self.random.choice(list(DIGITS))
        prefix = self.random.choice(["SO-", "so-", "10%:", "a:b_", "\\", "Ö", "😀"])
        order_id = self.id("ord")
        lines = self.lines(order_id, currency)
        found = " ".join([f"{prefix}{self.number}", *(line.name for line in lines), *(line.sku for line in lines)])
        self.add(
            models.Order(
                id=order_id, channel_id=customer.channel_id, customer_id=customer.id,
                user_id=self.random.choice([None, *(user.id for user in users)]),
                order_number=f"{prefix}{self.number}", order_date=self.random.choice(TIMES), locale="de_CH",
                status=self.random.choice(list(OrderStatus)), currency=currency,
                tax_included=self.random.random() < 0.5, total=self.money(currency), billing_address=self.snapshot(),
                shipping_address=self.snapshot(), payment_method=self.maybe(100), shipping_method=self.maybe(100),
                custom_data=self.random.choice(JSON), search_text=fold(found), updated_at=self.random.choice(TIMES),
            )
        )  # fmt: skip

    def lines(self, order_id: str, currency: str) -> list[models.OrderItem]:
        """Make the lines of an order, seldom none, written in any order; return the items."""
        positions = self.random.sample(range(1, 9), self.random.choice([0, 1, 1, 2, 3, 5]))
        items = [
            self.add(
                models.OrderItem(
                    order_id=order_id, position=position, sku=self.random.choice(["SKU-1", "sku_2", self.word(100)]),
                    code=self.maybe(100), name=self.word(200), quantity=self.random.choice(QUANTITIES),
                    unit=self.maybe(40), unit_price=self.price(currency),
                    original_price=self.random.choice([None, self.price(currency)]),
                    line_price=self.money(currency), currency=currency, image_url=self.maybe(),
                )
            )
            for position in positions
        ]  # fmt: skip
        for position in range(self.random.choice([0, 0, 1, 3])):
            kind = self.random.choice([OrderAdjustmentType.SHIPPING, *OrderAdjustmentType])
            self.add(
                models.OrderAdjustment(
                    order_id=order_id, position=position, type=kind, name=self.word(200),
                    price=self.money(currency), currency=currency,
                )
            )  # fmt: skip
        for position in range(self.random.choice([0, 0, 1, 2])):
            self.add(
                models.OrderTax(
                    order_id=order_id, position=position, name=self.word(200), currency=currency,
                    rate=self.random.choice(["7.7", "0", "19.00", "-1"]), amount=self.money(currency),
                )
            )  # fmt: skip
        for position in range(self.random.choice([0, 0, 1, 2])):
            self.add(
                models.OrderShipment(
                    order_id=order_id, position=position, carrier=self.word(100), tracking_number=self.maybe(100),
                    tracking_url=self.maybe(), shipped_at=self.random.choice([None, *TIMES]),
                    delivered_at=self.random.choice([None, *TIMES]),
                )
            )  # fmt: skip
        for position in range(self.random.choice([0, 0, 1, 2])):
            self.add(
                models.OrderDocument(
                    order_id=order_id, position=position, kind=self.random.choice(list(OrderDocumentKind)),
                    title=self.word(200), url=self.word(200), issued_on=self.random.choice([None, *DAYS]),
                )
            )  # fmt: skip
        return sorted(items, key=lambda item: item.position)

    def everything(self) -> Data:
        """Make all rows."""
        shops = {
            code: self.channel(code, kind) for code, kind in (("shop", ChannelKind.B2C), ("trade", ChannelKind.B2B))
        }
        both = [shop, trade] = [channel for channel, _roles in shops.values()]
        for scope in AdminScope:
            self.admin([scope], both)
        self.admin(list(AdminScope)[:4], [shop])
        self.admin([AdminScope.ORDERS_WRITE, AdminScope.SETTINGS], [trade])
        self.admin(list(AdminScope), [])
        self.admin(list(AdminScope), both, enabled=False)
        people: dict[str, list[models.User]] = {code: [] for code in shops}
        customers: list[tuple[str, models.Customer, list[models.User]]] = []
        for code, teams in (("shop", [TEAMS[:1]] * 5), ("trade", [TEAMS, TEAMS[:3], TEAMS[5:8], ()])):
            channel, roles = shops[code]
            for team in teams:
                customer = self.customer(channel)
                users = [self.user(customer, [roles[role] for role in held]) for held in team]
                if team:
                    users.append(self.user(customer, [roles["customer-admin"]], enabled=False))
                customers.append((code, customer, users))
                people[code] += users
                self.sign_in(channel, users)
                other = next(shop.id for shop, _roles in shops.values() if shop is not channel)
                self.data.rows += [
                    token for user in users for token in tokens_of(self.accounts[user.id], other, self.id, self.random)
                ]
        for index, (code, customer, users) in enumerate(customers):
            self.addresses(customer, [9, 0, 1, 4][index % 4])
            self.payment_instruments(customer, [3, 0, 6][index % 3])
            strangers = [self.random.choice(people[code])] if self.random.random() < 0.7 else []
            for _ in range([60, 0, 1, 21, 35, 60, 20, 7, 40][index]):
                # a foreign user on an order, once in a while: its placer may not see it
                self.order(customer, [*users, *users, *strangers])
        return self.data

    def sign_in(self, channel: models.Channel, users: Sequence[models.User]) -> None:
        """Give users sessions: one or several, expired ones, one that ends at this very moment."""
        for user in users:
            self.session(user, channel, timedelta(days=14))
            for lasts in (timedelta(0), timedelta(microseconds=1), timedelta(days=-1), timedelta(days=3)):
                if self.random.random() < 0.4:
                    self.session(user, channel, lasts)


def generate(seed: int) -> Data:
    """Return the data of *seed*."""
    return Maker(seed).everything()


async def write(database: Readable, data: Data) -> None:
    """Write *data* into a migrated, empty database, all at once."""
    async with database.unit_of_work() as session:
        for model in MODELS:
            rows = [row.model_dump() for row in data.rows if isinstance(row, model)]
            if rows:
                await (await session.connection()).execute(insert(model), rows)
