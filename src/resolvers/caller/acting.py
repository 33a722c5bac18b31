"""The home of whom a mutation is about: the customer, among those that the caller may act for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from db.models import Customer
from resolvers.caller.signed_in import SignedInUser
from resolvers.rules.errors import InvalidInput, NotFound
from resolvers.rules.violations import Violation, ViolationCode

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.caller.signed_in import SignedIn
    from resolvers.context import Context

_CUSTOMER_ID = ("customerId",)


async def lock_customer(session: AsyncSession, context: Context, caller: SignedIn, customer_id: str | None) -> Customer:
    """Return the customer of that id, a user's own if none is named, and keep others from changing it meanwhile.

    Raises `NotFound`, or `InvalidInput` where an admin or an API key names none.
    """
    wanted = customer_id or (caller.customer_id if isinstance(caller, SignedInUser) else None)
    if wanted is None:
        raise InvalidInput([Violation(_CUSTOMER_ID, ViolationCode.REQUIRED)])
    return await lock_customer_where(session, context, caller, col(Customer.id) == wanted, _CUSTOMER_ID)


async def lock_customer_where(
    session: AsyncSession, context: Context, caller: SignedIn, its: sa.ColumnElement[bool], field: tuple[str, ...]
) -> Customer:
    """Return the customer that *its* tells, if the caller may act for it, and keep others from changing it meanwhile.

    Raises `NotFound` about *field* otherwise: a customer of somebody else is like one that never was.
    """
    found = select(Customer).where(its, Customer.channel_id == context.channel_id)
    if isinstance(caller, SignedInUser):
        found = found.where(Customer.id == caller.customer_id)
    customer = (await session.exec(found.with_for_update())).first()
    if customer is None:
        raise NotFound(field)
    return customer
