"""The home of what operations on payment instruments do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from db.ids import new_id
from db.models import Customer, PaymentInstrument
from resolvers.caller.acting import lock_customer_where
from resolvers.payment_instruments.rules import MOST_INSTRUMENTS, checked_instrument
from resolvers.rules.errors import InvalidInput, NotFound
from resolvers.rules.violations import Violation, ViolationCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.caller.signed_in import SignedIn
    from resolvers.context import Context


class Changed(NamedTuple):
    """What was stored or deleted."""

    payment_instrument_id: str
    customer_id: str


async def store_payment_instrument(context: Context, caller: SignedIn, sent: Mapping[str, object]) -> Changed:
    """Store an instrument in the shape of `StorePaymentInstrumentInput`. Raises `InvalidInput` or `NotFound`."""
    checked = checked_instrument(sent)
    if checked.customer_id is not None:
        its, name = col(Customer.id) == checked.customer_id, "customerId"
    else:
        its, name = col(Customer.customer_number) == checked.customer_number, "customerNumber"
    async with context.unit_of_work() as session:
        customer = await lock_customer_where(session, context, caller, its, (name,))
        stored = sa.select(sa.func.count()).where(col(PaymentInstrument.customer_id) == customer.id)
        if (await session.scalar(stored) or 0) >= MOST_INSTRUMENTS:
            raise InvalidInput([Violation((), ViolationCode.TOO_MANY, MOST_INSTRUMENTS)])
        instrument = PaymentInstrument(
            id=new_id(PaymentInstrument.letters, context.clock.now()), customer_id=customer.id, **checked.columns
        )
        session.add(instrument)
    return Changed(instrument.id, customer.id)


async def delete_payment_instrument(context: Context, caller: SignedIn, payment_instrument_id: str) -> Changed:
    """Delete an instrument of a customer that the caller acts for. Raises `NotFound`."""
    instrument = PaymentInstrument
    its = select(instrument.customer_id).where(instrument.id == payment_instrument_id).scalar_subquery()
    field = ("paymentInstrumentId",)
    async with context.unit_of_work() as session:
        customer = await lock_customer_where(session, context, caller, col(Customer.id) == its, field)
        removal = sa.delete(instrument).where(col(instrument.id) == payment_instrument_id).returning(col(instrument.id))
        # Who waited for the customer's row may have been overtaken.
        if await session.scalar(removal) is None:
            raise NotFound(field)
    return Changed(payment_instrument_id, customer.id)
