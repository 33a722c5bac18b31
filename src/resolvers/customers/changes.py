"""The home of what changes a customer that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.enums import ChannelKind
from db.models import Channel, Customer
from resolvers.addresses.findable import make_findable
from resolvers.customers.rules import checked_change
from resolvers.rules import locales
from resolvers.rules.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.caller.signed_in import SignedInUser
    from resolvers.context import Context


async def update_customer(
    context: Context, caller: SignedInUser, typed: Mapping[str, object], customer_id: str | None = None
) -> str:
    """Change what *typed*, in the shape of `UpdateCustomerInput`, names; of the caller's customer if none is named.

    Returns the id. Raises `InvalidInput`, or `NotFound` for a customer that the caller does not act for.
    """
    if customer_id not in {None, caller.customer_id}:
        raise NotFound(("customerId",))
    now = context.clock.now()
    async with context.database.unit_of_work() as session:
        # Before the channel is asked: who creates a customer locks in this order, too.
        customer = await session.get(Customer, caller.customer_id, with_for_update=True)
        if customer is None:
            raise NotFound(("customerId",))
        channel = await session.get_one(Channel, customer.channel_id)
        signs_in = channel.kind is ChannelKind.B2C
        columns = checked_change(typed, now.date(), by_shop=False, signs_in=signs_in)
        if "locale" in columns:
            columns["locale"] = locales.best_fit(columns["locale"], channel.locales, channel.default_locale)
        if columns:
            customer.sqlmodel_update(columns | {"updated_at": now})
            with session.no_autoflush:  # written once, with what it is found by
                await make_findable(session, customer)
    return customer.id
