from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from db import models
from db.enums import AdminScope, ChannelKind
from tests.api.payment_instruments.test_store_payment_instrument import CARD
from tests.api.services import a_user, rows
from tests.api.signing_in import HANS, a_shop
from tests.api.staff import as_back_end
from tests.api.team import a_colleague

if TYPE_CHECKING:
    from db.engine import Database
    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio


async def stored(shop: Shop, customer_id: str) -> str:
    psp = await as_back_end(shop, AdminScope.PAYMENT_INSTRUMENTS_WRITE)
    outcome = await psp.do("storePaymentInstrument", **CARD, customer_id=customer_id)
    found: str = outcome["paymentInstrument"]["id"]
    return found


async def test_users_delete_those_of_their_customer_and_no_others(database: Database) -> None:
    shop = await a_shop(database)
    created, stranger = await a_user(shop.context, HANS), await a_user(shop.context, "stranger@elsewhere.com")
    own, foreign = await stored(shop, created.customer_id), await stored(shop, stranger.customer_id)
    hans = await shop.sign_in()

    refused = await hans.do("deletePaymentInstrument", payment_instrument_id=foreign)
    gone = await hans.do("deletePaymentInstrument", payment_instrument_id=own)
    again = await hans.do("deletePaymentInstrument", payment_instrument_id=own)

    assert (gone["paymentInstrumentId"], gone["customer"]["id"]) == (own, created.customer_id)
    assert refused == again
    assert (refused["__typename"], refused["field"]) == ("NotFoundError", ["paymentInstrumentId"])
    assert [row.id for row in await rows(database, models.PaymentInstrument)] == [foreign]


@pytest.mark.either_database
async def test_who_may_not_is_told_and_systems_may(database: Database) -> None:
    shop = await a_shop(database, kind=ChannelKind.B2B)
    created = await a_user(shop.context, HANS)
    await a_colleague(shop.context, created, "anna@corp.com", "viewer")
    card, anna = await stored(shop, created.customer_id), await shop.sign_in("anna@corp.com")
    psp = await as_back_end(shop, AdminScope.PAYMENT_INSTRUMENTS_WRITE)

    assert await anna.do("deletePaymentInstrument", payment_instrument_id=card) == "FORBIDDEN"
    assert await psp.outcome("deletePaymentInstrument", payment_instrument_id=card) == "DeletePaymentInstrumentSuccess"


async def test_of_many_who_delete_one_at_once_one_has_done_it(database: Database) -> None:
    shop = await a_shop(database)
    created = await a_user(shop.context, HANS)
    hans = await shop.sign_in()
    for _ in range(3):
        card = await stored(shop, created.customer_id)
        outcomes = await asyncio.gather(
            *(hans.outcome("deletePaymentInstrument", payment_instrument_id=card) for _ in range(5))
        )
        assert sorted(outcomes) == ["DeletePaymentInstrumentSuccess", *["NotFoundError"] * 4]
