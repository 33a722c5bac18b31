"""The home of the mutation of orders: decode, call, wrap."""

from __future__ import annotations

from typing import Annotated

import strawberry
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from db import models
from db.enums import AdminScope
from db.json_text import array_values, place_in
from resolvers.caller.opening import staff_mutation
from resolvers.caller.signed_in import SignedIn
from resolvers.context import Context
from resolvers.orders import service
from resolvers.orders.inputs import RecordOrdersInput
from resolvers.orders.types import Order
from resolvers.outcomes import InvalidInputError
from resolvers.planner import many, planned
from resolvers.sdl.inputs import sent


@planned()
class RecordOrdersSuccess:
    """All orders are recorded."""

    created: int
    """How many were new."""
    replaced: int
    """How many took the place of what was recorded under their numbers."""
    order_ids: strawberry.Private[str]

    @many(Order)
    def orders(row: RecordOrdersSuccess) -> SelectOfScalar[models.Order]:
        """The orders as they are now, in the order that they were sent in."""
        recorded = select(models.Order).where(col(models.Order.id).in_(array_values(row.order_ids)))
        return recorded.order_by(place_in(row.order_ids, col(models.Order.id)))


RecordOrdersResult = Annotated[
    RecordOrdersSuccess | InvalidInputError,
    strawberry.union("RecordOrdersResult", description="What recordOrders can answer."),
]


@strawberry.type
class OrderMutations:
    """What can be done to orders."""

    @staff_mutation(
        description=(
            "Record up to 100 orders, all of them or none. One that was recorded before is replaced, and keeps its id."
        ),
        scope=AdminScope.ORDERS_WRITE,
    )
    async def record_orders(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[RecordOrdersInput, strawberry.argument(description="Orders to record.")],
        signed_in: SignedIn,  # noqa: ARG002 - the scope is all that is asked
    ) -> RecordOrdersResult | None:
        """Record orders."""
        recorded = await service.record_orders(info.context, sent(input)["orders"])
        return RecordOrdersSuccess(
            created=recorded.created, replaced=recorded.replaced, order_ids=recorded.ids_as_json()
        )
