from __future__ import annotations

import asyncio

import pytest

from gateway.mail.hands import Hands

pytestmark = pytest.mark.anyio


async def test_a_few_are_done_at_once_and_another_one_as_soon_as_one_has_ended() -> None:
    ends = [asyncio.Event() for _ in range(3)]
    async with Hands(at_once=2) as hands:
        for end in ends[:2]:
            hands.begin(waiting(end))
        assert hands.free == 0
        waits = asyncio.create_task(hands.some_free())
        await asyncio.sleep(0)
        assert not waits.done()

        ends[0].set()
        await waits

        assert hands.free == 1
        ends[1].set()


async def waiting(end: asyncio.Event) -> None:
    await end.wait()


async def test_who_is_kept_waiting_keeps_no_other_one_waiting_but_not_without_end() -> None:
    end = asyncio.Event()
    async with Hands(at_once=2, most=3, patience=0.0) as hands:
        for free in (2, 2, 1):
            await hands.some_free()
            await asyncio.sleep(0.01)
            assert hands.free == free
            hands.begin(waiting(end))
        await asyncio.sleep(0.01)

        assert hands.free == 0
        end.set()


async def test_leaving_waits_for_what_was_begun() -> None:
    done = []

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.append(True)

    async with Hands() as hands:
        for _ in range(3):
            hands.begin(work())

    assert len(done) == 3


@pytest.mark.parametrize("inside", [True, False], ids=["while it begins", "while it waits"])
async def test_a_cancellation_breaks_off_what_was_begun(inside: bool) -> None:  # noqa: FBT001 - a parameter
    broken = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            broken.append(True)
            raise

    async def begin() -> None:
        async with Hands() as hands:
            hands.begin(work())
            await asyncio.sleep(60 if inside else 0)

    task = asyncio.create_task(begin())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert broken == [True]


async def test_mails_are_looked_for_once_half_of_the_hands_are_free() -> None:
    ends = [asyncio.Event() for _ in range(4)]
    found = []
    async with Hands(at_once=4) as hands:
        for end in ends:
            hands.begin(waiting(end))
        for end in ends:
            end.set()
            await asyncio.sleep(0.01)
            found.append(hands.are_free)

    assert found == [False, True, True, True]
