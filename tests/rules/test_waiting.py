"""Who waits for slow hashes: few of one account, not all of one network, and nobody is remembered."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from resolvers.rules.errors import RateLimited
from resolvers.throttling.waiting import WaitingRoom

HANS, EVA = ("shop", "hans@corp.com"), ("shop", "eva@corp.com")


def test_two_of_an_account_wait_and_a_third_is_asked_to_come_back_in_a_second() -> None:
    room = WaitingRoom(of_account=2)
    with room.place(HANS, "a"), room.place(HANS, "b"):
        with pytest.raises(RateLimited) as refused, room.place(HANS, "c"):
            pass
        with room.place(EVA, "a"), room.place(("other", HANS[1]), "a"):
            pass

    assert refused.value.retry_after_seconds == 1
    with room.place(HANS, "c"):
        pass


def test_a_network_has_no_more_places_than_its_share_whoever_signs_in() -> None:
    room = WaitingRoom(of_network=3)
    with ExitStack() as stack:
        for number in range(3):
            stack.enter_context(room.place(("shop", f"{number}"), "192.0.2.1"))
        with pytest.raises(RateLimited), room.place(HANS, "192.0.2.1"):
            pass
        with room.place(HANS, "192.0.2.2"), room.place(EVA, None):
            pass


def test_what_has_no_limit_is_not_counted() -> None:
    room = WaitingRoom(of_account=1, of_network=1)
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(room.place(None, None))


def test_who_is_refused_for_the_network_takes_no_place_of_the_account() -> None:
    room = WaitingRoom(of_account=1, of_network=1)
    with room.place(EVA, "a"), pytest.raises(RateLimited), room.place(HANS, "a"):
        pass

    with room.place(HANS, "b"):
        pass


def test_nobody_is_remembered_once_they_have_gone() -> None:
    room = WaitingRoom(of_account=2, of_network=2)
    for number in range(100):
        with pytest.raises(KeyError), room.place(number, number):
            raise KeyError

    assert not room._taken  # noqa: SLF001 - what must not grow
