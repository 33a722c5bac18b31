"""What an operator is told of while requests are answered is told at once, and then once an hour at most."""

from __future__ import annotations

import pytest

from gateway.operator.notices import Notice


class Hours:
    time = 0.0

    def now(self) -> float:
        return self.time * 3600


def test_it_is_written_at_once_and_once_an_hour() -> None:
    written: list[str] = []
    hours = Hours()
    notice = Notice(written.append, hours.now)

    for hour in (0, 0.5, 0.999, 1, 1.5, 40):
        hours.time = hour
        notice.tell(f"{hour}")

    assert written == ["0", "1", "40"]


def test_it_is_a_warning_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    notice = Notice()
    for _ in range(3):
        notice.tell("it bites")

    assert [(record.levelname, record.message) for record in caplog.records] == [("WARNING", "it bites")]


def test_what_was_not_told_is_due() -> None:
    hours = Hours()
    notice = Notice(lambda _text: None, hours.now)

    assert notice.is_due
    notice.tell("x")
    assert not notice.is_due
    hours.time = 1
    assert notice.is_due
