"""What would fill the memory is refused before it does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from db import models
from db.engine import open_database
from db.errors import TooLongError
from tests.api.orders.test_record_orders import an_erp, order_of
from tests.api.services import rows

if TYPE_CHECKING:
    from db.engine import Database
    from tests.conftest import FreshDatabase

pytestmark = pytest.mark.anyio

RECORD = """mutation($input: RecordOrdersInput!) {
  recordOrders(input: $input) { ... on RecordOrdersSuccess { created orders { a: customData b: customData } } }
}"""


async def test_sqlite_puts_no_long_text_together(fresh_database: FreshDatabase) -> None:
    with fresh_database("sqlite") as url:
        database = await open_database(url)
        with pytest.raises(TooLongError):
            await database.read("SELECT hex(zeroblob(?))", [20_000_000])
        assert await database.read("SELECT length(hex(zeroblob(?)))", [2_500_000]) == (5_000_000,)
        await database.close()


@pytest.mark.parametrize("letters", [60_000, 64_000])
async def test_a_mutation_that_has_too_much_to_tell_says_that_it_is_done(database: Database, letters: int) -> None:
    """Less than five million characters with a few thousand around them, and more."""
    erp, customer = await an_erp(database)
    sent = [order_of(customer, number, customData="x" * letters) for number in range(40)]

    answer = json.loads(await erp.body(RECORD, {"input": {"orders": sent}}))

    assert len(await rows(database, models.Order)) == 40
    if letters == 60_000:
        assert answer["data"]["recordOrders"]["created"] == 40
        return
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["QUERY_TOO_EXPENSIVE"]
    assert answer["errors"][0]["message"].startswith("It was done, but the answer has more than 5,000,000 characters.")


async def test_a_query_that_is_too_long_for_sqlite_is_refused_as_any_other(database: Database) -> None:
    erp, customer = await an_erp(database)
    sent = [order_of(customer, number, customData="x" * 64_000) for number in range(40)]
    await erp.do("recordOrders", orders=sent)
    aliases = " ".join(f"a{number}: customData" for number in range(12))

    answer = json.loads(await erp.body(f"{{ orders(first: 40) {{ nodes {{ {aliases} }} }} }}"))

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["QUERY_TOO_EXPENSIVE"]
    assert "data" not in answer
