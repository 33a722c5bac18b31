"""The home of the command `gateway import`: opens what the job names, runs it, tells what became of it."""

from __future__ import annotations

import asyncio
import os
import stat
from typing import TYPE_CHECKING, BinaryIO

from rich.console import Console

from db.errors import DatabaseUnavailableError
from gateway.adapters.clock import SystemClock
from gateway.importing.display import Display
from gateway.importing.run import run
from gateway.operator.database import usable_database
from gateway.operator.faults import told
from gateway.operator.settings import OperatorError

if TYPE_CHECKING:
    from gateway.importing.checkpoints import Progress
    from gateway.importing.job import Job


def import_file(url: str, job: Job) -> Progress:
    """Run *job* on the database at *url*. Raises `OperatorError`."""
    with _opened(job) as file:
        try:
            return asyncio.run(_import(url, job, file))
        except DatabaseUnavailableError as error:
            raise OperatorError(told(error)) from error
        except KeyboardInterrupt:
            msg = "Stopped." if job.dry_run else "Stopped. What came in stays. Run this again with --resume to go on."
            raise OperatorError(msg) from None


def summary(job: Job, progress: Progress) -> str:
    """Return what became of *job*, for people."""
    imported = "would be imported" if job.dry_run else "imported"
    why = f" See {job.report}." if progress.refused and job.report else ""
    known = f", {progress.known:,} in already" if progress.known else ""
    unchecked = f" {progress.unchecked:,} had no total that checks them: it was computed." if progress.unchecked else ""
    return f"{progress.imported:,} {job.kind} {imported}, {progress.refused:,} refused{known}.{unchecked}{why}"


def _opened(job: Job) -> BinaryIO:
    try:
        if job.report is not None and job.report.exists() and job.report.samefile(job.file):
            msg = f"{job.report} is the file to import. List the refused lines in another one."
            raise OperatorError(msg)
        # Without waiting: nobody may ever write into a pipe.
        file = open(job.file, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))  # noqa: SIM115
    except OSError as error:
        msg = f"{error.filename or job.file} can't be read: {error.strerror}."
        raise OperatorError(msg) from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        msg = f"{job.file} is no file: a stream can't be read again from where an import stopped."
        raise OperatorError(msg)
    return file


async def _import(url: str, job: Job, file: BinaryIO) -> Progress:
    async with usable_database(url) as database:
        with Display(Console(stderr=True), os.fstat(file.fileno()).st_size) as display:
            return await run(database, job, file, SystemClock(), display)
