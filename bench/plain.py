"""The home of the plain application: the same queries as most would write them with Strawberry and SQLAlchemy.

A session for each load, data loaders for what hangs on rows, resolvers for each field, Strawberry's own view and JSON.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import strawberry
from sqlalchemy import func
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.schema.config import StrawberryConfig

from bench.shop import CHANNEL
from db import models
from db.columns import printed
from db.currencies import digits_of
from db.engine import backend_of
from db.enums import AddressType, OrderStatus, Permission
from resolvers.sdl.scalars import SCALARS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.websockets import WebSocket

T = TypeVar("T", bound=SQLModel)
Info = strawberry.Info["Context", None]

strawberry.enum(AddressType)
strawberry.enum(OrderStatus)


class Context:
    """One request: who calls, and the loaders."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], channel_id: str, token: str) -> None:
        """Load by *sessions*."""
        self.sessions = sessions
        self.channel_id = channel_id
        self.token = token
        self.user: models.User | None = None
        self.permissions: set[Permission] = set()
        self.addresses = self._loader(models.Address, "customer_id", "created_at", "id")
        self.items = self._loader(models.OrderItem, "order_id", "position")
        self.cards = self._loader(models.PaymentInstrument, "customer_id", "id")

    async def sign_in(self) -> None:
        """Find out who calls, and what the caller may do."""
        found = (
            select(models.User)
            .join(models.Session, col(models.Session.user_id) == models.User.id)
            .where(
                models.Session.token_sha256 == sha256(self.token.encode()).digest(),
                models.Session.channel_id == self.channel_id,
                models.Session.expires_at > datetime.now(UTC),
                col(models.User.enabled),
            )
        )
        async with self.sessions() as session:
            self.user = (await session.exec(found)).first()
            if self.user is not None:
                granted = (
                    select(col(models.RolePermission.permission))
                    .join(models.UserRole, col(models.UserRole.role_id) == models.RolePermission.role_id)
                    .where(models.UserRole.user_id == self.user.id)
                )
                self.permissions = set(await session.exec(granted))

    def _loader(self, model: type[T], key: str, *order: str) -> DataLoader[str, list[T]]:
        async def load(keys: list[str]) -> list[list[T]]:
            column: Any = getattr(model, key)
            rows = select(model).where(column.in_(keys)).order_by(*(getattr(model, name) for name in order))
            found: dict[str, list[T]] = defaultdict(list)
            async with self.sessions() as session:
                for row in await session.exec(rows):
                    found[getattr(row, key)].append(row)
            return [found[wanted] for wanted in keys]

        return DataLoader(load_fn=load)


@strawberry.type
class Money:
    """An amount of money."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """Return *amount* with the digits of its currency."""
        return cls(amount=round(amount, digits_of(currency)), currency=currency)


@strawberry.type
class Address:
    """An entry of the address book."""

    id: strawberry.ID
    type: AddressType
    is_default: bool
    first_name: str | None
    last_name: str | None
    company: str | None
    street: str
    zip_code: str | None
    city: str
    country: str

    @classmethod
    def of(cls, row: models.Address) -> Address:
        """Return the address of *row*."""
        return cls(**{name: getattr(row, name) for name in cls.__annotations__})


@strawberry.type
class OrderItem:
    """A line of an order."""

    row: strawberry.Private[models.OrderItem]
    position: int
    sku: str
    name: str
    quantity: float

    @strawberry.field
    def unit_price(self) -> Money:
        return Money.of(self.row.unit_price, self.row.currency)

    @strawberry.field
    def line_price(self) -> Money:
        return Money.of(self.row.line_price, self.row.currency)


@strawberry.type
class Order:
    """What a customer bought."""

    row: strawberry.Private[models.Order]
    id: strawberry.ID
    order_number: str
    order_date: datetime
    status: OrderStatus

    @strawberry.field
    def total(self) -> Money:
        return Money.of(self.row.total, self.row.currency)

    @strawberry.field
    async def items(self, info: Info) -> list[OrderItem]:
        return [
            OrderItem(row=row, position=row.position, sku=row.sku, name=row.name, quantity=float(row.quantity))
            for row in await info.context.items.load(self.row.id)
        ]


@strawberry.type
class PageInfo:
    """Where a page stands."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Orders:
    """A page of orders."""

    condition: strawberry.Private[Any]
    page_info: PageInfo
    nodes: list[Order]

    @strawberry.field
    async def total_count(self, info: Info) -> int:
        async with info.context.sessions() as session:
            return (await session.exec(select(func.count()).select_from(models.Order).where(self.condition))).one()


