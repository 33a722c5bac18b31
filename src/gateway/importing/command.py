"""The home of the command `gateway import`: opens what the job names, runs it, tells what became of it."""

from __future__ import annotations

import asyncio
import os
import stat
from typing import TYPE_CHECKING, BinaryIO

from rich.console import Console

from db.engine import open_database
from gateway.clock import SystemClock
from gateway.importing.display import Display
from gateway.importing.run import run
from gateway.operating import explained, require_migrated
from gateway.settings import OperatorError

if TYPE_CHECKING:
    from gateway.importing.checkpoints import Progress
    from gateway.importing.job import Job


def import_file(url: str, job: Job) -> Progress:
    """Run *job* on the database at *url*. Raises `OperatorError`."""
    console = Console(stderr=True)
    try:
        with job.file.open("rb") as file:
            return asyncio.run(_import(url, job, file, Display(console, _size(job, file))))
    except OSError as error:
        msg = f"{error.filename or job.file} can't be read: {error.strerror}."
        raise OperatorError(msg) from error


def summary(job: Job, progress: Progress) -> str:
    """Return what became of *job*, for people."""
    imported = "would be imported" if job.dry_run else "imported"
    why = f" See {job.report}." if progress.refused and job.report else ""
    return f"{progress.imported:,} {job.kind} {imported}, {progress.refused:,} refused.{why}"


def _size(job: Job, file: BinaryIO) -> int:
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        msg = f"{job.file} is no file: a stream can't be read again from where an import stopped."
        raise OperatorError(msg)
    return status.st_size


async def _import(url: str, job: Job, file: BinaryIO, display: Display) -> Progress:
    await require_migrated(url)
    with explained():
        database = await open_database(url)
    try:
        with display:
            return await run(database, job, file, SystemClock(), display)
    finally:
        await database.close()
