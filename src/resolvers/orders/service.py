"""The home of what operations on orders do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from db.models import Channel
from resolvers.importing.intake import take_all
from resolvers.importing.orders import Orders
from resolvers.rules.errors import InvalidInput
from resolvers.rules.violations import Violation, ViolationCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resolvers.context import Context

MOST_ORDERS: Final = 100
"""That are recorded at once."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of recording orders: their ids, in the order that they were sent in."""

    ids: Sequence[str]
    replaced: int

    @property
    def created(self) -> int:
        """How many were new."""
        return len(self.ids) - self.replaced

    def ids_as_json(self) -> str:
        """Return the ids as a JSON array."""
        return orjson.dumps(self.ids).decode()


async def record_orders(context: Context, orders: Sequence[Mapping[str, object]]) -> Recorded:
    """Record *orders*, in the shape of `OrderInput`: all of them or none. Raises `InvalidInput`.

    One whose number is there takes the place of what is recorded, and keeps its id.
    """
    if len(orders) > MOST_ORDERS:
        raise InvalidInput([Violation(("orders",), ViolationCode.TOO_MANY, MOST_ORDERS)])
    async with context.unit_of_work() as session:
        channel = await session.get_one(Channel, context.channel_id)
        intake = Orders(channel, context.clock, replaces=True)
        found, records = await take_all(session, intake, orders, within=("orders",))
    return Recorded([record.order["id"] for record in records], len(found.recorded))