@strawberry.type
class PaymentInstrument:
    """A stored means of payment."""

    row: strawberry.Private[models.PaymentInstrument]
    id: strawberry.ID
    type: str
    masked_card_number: str | None
    expiration_month: str | None
    expiration_year: str | None

    @strawberry.field
    def expired(self) -> bool:
        return self.row.expires_on is not None and self.row.expires_on < datetime.now(UTC).date()


@strawberry.type
class Customer:
    """Who has the business relationship."""

    id: strawberry.ID
    customer_number: str
    email_address: str | None
    first_name: str | None
    last_name: str | None
    company: str | None
    locale: str

    @strawberry.field
    async def addresses(self, info: Info) -> list[Address]:
        return [Address.of(row) for row in await info.context.addresses.load(self.id)]

    @strawberry.field
    async def default_address(self, info: Info, type: AddressType) -> Address | None:  # noqa: A002 - as in the SDL
        rows = await info.context.addresses.load(self.id)
        return next((Address.of(row) for row in rows if row.is_default and row.type == type), None)

    @strawberry.field
    async def orders(self, info: Info, first: int = 20) -> Orders:
        order, context = models.Order, info.context
        condition: Any = order.customer_id == self.id
        if Permission.ORDERS_READ not in context.permissions:
            condition &= order.user_id == (context.user and context.user.id)
        newest = select(order).where(condition).order_by(col(order.order_date).desc(), col(order.id).desc())
        async with context.sessions() as session:
            rows = (await session.exec(newest.limit(first + 1))).all()
        page = rows[:first]
        cursor = f"ORDER_DATE:DESC:{printed(page[-1].order_date)}:{page[-1].id}" if page else None
        return Orders(
            condition=condition,
            page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=cursor),
            nodes=[
                Order(
                    row=row,
                    id=strawberry.ID(row.id),
                    order_number=row.order_number,
                    order_date=row.order_date,
                    status=row.status,
                )
                for row in page
            ],
        )

    @strawberry.field
    async def payment_instruments(self, info: Info) -> list[PaymentInstrument]:
        if Permission.PAYMENT_INSTRUMENTS_READ not in info.context.permissions:
            return []
        names = ("id", "type", "masked_card_number", "expiration_month", "expiration_year")
        rows = await info.context.cards.load(self.id)
        return [PaymentInstrument(row=row, **{name: getattr(row, name) for name in names}) for row in rows]


@strawberry.type
class Query:
    """What can be read."""

    @strawberry.field
    async def customer(self, info: Info) -> Customer | None:
        context = info.context
        await context.sign_in()
        if context.user is None:
            return None
        async with context.sessions() as session:
            row = await session.get_one(models.Customer, context.user.customer_id)
        return Customer(**{name: getattr(row, name) for name in Customer.__annotations__})


SCHEMA = strawberry.Schema(query=Query, config=StrawberryConfig(scalar_map=SCALARS))


class Plain(GraphQL["Context", None]):
    """Strawberry's own view."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], channel_id: str) -> None:
        """Load by *sessions*."""
        super().__init__(SCHEMA, graphql_ide=None)
        self._sessions = sessions
        self._channel_id = channel_id

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:  # noqa: ARG002 - Strawberry's
        """Return what resolvers get."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return Context(self._sessions, self._channel_id, token)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Plain]:
    """Open the plain application on the database at *url*."""
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[backend_of(url)]
    engine = create_async_engine(url.replace(backend_of(url), driver, 1))
    sessions = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
    try:
        async with sessions() as session:
            channel_id = (await session.exec(select(models.Channel.id).where(models.Channel.code == CHANNEL))).one()
        yield Plain(sessions, channel_id)
    finally:
        await engine.dispose()
