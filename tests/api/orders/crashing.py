"""The home of recordings that crash: a process whose children serve one request each, and end themselves by SIGKILL.

Started as ``python -m tests.api.orders.crashing URL API_KEY REQUEST [IDEMPOTENCY_KEY]``: it sends the request again and
again, each time killed a step later, until nobody is killed; and prints after each what is stored, as a line of JSON.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx2
import orjson
from pydantic import SecretStr

from db import models
from gateway.app import create_app
from gateway.operator.settings import Settings
from tests.importing.killing import KILLED, end_at
from tests.importing.making import rows

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_STEPS: Final = 60
PARTS: Final = (models.OrderItem, models.OrderAdjustment, models.OrderTax)


def stored(url: str) -> dict[str, Any]:
    """Return the orders by number: id, total, and how many lines, adjustments and taxes they have."""
    parts = [row["order_id"] for model in PARTS for row in rows(url, model)]
    return {
        row["order_number"]: [row["id"], str(row["total"]), parts.count(row["id"])] for row in rows(url, models.Order)
    }


async def _send(url: str, request: bytes, headers: dict[str, str]) -> None:
    app = create_app(Settings(database_url=url, secret_key=(SecretStr("k" * 32),)))
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://shop.example", headers=headers) as client,
    ):
        response = await client.post("/shop/graphql", content=request)
        assert b"RecordOrdersSuccess" in response.content, response.text


def _in_a_child(work: Callable[[], None]) -> int:
    child = os.fork()
    if not child:
        work()
        sys.stdout.flush()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(url: str, api_key: str, request: str, *idempotency_key: str) -> None:
    """Crash at every step, and try again."""
    content = Path(request).read_bytes()
    headers = {"content-type": "application/json", "x-api-key": api_key}
    headers |= dict(zip(("idempotency-key",), idempotency_key, strict=False))

    def send(step: int) -> None:
        end_at(step)
        asyncio.run(_send(url, content, headers))

    for step in range(1, MOST_STEPS):
        status = _in_a_child(lambda step=step: send(step))  # type: ignore[misc]  # a lambda of its own each time
        assert status in {0, KILLED}, status
        _in_a_child(lambda: print(orjson.dumps(stored(url)).decode()))  # noqa: T201 - for who started it
        if status == 0:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
