"""Batches: rows, checkpoint and report become true together, whoever else writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.engine import Database, DatabaseUnavailableError
from db.journal import Import
from db.models import Channel, Order
from gateway.adapters.clock import SystemClock
from gateway.importing.batches import Importer
from gateway.importing.checkpoints import Checkpoints, Progress, progress_of
from gateway.importing.entries import Entry, Position
from gateway.importing.job import Kind
from gateway.importing.reports import FiledReport
from gateway.operator.settings import OperatorError
from resolvers.importing.intake import Claim, Found, take_all
from resolvers.importing.orders import Orders
from resolvers.orders.rules import RecordedOrder
from resolvers.rules.errors import InvalidInput
from resolvers.rules.inspection import Inspection
from tests.importing.making import make_shop, order

pytestmark = pytest.mark.anyio


class Overtaken:
    """Takes orders in; finds that somebody else has just written those of some numbers."""

    def __init__(self, orders: Orders, numbers: set[str], times: int) -> None:
        self._orders = orders
        self.numbers = numbers
        self.times = times

    def checked(self, fields: Mapping[str, object], inspection: Inspection) -> RecordedOrder:
        return self._orders.checked(fields, inspection)

    async def look_up(self, session: AsyncSession, records: Sequence[RecordedOrder]) -> Found[RecordedOrder]:
        return OvertakenFound(await self._orders.look_up(session, records), self)


class OvertakenFound:
    def __init__(self, found: Found[RecordedOrder], intake: Overtaken) -> None:
        self._found = found
        self._intake = intake
        self.held, self.known = found.held, found.known

    def refer(self, record: RecordedOrder, inspection: Inspection) -> Sequence[Claim]:
        return self._found.refer(record, inspection)

    async def write(self, session: AsyncSession, records: Sequence[RecordedOrder]) -> None:
        await self._found.write(session, records)
        if self._intake.times and self._intake.numbers & {record.order["order_number"] for record in records}:
            self._intake.times -= 1
            raise IntegrityError(None, None, Exception("orders.order_number"))


class Bench:
    """An importer of orders with all that belongs to it."""

    def __init__(self, database: Database, channel: Channel, report: Path) -> None:
        self.database = database
        self.checkpoints = Checkpoints(channel.id, Kind.ORDERS, b"s" * 32)
        self.orders = Orders(channel, SystemClock())
        self.report = report
        self.opened = ExitStack()

    def importer(self, intake: Any = None, progress: Progress | None = None) -> Importer:
        progress = progress or Progress()
        report = FiledReport(self.report, progress.report_length)
        self.opened.callback(report.close)
        return Importer(
            self.database,
            intake or self.orders,
            clock=SystemClock(),
            report=report,
            checkpoints=self.checkpoints,
            progress=progress,
        )

    async def remembered(self) -> Import:
        async with self.database.unit_of_work() as session:
            return (await session.exec(select(Import))).one()

    async def numbers(self) -> list[str]:
        async with self.database.unit_of_work() as session:
            return sorted(await session.exec(select(Order.order_number)))

    def refused(self) -> list[int]:
        return [orjson.loads(line)["line"] for line in self.report.read_bytes().splitlines()]


@pytest.fixture
async def bench(database_url: str, database: Database, tmp_path: Path) -> AsyncIterator[Bench]:
    make_shop(database_url, customers=1)
    async with database.unit_of_work() as session:
        channel = (await session.exec(select(Channel))).one()
    bench = Bench(database, channel, tmp_path / "refused.jsonl")
    async with database.unit_of_work() as session:
        await bench.checkpoints.begin(session, SystemClock().now())
    with bench.opened:
        yield bench


def entries(*numbers: int) -> list[Entry]:
    return [Entry(number, Position(number * 100, number), order(number)) for number in numbers]


async def test_rows_and_checkpoint_become_true_together(bench: Bench) -> None:
    await bench.importer().take_in([*entries(1, 2), Entry(3, Position(300, 3), order(3, total="1.00"))])

    remembered = await bench.remembered()
    assert progress_of(remembered) == Progress(Position(300, 3), 2, 1, len(bench.report.read_bytes()))
    assert await bench.numbers() == ["N0000001", "N0000002"]
    assert bench.refused() == [3]


async def test_who_imports_the_same_file_at_the_same_time_writes_nothing(bench: Bench) -> None:
    first, second = bench.importer(), bench.importer()
    await first.take_in(entries(1, 2))

    with pytest.raises(OperatorError, match="Another process imports the same file"):
        await second.take_in(entries(1, 2, 3))

    assert await bench.numbers() == ["N0000001", "N0000002"]
    assert (await bench.remembered()).position == 200


async def test_a_batch_that_was_overtaken_is_looked_up_again(bench: Bench) -> None:
    importer = bench.importer(Overtaken(bench.orders, {"N0000002"}, times=2))

    await importer.take_in([*entries(1, 2), Entry(3, Position(300, 3), {})])

    assert await bench.numbers() == ["N0000001", "N0000002"]
    assert bench.refused() == [3]
    assert importer.progress.imported == 2


async def test_what_the_database_refuses_is_found_among_many(bench: Bench) -> None:
    importer = bench.importer(Overtaken(bench.orders, {"N0000003", "N0000007"}, times=1000))

    await importer.take_in(entries(*range(1, 11)))

    assert await bench.numbers() == [f"N{number:07}" for number in (1, 2, 4, 5, 6, 8, 9, 10)]
    assert bench.refused() == [3, 7]
    assert progress_of(await bench.remembered()) == importer.progress
    assert (importer.progress.imported, importer.progress.refused) == (8, 2)


async def test_an_outage_leaves_the_batch_out(bench: Bench) -> None:
    importer = bench.importer()
    await importer.take_in(entries(1))
    await bench.database.close()

    with pytest.raises(DatabaseUnavailableError):
        await importer.take_in(entries(2))

    assert importer.progress.imported == 1


async def test_all_or_none_tells_which_record_is_wrong(bench: Bench) -> None:
    """As mutations need it that take many."""
    with pytest.raises(InvalidInput) as raised:
        async with bench.database.unit_of_work() as session:
            await take_all(session, bench.orders, [order(1), order(2, total="1.00"), order(3, status="LOST")])
    assert [violation.field for violation in raised.value.violations] == [("1", "total"), ("2", "status")]

    with pytest.raises(InvalidInput) as raised:
        async with bench.database.unit_of_work() as session:
            await take_all(session, bench.orders, [order(1), order(2, customerNumber="nobody"), order(1)])
    assert [violation.field for violation in raised.value.violations] == [("1", "customerNumber"), ("2", "orderNumber")]

    assert await bench.numbers() == []
    async with bench.database.unit_of_work() as session:
        await take_all(session, bench.orders, [order(1), order(2)])
    assert await bench.numbers() == ["N0000001", "N0000002"]
