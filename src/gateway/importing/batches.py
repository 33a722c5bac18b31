"""The home of batches: so many records become true together, rows and checkpoint."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import IntegrityError

from gateway.importing.checkpoints import Progress
from gateway.importing.entries import Entry, unreadable
from gateway.importing.reports import RefusedRecord
from resolvers.importing.intake import judge
from resolvers.rules.inspection import Inspection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database
    from gateway.importing.checkpoints import Checkpoints
    from gateway.importing.reports import Report
    from resolvers.importing.intake import Intake
    from resolvers.ports import Clock
    from resolvers.rules.violations import Violation

_MOST_RECORDS: Final = 500
_MOST_BYTES: Final = 1024 * 1024
"""Small enough that who else writes waits a tenth of a second, large enough that commits cost little."""
_TRIES: Final = 3


def batches(entries: Iterable[Entry], begin: int) -> Iterator[list[Entry]]:
    """Yield *entries*, which begin at the byte *begin* of their file, in batches."""
    batch: list[Entry] = []
    for entry in entries:
        batch.append(entry)
        full = len(batch) >= _MOST_RECORDS or entry.end.offset - begin >= _MOST_BYTES
        # A file may hold nothing but rows that can't be told apart: they must not fill the memory.
        if full and (not entry.concerns_next or len(batch) >= 2 * _MOST_RECORDS):
            yield batch
            batch, begin = [], entry.end.offset
    if batch:
        yield batch


class Importer:
    """Takes batches in, each in a unit of work of its own, together with the checkpoint after it."""

    def __init__(  # noqa: PLR0913 - it is where all of them come together
        self,
        database: Database,
        intake: Intake[Any, Any],
        *,
        clock: Clock,
        report: Report,
        checkpoints: Checkpoints,
        progress: Progress,
    ) -> None:
        """Go on from *progress*."""
        self._database = database
        self._clock = clock
        self._intake = intake
        self._report = report
        self._checkpoints = checkpoints
        self.progress = progress

    async def take_in(self, batch: Sequence[Entry]) -> None:
        """Take *batch* in; what can't be is refused.

        Somebody else may write the same number between our look and our insert. Then the batch is looked up again, and
        in the end halved until the culprit is alone.
        """
        for _ in range(_TRIES):
            try:
                await self._attempt(batch)
            except IntegrityError:
                self._report.drop()
            else:
                return
        if len(batch) == 1:
            [entry] = batch
            await self._attempt([Entry(entry.line, entry.end, faults=[unreadable("The database refused it.")])])
            return
        half = len(batch) // 2
        await self.take_in(batch[:half])
        await self.take_in(batch[half:])

    async def finish(self) -> None:
        """Remember that nothing is left."""
        async with self._database.unit_of_work() as session:
            await self._checkpoints.finish(session, self.progress, self._clock.now())

    async def _attempt(self, batch: Sequence[Entry]) -> None:
        inspected = inspect(self._intake, _each_once(batch))
        async with self._database.unit_of_work() as session:
            found, good = await _judged(session, self._intake, inspected)
            await found.write(session, good)
            refused = refusals(inspected)
            length = self._report.write(refused)
            after = self.progress.after(batch, good, len(refused), length)
            await self._checkpoints.advance(session, self.progress, after, self._clock.now())
        self._report.keep()
        self.progress = after


class Rehearsal:
    """Judges as an `Importer` does, and writes nothing; what the batches so far would have written it keeps on disk."""

    def __init__(self, database: Database, intake: Intake[Any, Any], report: Report) -> None:
        """Begin at the beginning."""
        self._database = database
        self._intake = intake
        self._report = report
        self._claimed = _ClaimedOnDisk()
        self.progress = Progress()

    async def take_in(self, batch: Sequence[Entry]) -> None:
        """Judge *batch*."""
        new = [entry for entry in _each_once(batch) if entry.digest is None or not self._claimed[entry.digest]]
        inspected = inspect(self._intake, new)
        async with self._database.unit_of_work() as session:
            _, good = await _judged(session, self._intake, inspected, self._claimed)
            await session.rollback()
        self._claimed.update(entry.digest for entry, _, found in inspected if entry.digest and not found.violations)
        refused = refusals(inspected)
        length = self._report.write(refused)
        self._report.keep()
        self.progress = self.progress.after(batch, good, len(refused), length)

    async def finish(self) -> None:
        """Forget what would have been written."""
        self._claimed.close()


_Inspected = list[tuple[Entry, Any, Inspection]]


def _each_once(batch: Sequence[Entry]) -> Iterable[Entry]:
    """Return the entries of *batch* without records that stand in it higher up."""
    found: dict[object, Entry] = {}
    for entry in batch:
        found.setdefault(entry.digest or entry.line, entry)
    return found.values()


def inspect(intake: Intake[Any, Any], batch: Iterable[Entry]) -> _Inspected:
    """Return the entries with the records that they tell and what is wrong with them."""
    inspected = []
    for entry in batch:
        inspection = Inspection(of_file=True, digest=entry.digest)
        for fault in entry.faults:
            inspection.add(fault.field, fault.code, fault.limit, fault.explanation)
        told = all(fault.field for fault in entry.faults)
        inspected.append((entry, intake.checked(entry.fields, inspection) if told else None, inspection))
    return inspected


def refusals(inspected: _Inspected) -> list[RefusedRecord]:
    """Return what was refused."""
    return [
        RefusedRecord(
            entry.line,
            [_at_its_line(violation, entry) for violation in inspection.violations],
            entry.fields if entry.is_whole else {},
        )
        for entry, _, inspection in inspected
        if inspection.violations
    ]


def _at_its_line(violation: Violation, entry: Entry) -> Violation:
    """Return *violation*, which tells the line of the part that it is about, if that is another one."""
    line = entry.lines.get((violation.field[0], violation.field[1])) if len(violation.field) > 1 else None
    if line is None or line == entry.line:
        return violation
    return replace(violation, explanation=f"Line {line}: {violation.message}")


async def _judged(
    session: AsyncSession, intake: Intake[Any, Any], inspected: _Inspected, claimed: _ClaimedOnDisk | None = None
) -> tuple[Any, list[Any]]:
    """Return what was found, and the records that come in: not those that are in already."""
    sound = [(record, inspection) for _, record, inspection in inspected if not inspection.violations]
    found = await intake.look_up(session, [record for record, _ in sound])
    new = [(record, inspection) for record, inspection in sound if inspection.digest not in found.known]
    return found, judge(found, new, claimed)


class _ClaimedOnDisk:
    """Counts claims in a private file of SQLite that is gone when it is closed: a million of them need no memory."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE claims (key TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;"
        )

    def __getitem__(self, key: str, /) -> int:
        row = self._connection.execute("SELECT count FROM claims WHERE key = ?", (key,)).fetchone()
        return int(row[0]) if row else 0

    def update(self, keys: Iterable[str], /) -> None:
        self._connection.executemany(
            "INSERT INTO claims VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1", [(key,) for key in keys]
        )

    def close(self) -> None:
        self._connection.close()
