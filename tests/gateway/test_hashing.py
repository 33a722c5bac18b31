from __future__ import annotations

import asyncio
import dataclasses
import threading
import time
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import CHEAPEST

from gateway.adapters.hashing import PRODUCTION, Argon2Hasher, permits
from resolvers.ports import Verdict
from resolvers.rules.errors import RateLimited

pytestmark = pytest.mark.anyio

RIGHT = "correct horse battery staple"


class WatchedHasher(Argon2Hasher):
    """Stops at each hash until it may go on, and remembers how many were made at once."""

    def __init__(self, *, at_once: int, longest_wait: float = 60, longest_queue: int = 1_000) -> None:
        super().__init__(CHEAPEST, at_once=at_once, longest_wait=longest_wait, longest_queue=longest_queue)
        self.may_go_on = threading.Event()
        self.begun = threading.Semaphore(0)
        self.judged = 0
        self.most = 0
        self._running = 0
        self._counting = threading.Lock()

    def _judge(self, password_hash: str | None, password: str) -> Verdict:
        with self._counting:
            self._running += 1
            self.judged += 1
            self.most = max(self.most, self._running)
        self.begun.release()
        self.may_go_on.wait(10)
        try:
            return super()._judge(password_hash, password)
        finally:
            with self._counting:
                self._running -= 1


async def begun(hasher: WatchedHasher, times: int) -> None:
    for _ in range(times):
        assert await asyncio.to_thread(hasher.begun.acquire, timeout=60)


async def processor_time(hasher: Argon2Hasher, stored: str | None) -> float:
    """Seconds that a refusal cost, the least of three."""
    costs = []
    for _ in range(3):
        before = time.process_time()
        await hasher.verify(stored, RIGHT)
        costs.append(time.process_time() - before)
    return min(costs)


@pytest.fixture
def hasher() -> Iterator[Argon2Hasher]:
    hasher = Argon2Hasher(CHEAPEST, at_once=2)
    yield hasher
    hasher.close()


async def test_the_right_password_matches_and_others_do_not(hasher: Argon2Hasher) -> None:
    stored = await hasher.hash(RIGHT)

    assert await hasher.verify(stored, RIGHT) == Verdict(matches=True)
    assert await hasher.verify(stored, RIGHT + " ") == Verdict(matches=False)


@pytest.mark.parametrize(
    "damaged", [None, "", "garbage", "$argon2id$v=19$m=8,t=1,p=1$", "$argon2id$v=19$m=8,t=1,p=1$AA$!!"]
)
async def test_without_a_sound_hash_nothing_matches(hasher: Argon2Hasher, damaged: str | None) -> None:
    assert await hasher.verify(damaged, RIGHT) == Verdict(matches=False)


async def test_a_lone_surrogate_matches_nothing(hasher: Argon2Hasher) -> None:
    stored = await hasher.hash("")

    assert await hasher.verify(stored, "\ud800") == Verdict(matches=False)


async def test_a_hash_of_other_parameters_wants_to_be_renewed(hasher: Argon2Hasher) -> None:
    stored = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(RIGHT)

    assert await hasher.verify(stored, RIGHT) == Verdict(matches=True, needs_rehash=True)
    assert await hasher.verify(stored, "wrong") == Verdict(matches=False)


@pytest.mark.parametrize(
    "stored", [None, "garbage", PasswordHasher(1, 8, 1).hash("other")], ids=["nobody", "garbage", "another password"]
)
async def test_whoever_fails_costs_what_the_parameters_of_today_cost(stored: str | None) -> None:
    hasher = Argon2Hasher(dataclasses.replace(CHEAPEST, memory_cost=32 * 1024, time_cost=2), at_once=1)

    cheap = await processor_time(Argon2Hasher(CHEAPEST, at_once=1), None)
    failed = await processor_time(hasher, stored)
    known = await processor_time(hasher, await hasher.hash("other"))

    assert cheap < known / 4 < failed  # wide bounds: the machine may be busy
    hasher.close()


async def test_a_hash_beside_another_is_the_same_for_the_same_password_alone(hasher: Argon2Hasher) -> None:
    stored = await hasher.hash(RIGHT)

    assert await hasher.hash(RIGHT, stored) == stored
    assert await hasher.hash("wrong", stored) != stored
    assert await hasher.hash(RIGHT) != stored, "each has a salt of its own otherwise"
    assert await hasher.verify(await hasher.hash("another", stored), "another") == Verdict(matches=True)


@pytest.mark.parametrize("damaged", ["", "garbage", "$argon2id$v=19$m=8,t=1,p=1$", "$argon2id$v=19$m=8,t=1,p=1$!!$AA"])
async def test_beside_a_damaged_hash_a_salt_is_made(hasher: Argon2Hasher, damaged: str) -> None:
    assert await hasher.verify(await hasher.hash(RIGHT, damaged), RIGHT) == Verdict(matches=True)


def test_production_hashes_with_19_mib_and_two_passes_of_argon2id() -> None:
    hasher = Argon2Hasher(at_once=1)
    parameters = extract_parameters(asyncio.run(hasher.hash(RIGHT)))
    hasher.close()

    assert parameters == PRODUCTION
    assert parameters.type.name == "ID"
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2


def test_the_workers_share_the_cores_and_each_has_one_at_least() -> None:
    assert permits(1) >= permits(2) >= 1
    assert permits(100_000) == 1


async def test_never_more_are_made_at_once_than_there_are_permits() -> None:
    hasher = WatchedHasher(at_once=2)
    callers = [asyncio.create_task(hasher.verify(None, RIGHT)) for _ in range(20)]
    await begun(hasher, 2)
    hasher.may_go_on.set()
    await asyncio.gather(*callers)

    assert (hasher.most, hasher.judged) == (2, 20)
    hasher.close()


async def test_callers_who_give_up_leak_no_permit() -> None:
    hasher = WatchedHasher(at_once=2, longest_queue=48)
    callers = [asyncio.create_task(hasher.verify(None, RIGHT)) for _ in range(50)]
    await begun(hasher, 2)
    for caller in callers:
        caller.cancel()
    gone = await asyncio.gather(*callers, return_exceptions=True)
    hasher.may_go_on.set()
    # As many as there are permits and places: one that leaked would refuse the last of them.
    served = await asyncio.gather(*(hasher.verify(None, RIGHT) for _ in range(48)))

    assert all(isinstance(caller, asyncio.CancelledError) for caller in gone)
    assert len(served) == 48
    assert hasher.most == 2
    assert hasher.judged == 50  # the two that ran when their callers gave up, and nobody else's of those
    hasher.close()


async def test_who_waits_too_long_is_asked_to_come_back() -> None:
    hasher = WatchedHasher(at_once=1, longest_wait=0.05)
    first = asyncio.create_task(hasher.verify(None, RIGHT))
    await begun(hasher, 1)

    with pytest.raises(RateLimited) as refused:
        await hasher.verify(None, RIGHT)

    assert refused.value.retry_after_seconds == 1
    hasher.may_go_on.set()
    assert await first == Verdict(matches=False)  # what has begun is waited for
    assert hasher.judged == 1
    hasher.close()


async def test_who_finds_the_queue_full_is_asked_to_come_back_at_once() -> None:
    hasher = WatchedHasher(at_once=1, longest_queue=1)
    waiting = [asyncio.create_task(hasher.verify(None, RIGHT)) for _ in range(2)]
    await begun(hasher, 1)

    with pytest.raises(RateLimited):
        await hasher.verify(None, RIGHT)

    hasher.may_go_on.set()
    await asyncio.gather(*waiting)
    assert await hasher.verify(None, RIGHT) == Verdict(matches=False)
    hasher.close()


async def test_the_event_loop_goes_on_while_hashes_are_made() -> None:
    hasher = WatchedHasher(at_once=1)
    caller = asyncio.create_task(hasher.verify(None, RIGHT))
    await begun(hasher, 1)

    assert not caller.done()  # this line runs while the hash does

    hasher.may_go_on.set()
    await caller
    hasher.close()
