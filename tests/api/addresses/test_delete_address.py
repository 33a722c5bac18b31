from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from db import models
from tests.api.addresses.booking import a_customer, added, ask, book
from tests.api.services import rows

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio


async def test_the_oldest_that_is_left_takes_the_place_of_a_default(database: Database) -> None:
    hans = await a_customer(database)
    first, second, third = await added(hans), await added(hans), await added(hans)

    outcome = await ask(hans, "deleteAddress", {"addressId": first})

    assert outcome["__typename"] == "DeleteAddressSuccess"
    assert outcome["addressId"] == first
    assert [each["id"] for each in outcome["customer"]["addresses"]] == [second, third]
    assert await book(hans) == [(second, "BILLING", True), (third, "BILLING", False)]


async def test_who_deletes_at_once_deletes_once(database: Database) -> None:
    hans = await a_customer(database)
    ids = [await added(hans) for _ in range(3)]

    outcomes = await asyncio.gather(*(ask(hans, "deleteAddress", {"addressId": id_}) for id_ in ids * 3))

    assert sorted(outcome["__typename"] for outcome in outcomes) == ["DeleteAddressSuccess"] * 3 + ["NotFoundError"] * 6
    assert await book(hans) == []


async def test_a_customer_is_not_found_any_more_by_what_is_gone(database: Database) -> None:
    hans = await a_customer(database)
    address_id = await added(hans, emailAddress="lieferung@muster.ch")

    await ask(hans, "deleteAddress", {"addressId": address_id})

    [customer] = await rows(database, models.Customer)
    assert "muster.ch" not in customer.search_text
