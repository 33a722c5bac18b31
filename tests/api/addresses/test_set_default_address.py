from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.api.addresses.booking import a_customer, added, ask, book

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio


async def test_an_address_takes_the_place_of_the_default_of_its_type(database: Database) -> None:
    hans = await a_customer(database)
    first, second, shipping = await added(hans), await added(hans), await added(hans, type="SHIPPING")

    for _ in range(2):
        outcome = await ask(hans, "setDefaultAddress", {"addressId": second})
        assert outcome["address"] == {"id": second, "isDefault": True}

    assert await book(hans) == [(first, "BILLING", False), (second, "BILLING", True), (shipping, "SHIPPING", True)]


async def test_of_all_that_become_the_default_at_once_one_is(database: Database) -> None:
    hans = await a_customer(database)
    ids = [await added(hans) for _ in range(4)]

    outcomes = await asyncio.gather(*(ask(hans, "setDefaultAddress", {"addressId": id_}) for id_ in ids * 2))

    assert {outcome["__typename"] for outcome in outcomes} == {"SetDefaultAddressSuccess"}
    assert sum(is_default for _id, _type, is_default in await book(hans)) == 1
