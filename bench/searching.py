"""The home of a schema of two fields: a shop's customers and orders are searched, and nobody is asked who they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
import strawberry
from sqlmodel import select
from strawberry.schema.config import StrawberryConfig

from db import models
from resolvers.caller import viewer
from resolvers.customers import filters as customer_filters
from resolvers.customers.types import Customer
from resolvers.operations.cache import Documents
from resolvers.orders import filters as order_filters
from resolvers.orders.types import Order
from resolvers.planner import Caller, Shortcut, connection, planned
from resolvers.planner.arguments import Inputs
from resolvers.planner.declare import TYPE_OF_MODEL
from resolvers.planner.plans import Planner
from resolvers.schema import GUARD
from resolvers.sdl.scalars import SCALARS
from resolvers.search import searched

if TYPE_CHECKING:
    from db.engine import Database
    from resolvers.planner.compile import Visible
    from resolvers.planner.templates import Statement

_NOW = datetime(2026, 3, 14, tzinfo=UTC)


@planned()
class Query:
    """What can be searched."""

    @connection(Customer, order_by=customer_filters.newest_first)
    def customers(row: object, search: str) -> Shortcut:  # noqa: N805 - the row of the root, which has none
        """All customers of the shop, newest first."""
        of_shop = select(models.Customer).where(models.Customer.channel_id == viewer.channel_id)
        return searched(of_shop, models.Customer, search)

    @connection(Order, order_by=order_filters.newest_first)
    def orders(row: object, search: str) -> Shortcut:  # noqa: N805 - the row of the root, which has none
        """All orders of the shop, newest first."""
        return searched(select(models.Order).where(models.Order.channel_id == viewer.channel_id), models.Order, search)

    customer_page = customers.by_number("All customers of the shop by page number, newest first.")


_SCHEMA = strawberry.Schema(
    query=Query, types=list(TYPE_OF_MODEL.values()), config=StrawberryConfig(scalar_map=SCALARS)
)


@dataclass(frozen=True, slots=True)
class Search:
    """One *statement* that searches: the same for all words."""

    statement: Statement

    @classmethod
    def planned(
        cls, database: Database, document: str, visible: Visible = lambda _model, _row: sa.true(), **variables: object
    ) -> Search:
        """Return what the root field of *document* sends to *database*, given search and other such *variables*."""
        guard = GUARD._replace(visible=visible)
        documents = Documents(_SCHEMA._schema, Planner(database.dialect, guard))  # noqa: SLF001 - Strawberry offers no other way
        read = documents.get(document, None)
        [root] = read.plan(read.coerced({"search": "", **variables})).roots
        return cls(root.statement)

    def bound(self, channel_id: str, search: str, **variables: object) -> list[Any]:
        """Return the parameters."""
        inputs = Inputs(Caller(channel_id=channel_id, now=_NOW), {"search": search, **variables})
        return self.statement.bound(inputs)

    async def found(self, database: Database, channel_id: str, search: str, **variables: object) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON of the field."""
        *_caller, text = await database.read(self.statement.sql, self.bound(channel_id, search, **variables))
        return orjson.loads(str(text))
