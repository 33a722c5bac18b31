"""The home of who asks, and of what there is: two customers of one B2B channel, a third one in another channel."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

import sqlalchemy as sa
from sqlmodel import SQLModel

from db import models
from db.enums import (
    AddressType,
    AdminScope,
    ChannelKind,
    OrderAdjustmentType,
    Permission,
    RegistrationPolicy,
    TokenPurpose,
)
from tests.authorization.planting import NOW, Planting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from db.engine import Database

Found = TypeVar("Found", bound=SQLModel)
P = Permission

ROLES: dict[str, frozenset[Permission]] = {
    "customer-admin": frozenset(P),
    "buyer": frozenset(
        {
            P.CUSTOMER_READ,
            P.ADDRESSES_MANAGE,
            P.ORDERS_READ_OWN,
            P.PAYMENT_INSTRUMENTS_READ,
            P.PAYMENT_INSTRUMENTS_DELETE,
        }
    ),
    "viewer": frozenset({P.CUSTOMER_READ, P.ORDERS_READ}),
    "nothing": frozenset(),
    **{f"all but {permission}": frozenset(P) - {permission} for permission in P},
    "all but orders": frozenset(P) - {P.ORDERS_READ, P.ORDERS_READ_OWN},
}
OPEN: dict[str, Any] = {"registration": RegistrationPolicy.OPEN, "locales": ["de_CH"], "default_locale": "de_CH"}
PASSWORD = "correct horse battery staple"
MODELS: list[type[SQLModel]] = sorted(
    (cast("type[SQLModel]", mapper.class_) for mapper in SQLModel._sa_registry.mappers),  # noqa: SLF001 - no other list
    key=lambda model: SQLModel.metadata.sorted_tables.index(cast("sa.Table", sa.inspect(model).local_table)),
)
"""The class of each table, those first that others refer to."""


@dataclass(frozen=True, eq=False)
class Asker:
    """Who asks: *token*, or API key, at the endpoint of *channel*. *user* or *staff* is who that makes; or nobody."""

    name: str
    population: Population = field(repr=False)
    channel: models.Channel
    token: str | None
    user: models.User | None
    permissions: frozenset[Permission]
    staff: models.Admin | models.ApiKey | None = None

    @property
    def is_nobody(self) -> bool:
        """Whether nobody is signed in by the token."""
        return self.user is None and self.staff is None

    @property
    def api_key(self) -> str | None:
        """The token, if it is an API key."""
        return self.token if self.token and self.token.startswith("api_") else None

    @property
    def bearer(self) -> str | None:
        """The token, unless it is an API key."""
        return None if self.api_key else self.token


@dataclass
class Population:
    """All rows and everybody who asks."""

    planting: Planting
    askers: list[Asker] = field(default_factory=list)
    users: dict[str, models.User] = field(default_factory=dict)
    accounts: dict[str, models.Account] = field(default_factory=dict)
    """By the ids of their users."""
    by_id: dict[str, SQLModel] = field(default_factory=dict)
    customers: dict[str, models.Customer] = field(default_factory=dict)
    mailed: dict[str, models.MailedToken] = field(default_factory=dict)
    """By the token as it was mailed, which begins with the owner."""

    def of(self, model: type[Found]) -> list[Found]:
        """Return the rows of *model*."""
        return cast("list[Found]", self.planting.rows_of[model])

    def owned(self, owner: str, model: type[Found]) -> list[Found]:
        """Return the rows of *model* that the customer *owner* has, directly or through a user."""
        customer = self.customers[owner]
        users = {user.id for user in self.of(models.User) if user.customer_id == customer.id}
        accounts = {self.accounts[user].id for user in users if user in self.accounts}
        return [
            row
            for row in self.of(model)
            if row is customer
            or getattr(row, "id", None) in accounts
            or getattr(row, "customer_id", None) == customer.id
            or (not hasattr(row, "customer_id") and getattr(row, "user_id", None) in users)
            or getattr(row, "id", None) == customer.channel_id
            or (isinstance(row, models.Role) and row.channel_id == customer.channel_id)
        ]


def populated(snapshot: tuple[str, ...]) -> Population:
    """Return the population; *snapshot* names the fields of an address in an order."""
    population = Population(Planting(snapshot))
    trade, other = (_channel(population, owner, code) for owner, code in (("T", "trade"), ("O", "other")))
    _customer(population, "A", trade, ROLES)
    _customer(population, "B", trade, ["customer-admin", "buyer"])
    _customer(population, "C", other, ["customer-admin", "buyer"])
    _strangers(population, trade, other)
    _staff(population, trade, other)
    _tables_nobody_told_of(population)
    population.by_id = {row.id: row for row in population.planting.rows if isinstance(row, models.Entity)}
    return population


def _channel(population: Population, owner: str, code: str) -> models.Channel:
    plant = population.planting.plant
    channel = plant(
        models.Channel,
        owner,
        code=code,
        kind=ChannelKind.B2B,
        last_customer_number=10_000,
        password_min_length=8,
        **OPEN,
    )
    for permissions in ROLES.values():
        role = plant(models.Role, owner, channel_id=channel.id)
        for permission in permissions:
            plant(models.RolePermission, owner, role_id=role.id, permission=permission)
    plant(models.MailAllowance, owner, channel_id=channel.id)
    return channel


def _customer(population: Population, owner: str, channel: models.Channel, roles: Iterable[str]) -> None:
    customer = population.planting.plant(models.Customer, owner, channel_id=channel.id)
    population.customers[owner] = customer
    made = dict(zip(ROLES, (role for role in population.of(models.Role) if role.channel_id == channel.id), strict=True))
    for name in roles:
        user = _user(population, owner, name, customer)
        population.planting.plant(models.UserRole, owner, user_id=user.id, role_id=made[name].id)
        _session(population, f"{owner} {name}", user, ROLES[name])
    _belongings(population, owner, customer)
    user = population.users[f"{owner} customer-admin"]
    _mailed_token(population, f"{owner} token, good", user)
    _mailed_token(population, f"{owner} token, for something else", user, purpose=TokenPurpose.EMAIL_CONFIRMATION)
    _mailed_token(
        population,
        f"{owner} token, mailed elsewhere",
        user,
        email_address=f"former.{population.accounts[user.id].email_address}",
    )
    _mailed_token(population, f"{owner} token, spent", user, spent_at=NOW)
    _mailed_token(population, f"{owner} token, too old", user, expires_at=NOW)


def _mailed_token(population: Population, token: str, user: models.User, **fault: Any) -> None:
    """Mail *user* a token that is good but for its *fault*."""
    account = population.accounts[user.id]
    good = {
        "channel_id": user.channel_id, "subject_id": account.id, "purpose": TokenPurpose.PASSWORD_RESET,
        "email_address": account.email_address, "expires_at": NOW + timedelta(minutes=1), "spent_at": None,
        "token_sha256": hashlib.sha256(token.encode()).digest(),
    }  # fmt: skip
    population.mailed[token] = population.planting.plant(models.MailedToken, token[0], **(good | fault))


def _user(population: Population, owner: str, name: str, customer: models.Customer, **given: Any) -> models.User:
    address = f"{owner}.{name}@{owner}.example".replace(" ", "-").lower()
    account = population.planting.plant(
        models.Account, owner, channel_id=customer.channel_id, canonical_email_address=address,
        password_hash=f"1:{PASSWORD}",
    )  # fmt: skip
    user = population.planting.plant(
        models.User, owner, channel_id=customer.channel_id, customer_id=customer.id, account_id=account.id, **given
    )
    population.accounts[user.id] = account
    population.users[f"{owner} {name}"] = user
    return user


def _session(
    population: Population,
    name: str,
    user: models.User,
    permissions: frozenset[Permission] | None = None,
    **given: Any,
) -> str:
    """Sign *user* in; without *permissions* the session makes nobody of who uses it."""
    token, owner = f"token of {name}", name[0]
    values = {"channel_id": user.channel_id, "expires_at": NOW + timedelta(days=population.planting.next())} | given
    digest = hashlib.sha256(token.encode()).digest()
    population.planting.plant(
        models.Session, owner, account_id=user.account_id, user_id=user.id, token_sha256=digest, **values
    )
    channel = next(channel for channel in population.of(models.Channel) if channel.id == user.channel_id)
    held = permissions or frozenset()
    population.askers.append(Asker(name, population, channel, token, None if permissions is None else user, held))
    return token


def _belongings(population: Population, owner: str, customer: models.Customer) -> None:
    plant = population.planting.plant
    # All planted: three types of address in turn, each the default of its type.
    for type_ in AddressType:
        plant(models.Address, owner, customer_id=customer.id, type=type_)
    for _ in range(2):
        plant(models.PaymentInstrument, owner, customer_id=customer.id)
    placed_by = [population.users[f"{owner} customer-admin"].id, population.users[f"{owner} buyer"].id, None]
    # Placed by somebody who has left for another customer: that does not entitle to it.
    elsewhere = [population.users["A buyer"].id] if owner == "B" else []
    for user_id in (*placed_by, *elsewhere):
        order = plant(models.Order, owner, channel_id=customer.channel_id, customer_id=customer.id, user_id=user_id)
        for position, kind in enumerate((OrderAdjustmentType.SHIPPING, OrderAdjustmentType.DISCOUNT)):
            plant(models.OrderItem, owner, order_id=order.id, position=position)
            plant(models.OrderAdjustment, owner, order_id=order.id, position=position, type=kind)
            for part in (models.OrderTax, models.OrderShipment, models.OrderDocument):
                plant(part, owner, order_id=order.id, position=position)


def _strangers(population: Population, trade: models.Channel, other: models.Channel) -> None:
    """Add users without a role, disabled ones, sessions that ended, tokens at the wrong endpoint, and nobody."""
    customer, admin = population.customers["A"], population.users["A customer-admin"]
    _session(population, "A without a role", _user(population, "A", "without a role", customer), frozenset())
    disabled = _user(population, "A", "disabled", customer, enabled=False)
    role = next(held.role_id for held in population.of(models.UserRole) if held.user_id == admin.id)
    population.planting.plant(models.UserRole, "A", user_id=disabled.id, role_id=role)
    _session(population, "A disabled", disabled)
    _mailed_token(population, "A token, of who is disabled", disabled)
    _session(population, "A admin, session ended", admin, expires_at=NOW - timedelta(days=1))
    _session(population, "A admin, session ends now", admin, expires_at=NOW)
    stranger = Asker("unknown token", population, trade, "no such token", None, frozenset())
    population.askers += [
        stranger,
        Asker("anonymous", population, trade, None, None, frozenset()),
        Asker("anonymous elsewhere", population, other, None, None, frozenset()),
        Asker("A customer-admin elsewhere", population, other, "token of A customer-admin", None, frozenset()),
        Asker("C customer-admin elsewhere", population, trade, "token of C customer-admin", None, frozenset()),
    ]


def _staff(population: Population, trade: models.Channel, other: models.Channel) -> None:
    """Add admins and API keys: of all scopes, of each, of both channels, of the wrong one, and former ones."""
    everything = list(AdminScope)[:-1]
    _admin(population, "T admin of everything", everything, [trade])
    for scope in everything:
        _admin(population, f"T admin of {scope}", [scope], [trade])
        _api_key(population, f"T key of {scope}", [scope], [trade])
    _admin(population, "T admin of both", [AdminScope.ORDERS_READ], [trade, other])
    _admin(population, "O admin", everything, [other], at=trade)
    _api_key(population, "O key", everything, [other], at=trade)
    _admin(population, "T admin, disabled", everything, [trade], enabled=False)
    _admin(population, "T admin, session ends now", everything, [trade], expires_at=NOW)
    _api_key(population, "T key, revoked", everything, [trade], revoked_at=NOW)
    _api_key(population, "T key that forwards", [AdminScope.CLIENT_FORWARDING], [trade], prefix="fwd_")


def _admin(  # noqa: PLR0913 - an admin is all of this
    population: Population,
    name: str,
    scopes: list[AdminScope],
    channels: list[models.Channel],
    *,
    at: models.Channel | None = None,
    enabled: bool = True,
    expires_at: datetime = NOW + timedelta(days=1),
) -> None:
    plant, owner, token = population.planting.plant, name[0], f"ads_{name}"
    admin = plant(models.Admin, owner, scopes=[scope.value for scope in scopes], enabled=enabled)
    for channel in channels:
        plant(models.AdminChannel, owner, admin_id=admin.id, channel_id=channel.id)
    digest = hashlib.sha256(token.encode()).digest()
    plant(models.AdminSession, owner, admin_id=admin.id, token_sha256=digest, expires_at=expires_at)
    is_in = at is None and enabled and expires_at > NOW
    for channel in [at] if at else channels:
        staff = admin if is_in else None
        population.askers.append(
            Asker(f"{name} at {channel.code}", population, channel, token, None, frozenset(), staff)
        )


def _api_key(  # noqa: PLR0913 - a key is all of this
    population: Population,
    name: str,
    scopes: list[AdminScope],
    channels: list[models.Channel],
    *,
    at: models.Channel | None = None,
    prefix: str = "api_",
    revoked_at: datetime | None = None,
) -> None:
    plant, owner, text = population.planting.plant, name[0], f"{prefix}{name}"
    digest = hashlib.sha256(text.encode()).digest()
    key = plant(
        models.ApiKey, owner, scopes=[scope.value for scope in scopes], key_sha256=digest, revoked_at=revoked_at
    )
    for channel in channels:
        plant(models.ApiKeyChannel, owner, api_key_id=key.id, channel_id=channel.id)
    staff = key if at is None and revoked_at is None and prefix == "api_" else None
    population.askers.append(Asker(name, population, at or channels[0], text, None, frozenset(), staff))


def _tables_nobody_told_of(population: Population) -> None:
    """Plant rows for each customer in the tables that nothing above has planted, so that new ones are not missed."""
    for model in MODELS:
        if population.of(model):
            continue
        for owner in population.customers:
            for _ in range(2):
                population.planting.plant(model, owner, **_references(population, owner, model))


def _references(population: Population, owner: str, model: type[SQLModel]) -> dict[str, str]:
    found = {}
    for column in sa.inspect(model).local_table.columns:
        for key in column.foreign_keys:
            referred = next(one for one in MODELS if sa.inspect(one).local_table is key.column.table)
            found[column.key] = population.owned(owner, referred)[0].id  # type: ignore[attr-defined]  # a Row
    return found


async def write(database: Database, rows: list[SQLModel]) -> None:
    """Write *rows* into a migrated, empty database."""
    async with database.unit_of_work() as session:
        for model in MODELS:
            values = [row.model_dump() for row in rows if type(row) is model]
            if values:
                connection = await session.connection()
                await connection.execute(sa.insert(model), values)
