"""The home of imports that are killed: a process whose children import a file, and end themselves by SIGKILL.

Started as ``python -m tests.importing.killing URL SEED KIND FILE REPORT ...``; it prints how often each was killed.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

from sqlalchemy import Engine, event

from gateway.importing import batches
from gateway.importing.command import import_file
from gateway.importing.job import SUFFIXES, Job, Kind
from gateway.operator.settings import OperatorError
from tests.importing.making import SHOP

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_KILLS: Final = 8
RECORDS: Final = 7
"""Of a batch: so few that a small file has several."""
KILLED: Final = -signal.SIGKILL


def kills(url: str, job: Job, moments: Iterator[int]) -> int:
    """Import a file by one child after the other, and the last unharmed; return how many were killed."""
    for killed in range(MOST_KILLS):
        status = _status_of(url, job, next(moments))
        if status != KILLED:
            assert status == 0
            return killed
    assert _status_of(url, job, 0) == 0
    return MOST_KILLS


def _status_of(url: str, job: Job, moment: int) -> int:
    child = os.fork()
    if not child:
        end_at(moment)
        _go_on(url, job)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def end_at(moment: int) -> None:
    """Have this process end itself before so many statements, or commits, are done; never at none."""
    left = iter(range(moment - 1, -1, -1))

    def meet(*_: object) -> None:
        if next(left, 1) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", meet)
    event.listen(Engine, "commit", meet)


def _go_on(url: str, job: Job) -> None:
    """Begin, or go on, as who runs the same command again and does what it says."""
    try:
        import_file(url, job)
    except OperatorError as error:
        assert "--resume" in str(error)  # noqa: PT017 - it is another process
        import_file(url, replace(job, resume=True))


def main(url: str, seed: str, *arguments: str) -> None:
    """Import the files in their order."""
    random = Random(seed)  # noqa: S311 - repeatable
    with patch.object(batches, "_MOST_RECORDS", RECORDS):
        for at in range(0, len(arguments), 3):
            kind, file, report = arguments[at : at + 3]
            job = Job(
                kind=Kind(kind),
                file=Path(file),
                format=SUFFIXES[Path(file).suffix],
                channel=SHOP,
                report=Path(report),
            )
            print(kills(url, job, iter(lambda: random.randint(1, 25), 0)))  # noqa: T201 - for who started it


if __name__ == "__main__":
    main(*sys.argv[1:])
