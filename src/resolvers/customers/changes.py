"""The home of what a shop does about customers: it creates them, and they are changed, by their users as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlmodel import select

from db.enums import ChannelKind
from db.ids import new_id
from db.models import Account, Channel, Customer, User
from resolvers.addresses.findable import make_findable
from resolvers.caller.acting import lock_customer
from resolvers.caller.signed_in import SignedInUser
from resolvers.customers.numbers import next_customer_number
from resolvers.customers.rules import checked_change, checked_new_customer
from resolvers.rules import locales, search_text
from resolvers.rules.email_address import canonical_or_nobodys
from resolvers.rules.errors import EmailAddressTaken, InvalidInput
from resolvers.rules.violations import Violation, ViolationCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.caller.signed_in import SignedIn
    from resolvers.context import Context


_TAKEN: Final = "A user signs in with this e-mail address. Find the customer by customers(filter: {emailAddress:})."


async def update_customer(
    context: Context, caller: SignedIn, typed: Mapping[str, object], customer_id: str | None = None
) -> str:
    """Change what *typed*, in the shape of `UpdateCustomerInput`, names; of a user's customer if none is named.

    Returns the id. Raises `InvalidInput`, or `NotFound` for a customer that the caller does not act for.
    """
    now = context.clock.now()
    async with context.unit_of_work() as session:
        customer = await lock_customer(session, context, caller, customer_id)
        channel = await session.get_one(Channel, customer.channel_id)
        may_sign_in = channel.kind is ChannelKind.B2C and "emailAddress" in typed
        signs_in = may_sign_in and await _has_user(session, customer)
        by_shop = not isinstance(caller, SignedInUser)
        columns = checked_change(typed, now.date(), by_shop=by_shop, signs_in=signs_in)
        if may_sign_in and await _signs_in(session, channel, columns["email_address"]):
            raise InvalidInput([Violation(("emailAddress",), ViolationCode.TAKEN, explanation=_TAKEN)])
        if "locale" in columns:
            columns["locale"] = locales.best_fit(columns["locale"], channel.locales, channel.default_locale)
        if columns:
            customer.sqlmodel_update(columns | {"updated_at": now})
            with session.no_autoflush:  # written once, with what it is found by
                await make_findable(session, customer)
    return customer.id


async def create_customer(context: Context, sent: Mapping[str, object]) -> str:
    """Create a customer without a user, in the shape of `CreateCustomerInput`; return the id.

    Raises `InvalidInput`, or `EmailAddressTaken` where customers are consumers and a user signs in with the address.
    """
    now = context.clock.now()
    columns = checked_new_customer(sent, now)
    async with context.unit_of_work() as session:
        # Whoever gives a number, by hand or by counting, waits here; a session, which refers to the channel, does not.
        channel = await session.get_one(Channel, context.channel_id, with_for_update={"key_share": True})
        if channel.kind is ChannelKind.B2C and await _signs_in(session, channel, columns["email_address"]):
            raise EmailAddressTaken(_TAKEN)
        if columns["customer_number"] is None:
            columns["customer_number"] = await next_customer_number(session, channel.id)
        elif await _is_taken(session, channel, columns["customer_number"]):
            raise InvalidInput([Violation(("customerNumber",), ViolationCode.TAKEN)])
        columns["locale"] = locales.best_fit(columns["locale"], channel.locales, channel.default_locale)
        columns["search_text"] = search_text.of_customer(columns)
        customer = Customer(id=new_id(Customer.letters, now), channel_id=channel.id, **columns)
        session.add(customer)
    return customer.id


async def _has_user(session: AsyncSession, customer: Customer) -> bool:
    return (await session.exec(select(User.id).where(User.customer_id == customer.id))).first() is not None


async def _signs_in(session: AsyncSession, channel: Channel, email_address: str | None) -> bool:
    if email_address is None:
        return False
    canonical = canonical_or_nobodys(email_address)
    its = select(Account.id).where(Account.channel_id == channel.id, Account.canonical_email_address == canonical)
    return (await session.exec(its)).first() is not None


async def _is_taken(session: AsyncSession, channel: Channel, customer_number: str) -> bool:
    its = select(Customer.id).where(Customer.channel_id == channel.id, Customer.customer_number == customer_number)
    return (await session.exec(its)).first() is not None
