"""A gateway that is killed while it records orders leaves all of them or none, and who tries again has each once."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from db.enums import AdminScope
from gateway.adapters.clock import SystemClock
from resolvers.admins.service import create_api_key
from tests.api.orders.crashing import stored
from tests.gateway.processes import environment
from tests.importing.making import SHOP, imported, item, make_shop, order, within, written

if TYPE_CHECKING:
    from pathlib import Path

    from db.engine import Database

RECORD = """mutation Record($input: RecordOrdersInput!) {
  recordOrders(input: $input) { __typename ... on RecordOrdersSuccess { created replaced orders { id itemCount } } }
}"""


def an_api_key(url: str) -> str:
    async def make(database: Database) -> str:
        async with database.unit_of_work() as session:
            made = await create_api_key(
                session, "ERP", scopes=[AdminScope.ORDERS_WRITE], channels=[SHOP], now=SystemClock().now()
            )
        return made.text

    return within(url, make)


def sent(number: int, **values: Any) -> dict[str, Any]:
    made = order(number, customerNumber="C00000", username=None, **values)
    return {name: value for name, value in made.items() if value is not None}


@pytest.mark.either_database
@pytest.mark.parametrize("key", [(), ("5f0c1f0e-8d0f-4c55-9e3b-3a5a5a6f7a10",)], ids=["no key", "a key"])
def test_killed_at_any_step_and_tried_again_there_is_one_order(
    database_url: str, tmp_path: Path, key: tuple[str, ...]
) -> None:
    make_shop(database_url, customers=1)
    imported(database_url, "orders", written(tmp_path / "before.jsonl", [sent(1)]))
    before = stored(database_url)
    orders = [sent(1, items=[item(), item(sku="20-1")], total="106.60", status="DELIVERED"), sent(2)]
    request = tmp_path / "request.json"
    request.write_text(json.dumps({"query": RECORD, "variables": {"input": {"orders": orders}}}), "utf-8")

    told = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "tests.api.orders.crashing", database_url, an_api_key(database_url), str(request), *key],
        env=environment(database_url=database_url),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr

    states = [json.loads(line) for line in told.stdout.splitlines()]
    after = states[-1]
    assert len(states) > 5, told.stderr
    assert {*after} == {"N0000001", "N0000002"}
    assert after["N0000001"][0] == before["N0000001"][0]
    assert [number for number, found in after.items() if found[2] < 3] == []
    assert [state for state in states if state not in (before, after)] == []
    assert states[0] == before
    assert after == asyncio.run(asyncio.to_thread(stored, database_url))
