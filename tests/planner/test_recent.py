from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.planner.recent import Recent


@pytest.fixture
def recent() -> Recent[int, str]:
    """Return one that keeps ten values of the weight 10."""
    return Recent(100)


def kept(recent: Recent[int, str]) -> list[int]:
    return [key for key in range(20) if recent.get(key) is not None]


def test_those_used_last_are_kept(recent: Recent[int, str]) -> None:
    for key in range(10):
        recent.put(key, str(key), 10)
    assert recent.get(0) == "0"

    recent.put(10, "10", 10)

    assert kept(recent) == [0, *range(2, 11)]


def test_what_grows_pushes_out_others(recent: Recent[int, str]) -> None:
    for key in range(10):
        recent.put(key, str(key), 10)

    recent.reweigh(9, 35)

    assert kept(recent) == list(range(3, 10))
    assert recent.weight == 95


def test_what_was_forgotten_does_not_count_when_it_grows(recent: Recent[int, str]) -> None:
    recent.reweigh(0, 1_000)

    assert recent.weight == 0


def test_what_is_heavier_than_all_is_not_kept(recent: Recent[int, str]) -> None:
    recent.put(0, "", 101)

    assert kept(recent) == []
    assert recent.weight == 0


def test_of_one_payer_there_is_a_fourth_at_most(recent: Recent[int, str]) -> None:
    recent.put(0, "", 10, "neighbour")
    for key in range(1, 10):
        recent.put(key, "", 10, "greedy")

    assert kept(recent) == [0, 8, 9]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 60), st.sampled_from([None, "a", "b"]), st.booleans())))
def test_the_bounds_hold_whatever_comes(steps: list[tuple[int, int, str | None, bool]]) -> None:
    recent: Recent[int, str] = Recent(100)
    for key, weight, payer, grows in steps:
        if grows:
            recent.reweigh(key, weight)
        else:
            recent.put(key, "", weight, payer)

        entries = list(recent._entries.values())  # noqa: SLF001 - what is kept shows nowhere else
        assert recent.weight == sum(entry.weight for entry in entries) <= 100
        for name in ("a", "b"):
            assert sum(entry.weight for entry in entries if entry.payer == name) <= 25
