"""Who sends documents that are new pays for them, and is let in again as the purse fills."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.operations.spending import Payer, Spending, SpentError

A = Payer("192.0.2.1")
B = Payer("192.0.2.2")
MEMBER = Payer("192.0.2.1", "usr_1")


@dataclass
class Machine:
    """A clock, and a processor that is as busy as it is told."""

    now: float = 1_000.0
    used: float = 0.0
    spending: Spending = field(init=False)

    def __post_init__(self) -> None:
        self.spending = Spending(
            each=2.0, strangers=5.0, members=1e6, clock=lambda: self.now, processor=lambda: self.used
        )

    def compute(self, payer: Payer, seconds: float) -> None:
        with self.spending.paid_by(payer):
            self.used += seconds

    def waits(self, payer: Payer) -> int:
        with pytest.raises(SpentError) as spent:
            self.compute(payer, 0.0)
        return spent.value.retry_after_seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_a_network_may_spend_two_seconds(machine: Machine) -> None:
    for _ in range(20):
        machine.compute(A, 0.1)

    assert machine.waits(A) == 1
    machine.compute(B, 0.1)
    machine.compute(MEMBER, 0.1)


def test_the_purse_fills_within_a_minute(machine: Machine) -> None:
    machine.compute(A, 2.5)
    assert machine.waits(A) == 15

    machine.now += 15.1
    machine.compute(A, 0.0)

    machine.now += 60
    machine.compute(A, 1.99)
    machine.compute(A, 0.1)
    assert machine.waits(A) > 0


def test_strangers_share_one_purse_that_nobody_else_pays_from(machine: Machine) -> None:
    for at in range(3):
        machine.compute(Payer(f"198.51.100.{at}"), 1.9)

    machine.compute(A, 0.3)
    assert machine.waits(A) > 0
    machine.compute(MEMBER, 1.0)


def test_who_has_spent_little_is_let_in_though_all_together_have_spent_theirs(machine: Machine) -> None:
    for at in range(3):
        machine.compute(Payer(f"198.51.100.{at}"), 1.9)

    machine.compute(A, 0.1)
    machine.compute(A, 0.15)
    assert machine.waits(A) > 0


def test_users_of_a_network_have_five_times_as_much_together(machine: Machine) -> None:
    for at in range(5):
        machine.compute(Payer("192.0.2.1", f"usr_{at}"), 2.0)

    machine.compute(Payer("192.0.2.1", "usr_9"), 0.3)
    assert machine.waits(Payer("192.0.2.1", "usr_9")) > 0
    machine.compute(Payer("192.0.2.2", "usr_8"), 1.0)


def test_all_users_share_a_purse_of_the_process(machine: Machine) -> None:
    machine.spending.members = 3.0
    for at in range(2):
        machine.compute(Payer(f"192.0.2.{at}", f"usr_{at}"), 1.9)

    machine.compute(Payer("192.0.2.9", "usr_9"), 0.3)
    assert machine.waits(Payer("192.0.2.9", "usr_9")) > 0


def test_a_listed_proxy_has_a_purse_that_strangers_do_not_empty(machine: Machine) -> None:
    for at in range(3):
        machine.compute(Payer(f"198.51.100.{at}"), 1.9)

    machine.compute(Payer(None), 4.9)
    machine.compute(Payer(None), 0.2)
    assert machine.waits(Payer(None)) > 0


def test_what_fails_is_paid_as_well(machine: Machine) -> None:
    with pytest.raises(LookupError), machine.spending.paid_by(A):
        machine.used += 2.0
        raise LookupError

    assert machine.waits(A) > 0


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 0.5), st.floats(0, 10)), max_size=60))
def test_nobody_gets_more_than_a_purse_and_what_has_come_back(steps: list[tuple[int, float, float]]) -> None:
    machine = Machine()
    spent = dict.fromkeys(range(4), 0.0)
    began, longest = machine.now, 0.5
    for payer, seconds, pause in steps:
        machine.now += pause
        with suppress(SpentError):
            machine.compute(Payer(None, str(payer)), seconds)
            spent[payer] += seconds

    most = 2.0 + longest + (machine.now - began) * 2.0 / 60
    assert all(seconds <= most + 1e-6 for seconds in spent.values())


def test_as_many_purses_are_kept_as_are_not_full(machine: Machine) -> None:
    for at in range(60_000):
        machine.now += 0.01
        machine.compute(Payer(None, str(at)), 0.0001)

    assert len(machine.spending._owed) <= 20_001  # noqa: SLF001 - what is kept shows nowhere else
