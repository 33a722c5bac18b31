from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest

from db.turns import Rounds

pytestmark = pytest.mark.anyio


async def log_of(rounds: Rounds, workers: int) -> list[str]:
    """Return what happened, in order: work, and the beginnings of rounds."""
    log: list[str] = []

    async def work(number: int) -> None:
        await rounds.turn()
        log.append(f"work {number}")

    async def tell_rounds() -> None:
        for _ in range(workers + 2):
            log.append("round")
            await asyncio.sleep(0)

    await asyncio.gather(tell_rounds(), *(work(number) for number in range(workers)))
    return log


async def test_where_no_time_is_left_each_work_has_a_round_of_its_own_in_order() -> None:
    log = await log_of(Rounds(0), 4)

    assert [entry for entry in log if entry != "round"] == ["work 0", "work 1", "work 2", "work 3"]
    begun = [index for index, entry in enumerate(log) if entry != "round"]
    assert all("round" in log[one:other] for one, other in pairwise(begun)), log


async def test_where_there_is_time_all_work_has_the_same_round() -> None:
    log = await log_of(Rounds(60), 4)

    assert log[:5] == ["round", "work 0", "work 1", "work 2", "work 3"]


async def test_work_of_later_rounds_does_not_wait() -> None:
    rounds = Rounds(0)
    for _ in range(3):
        await asyncio.wait_for(rounds.turn(), 60)
        await asyncio.sleep(0)


async def test_nobody_waits_for_ever_for_a_round() -> None:
    rounds = Rounds(0, timeout=0.05)

    async def work() -> None:
        await rounds.turn()
        time.sleep(0.002)  # noqa: ASYNC251 - in the thread of the loop, as a read of SQLite

    results = await asyncio.gather(*(work() for _ in range(500)), return_exceptions=True)

    # Those who look in each round have their turn, and some more; how many and which is up to the machine.
    refused = [isinstance(result, TimeoutError) for result in results]
    assert not any(refused[:64])
    assert sum(refused) > 200
    await asyncio.wait_for(rounds.turn(), 60)
