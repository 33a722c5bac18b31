"""The home of the schema: all areas put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry
from strawberry.schema.config import StrawberryConfig

from resolvers.addresses.mutations import AddressMutations
from resolvers.admins.mutations import AdminMutations
from resolvers.caller import viewer
from resolvers.caller.signed_in import caller_id
from resolvers.caller.visibility import visible
from resolvers.customers.mutations import CustomerMutations
from resolvers.email_addresses.mutations import EmailAddressMutations
from resolvers.operations.limits import LIMITS, DocumentLimits
from resolvers.operations.operation import Operations
from resolvers.operations.spending import Spending
from resolvers.orders.mutations import OrderMutations
from resolvers.outcomes import exception_handlers
from resolvers.passwords.mutations import PasswordMutations
from resolvers.payment_instruments.mutations import PaymentInstrumentMutations
from resolvers.planner.declare import TYPE_OF_MODEL
from resolvers.planner.guard import Guard
from resolvers.planner.plans import Planner
from resolvers.queries import Query
from resolvers.sdl.scalars import SCALARS
from resolvers.sessions.mutations import SessionMutations, SignInMutations
from resolvers.users.mutations import UserMutations

if TYPE_CHECKING:
    from db.engine import Database


@strawberry.type(description="Everything that can be done. Each mutation answers a union: its success, or why not.")
class Mutation(
    CustomerMutations,
    SignInMutations,
    AdminMutations,
    EmailAddressMutations,
    PasswordMutations,
    SessionMutations,
    UserMutations,
    AddressMutations,
    PaymentInstrumentMutations,
    OrderMutations,
):
    """Everything that can be done."""


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=list(dict.fromkeys(TYPE_OF_MODEL.values())),
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    exception_handlers=exception_handlers,
)


GUARD = Guard(viewer.ASKS, viewer.TABLES, visible, viewer.has)


def operations_on(database: Database, limits: DocumentLimits = LIMITS, spending: Spending | None = None) -> Operations:
    """Return what answers operations within *limits* on *database*, and computes as much as *spending* lets."""
    return Operations(schema, database, Planner(database.dialect, GUARD), caller_id, limits, spending)
