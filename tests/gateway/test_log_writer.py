"""The log keeps nobody waiting: what its reader leaves is dropped, counted and told, and no end waits for it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.operator.log_writer import LogWriter

LINE = b"x" * 99 + b"\n"


def told(dropped: int) -> bytes:
    return b"dropped %d\n" % dropped


class Pipe:
    """A pipe that is read when a test says so."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()

    def fill(self) -> int:
        """Leave no place in it; return how many bytes are in it."""
        os.set_blocking(self.writer, False)
        filled = 0
        try:
            while True:
                filled += os.write(self.writer, b"f" * 4096)
        except BlockingIOError:
            os.set_blocking(self.writer, True)
        return filled

    def lines(self, end: bytes) -> list[bytes]:
        """Read until *end* was read."""
        read = b""
        while end not in read:
            read += os.read(self.reader, 65536)
        return read.lstrip(b"f").splitlines(keepends=True)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    for descriptor in (pipe.reader, pipe.writer):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_lines_arrive_in_their_order(pipe: Pipe) -> None:
    writer = LogWriter(pipe.writer, told)
    lines = [b"%d\n" % number for number in range(3000)]
    for line in lines:
        writer.put(line)
    writer.put(b"end\n")

    assert pipe.lines(b"end\n") == [*lines, b"end\n"]


def test_what_nobody_reads_is_dropped_and_told_once_somebody_does(pipe: Pipe) -> None:
    pipe.fill()
    writer = LogWriter(pipe.writer, told, most_bytes=10 * len(LINE))
    for _ in range(25):
        writer.put(LINE)

    assert pipe.lines(b"dropped 15\n") == [*[LINE] * 10, b"dropped 15\n"]
    writer.flush(60)  # what was read counts as waiting for another moment
    writer.put(LINE)
    assert pipe.lines(LINE) == [LINE]


def test_the_end_waits_for_no_reader(pipe: Pipe) -> None:
    pipe.fill()
    writer = LogWriter(pipe.writer, told)
    writer.put(LINE)
    began = time.monotonic()
    writer.flush(0.05)

    assert time.monotonic() - began >= 0.05
    pipe.lines(LINE)


def test_the_end_waits_for_one_who_reads(pipe: Pipe) -> None:
    writer = LogWriter(pipe.writer, told)
    for _ in range(100):
        writer.put(LINE)
    writer.flush(60)

    assert os.read(pipe.reader, 65536) == LINE * 100


def test_a_closed_pipe_harms_nobody_and_keeps_nothing(pipe: Pipe) -> None:
    os.close(pipe.reader)
    writer = LogWriter(pipe.writer, told)
    for _ in range(3):
        writer.put(LINE)
        writer.flush(60)

    assert writer._bytes == 0  # noqa: SLF001 - nothing else shows it


def test_what_a_full_disk_refuses_is_told_by_the_first_line_that_fits() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    read, write = os.pipe()
    writer = LogWriter(full, told)
    for _ in range(3):
        writer.put(LINE)
        writer.flush(60)
    os.dup2(write, full)
    writer.put(LINE)

    assert os.read(read, 65536) == LINE + b"dropped 3\n"
    for descriptor in (full, read, write):
        os.close(descriptor)


def test_a_pipe_that_does_not_wait_loses_nothing(pipe: Pipe) -> None:
    filled = pipe.fill()
    os.set_blocking(pipe.writer, False)
    writer = LogWriter(pipe.writer, told)
    writer.put(LINE)
    writer.flush(0.05)

    assert filled
    assert pipe.lines(LINE) == [LINE]


def test_a_process_without_a_log_has_nowhere_to_write() -> None:
    writer = LogWriter(None, told)
    writer.put(LINE)
    writer.flush(60)


@settings(max_examples=30)  # each leaves a thread behind
@given(st.lists(st.integers(1, 300), max_size=60), st.integers(300, 2000))
def test_every_line_is_written_or_counted(lengths: list[int], most: int) -> None:
    reader, writing = os.pipe()
    writer = LogWriter(writing, told, most_bytes=most)
    for length in lengths:
        writer.put(b"x" * (length - 1) + b"\n")
    writer.flush(60)
    os.close(writing)
    with os.fdopen(reader, "rb") as pipe:
        found = pipe.readlines()

    dropped = sum(int(line.split()[1]) for line in found if line.startswith(b"dropped"))
    assert len([line for line in found if not line.startswith(b"dropped")]) + dropped == len(lengths)
