"""The home of one import, from an open file to the last batch."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, Final

from sqlmodel import select

from db.columns import printed
from db.errors import DatabaseUnavailableError
from db.models import Channel
from gateway.importing.batches import Importer, Rehearsal, batches
from gateway.importing.checkpoints import Checkpoints, Progress, progress_of
from gateway.importing.csv_entries import csv_entries
from gateway.importing.first_look import require_text
from gateway.importing.intakes import INTAKES
from gateway.importing.job import Format, Kind
from gateway.importing.json_lines import json_entries
from gateway.importing.places import Places
from gateway.importing.reports import FiledReport, PrintedReport
from gateway.operator.faults import told
from gateway.operator.settings import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.engine import Database
    from gateway.importing.display import Display
    from gateway.importing.entries import Entry, Position
    from gateway.importing.job import Job
    from gateway.importing.reports import Report
    from resolvers.ports import Clock

_PIECE: Final = 1024 * 1024


async def run(database: Database, job: Job, file: BinaryIO, clock: Clock, display: Display) -> Progress:
    """Import *file* as *job* says; return what became of it. Raises `OperatorError`."""
    require_text(file)
    channel = await _channel(database, job.channel)
    intake = INTAKES[job.kind](channel, clock)
    if job.dry_run:
        report = _report(job, display, 0)
        return await _work_through(Rehearsal(database, intake, report), job, file, display, report)
    checkpoints = Checkpoints(channel.id, job.kind, _digest(file, display))
    progress, finished = await _begin(database, checkpoints, job, clock)
    if finished:
        display.tell(f"Nothing is left since {finished}. Without --resume, what was refused is judged anew.")
        return progress
    report = _report(job, display, progress.report_length)
    importer = Importer(database, intake, clock=clock, report=report, checkpoints=checkpoints, progress=progress)
    return await _work_through(importer, job, file, display, report)


async def _channel(database: Database, code: str) -> Channel:
    async with database.unit_of_work() as session:
        channel = (await session.exec(select(Channel).where(Channel.code == code))).first()
    if channel is None:
        msg = f"There is no channel {code!r}."
        raise OperatorError(msg)
    return channel


def _digest(file: BinaryIO, display: Display) -> bytes:
    """Return what tells this file from any other."""
    digest, offset = sha256(), 0
    while piece := file.read(_PIECE):
        digest.update(piece)
        offset += len(piece)
        display.show("Reading", offset)
    return digest.digest()


async def _begin(database: Database, checkpoints: Checkpoints, job: Job, clock: Clock) -> tuple[Progress, str | None]:
    """Return how far the file has come, and when it was finished if nothing of it is left to go on with.

    One that is finished begins again, unless it was to be resumed: what was refused may be good now.
    """
    async with database.unit_of_work() as session:
        remembered = await checkpoints.found(session)
        if remembered is None:
            await checkpoints.begin(session, clock.now())
            return Progress(), None
        if remembered.finished_at is not None and not job.resume:
            await checkpoints.begin_again(session, remembered, clock.now())
            return Progress(), None
    if remembered.position and not job.resume:
        msg = f"The import of this file stopped after line {remembered.lines:,}. Run it again with --resume."
        raise OperatorError(msg)
    return progress_of(remembered), printed(remembered.finished_at) if remembered.finished_at else None


def _report(job: Job, display: Display, length: int) -> Report:
    return PrintedReport(display.tell) if job.report is None else FiledReport(job.report, length)


async def _work_through(
    importer: Importer | Rehearsal, job: Job, file: BinaryIO, display: Display, report: Report
) -> Progress:
    identity, before = _identity(file), importer.progress
    places = Places()
    try:
        if job.kind is Kind.ORDERS:
            places.count_all(file, job.format, job.ignored)
        entries = places.refused(_entries(job, file, before.position))
        for batch in batches(entries, before.position.offset):
            if _identity(file) != identity:
                line = importer.progress.position.lines
                msg = f"{job.file} was changed when line {line:,} had been imported. What came in stays."
                raise OperatorError(msg)
            await importer.take_in(batch)
            now = importer.progress
            done = now.records - before.records
            display.show(job.kind.capitalize(), now.position.offset, done, now.refused)
        await importer.finish()
    except DatabaseUnavailableError as error:
        line = importer.progress.position.lines
        again = "run this again" if job.dry_run else "run this again with --resume to go on"
        msg = f"The database does not answer. The import stopped after line {line:,}; {again}. {told(error)}"
        raise OperatorError(msg) from error
    finally:
        report.close()
        places.close()
    return importer.progress


def _entries(job: Job, file: BinaryIO, start: Position) -> Iterator[Entry]:
    if job.format is Format.JSONL:
        return json_entries(file, start)
    return csv_entries(job.kind, file, start, job.ignored)


def _identity(file: BinaryIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns
