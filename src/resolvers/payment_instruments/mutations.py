"""The home of the mutations of payment instruments: decode, call, wrap."""

from __future__ import annotations

from typing import Annotated

import strawberry
from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from db import models
from db.enums import AdminScope, Permission
from resolvers.caller.opening import shared_mutation, staff_mutation
from resolvers.caller.signed_in import SignedIn
from resolvers.context import Context
from resolvers.outcomes import InvalidInputError, NotFoundError
from resolvers.payment_instruments import service
from resolvers.payment_instruments.types import PaymentInstrument
from resolvers.planner import one, planned
from resolvers.sdl.descriptions import api_input
from resolvers.sdl.inputs import sent
from resolvers.sdl.secret import secret
from resolvers.successes import AboutCustomer


@api_input
class StorePaymentInstrumentInput:
    """A means of payment, and whose it is."""

    customer_id: strawberry.ID | None = None
    """Whose it is; either this or customerNumber."""
    customer_number: str | None = None
    """The number of the customer whose it is."""
    type: str
    """The brand, such as VISA; at most {PAYMENT_TYPE} characters."""
    masked_card_number: str
    """The number with its middle hidden, 513659xxxxxx5354. A whole number is NOT_ALLOWED: it never gets in."""
    expiration_month: str
    """Month of expiry as printed, "12"."""
    expiration_year: str
    """Year of expiry as printed, "24" or "2024"."""
    provider_reference: str = secret()
    """By what the payment provider knows it; at most {PROVIDER_REFERENCE} characters. Nobody can read it again."""


@planned()
class StorePaymentInstrumentSuccess(AboutCustomer):
    """The means of payment is stored."""

    payment_instrument_id: strawberry.Private[str]

    @one(PaymentInstrument)
    def payment_instrument(row: StorePaymentInstrumentSuccess) -> SelectOfScalar[models.PaymentInstrument]:
        """The means of payment, as it is now."""
        return select(models.PaymentInstrument).where(models.PaymentInstrument.id == row.payment_instrument_id)


StorePaymentInstrumentResult = Annotated[
    StorePaymentInstrumentSuccess | InvalidInputError | NotFoundError,
    strawberry.union("StorePaymentInstrumentResult", description="What storePaymentInstrument can answer."),
]


@api_input
class DeletePaymentInstrumentInput:
    """Which means of payment goes."""

    payment_instrument_id: strawberry.ID
    """The means of payment."""


@planned()
class DeletePaymentInstrumentSuccess(AboutCustomer):
    """The means of payment is gone."""

    payment_instrument_id: strawberry.ID
    """The means of payment that is gone."""


DeletePaymentInstrumentResult = Annotated[
    DeletePaymentInstrumentSuccess | NotFoundError,
    strawberry.union("DeletePaymentInstrumentResult", description="What deletePaymentInstrument can answer."),
]


@strawberry.type
class PaymentInstrumentMutations:
    """What can be done to payment instruments."""

    @staff_mutation(
        description="Store a means of payment of a customer. For the shop's own systems.",
        scope=AdminScope.PAYMENT_INSTRUMENTS_WRITE,
    )
    async def store_payment_instrument(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[
            StorePaymentInstrumentInput, strawberry.argument(description="A means of payment, and whose it is.")
        ],
        signed_in: SignedIn,
    ) -> StorePaymentInstrumentResult | None:
        """Store a means of payment."""
        stored = await service.store_payment_instrument(info.context, signed_in, sent(input))
        return StorePaymentInstrumentSuccess(
            payment_instrument_id=stored.payment_instrument_id, customer_id=stored.customer_id
        )

    @shared_mutation(
        description="Delete a means of payment.",
        needs=Permission.PAYMENT_INSTRUMENTS_DELETE,
        scope=AdminScope.PAYMENT_INSTRUMENTS_WRITE,
    )
    async def delete_payment_instrument(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[DeletePaymentInstrumentInput, strawberry.argument(description="Which means of payment goes.")],
        signed_in: SignedIn,
    ) -> DeletePaymentInstrumentResult | None:
        """Delete a means of payment."""
        gone = await service.delete_payment_instrument(info.context, signed_in, input.payment_instrument_id)
        return DeletePaymentInstrumentSuccess(
            payment_instrument_id=strawberry.ID(gone.payment_instrument_id), customer_id=gone.customer_id
        )
