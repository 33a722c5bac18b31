"""The home of checkpoints: how far a file has come, written together with the rows that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from db.journal import Import
from gateway.importing.entries import START, Position
from gateway.operator.settings import OperatorError
from resolvers.orders.rules import RecordedOrder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from gateway.importing.entries import Entry
    from gateway.importing.job import Kind


_BUSY = "Another process imports the same file. Let it finish, or stop it and run this again with --resume."


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a file is done with, how many of its records came in, and how long the report of the others is."""

    position: Position = START
    imported: int = 0
    refused: int = 0
    report_length: int = 0
    known: int = 0
    """Records that were in already."""
    unchecked: int = 0
    """Orders that came in without a total."""

    def after(self, batch: Sequence[Entry], good: Sequence[object], refused: int, report_length: int) -> Progress:
        """Return how far the file has come after *batch*, of which the *good* records came in and so many did not."""
        return Progress(
            batch[-1].end,
            self.imported + len(good),
            self.refused + refused,
            report_length,
            self.known + len(batch) - len(good) - refused,
            self.unchecked + sum(isinstance(record, RecordedOrder) and record.is_unchecked for record in good),
        )

    @property
    def records(self) -> int:
        """How many of the records of the file are done with."""
        return self.imported + self.refused + self.known


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The checkpoint of one file in one channel."""

    channel_id: str
    kind: Kind
    sha256: bytes

    async def found(self, session: AsyncSession) -> Import | None:
        """Return what is remembered of the file."""
        return await session.get(Import, (self.channel_id, self.kind.value, self.sha256))

    async def begin(self, session: AsyncSession, now: datetime) -> None:
        """Remember that the file is being imported. Raises `OperatorError` if somebody else just did."""
        session.add(
            Import(channel_id=self.channel_id, kind=self.kind.value, sha256=self.sha256, started_at=now, updated_at=now)
        )
        try:
            await session.flush()
        except IntegrityError:
            raise OperatorError(_BUSY) from None

    async def begin_again(self, session: AsyncSession, finished: Import, now: datetime) -> None:
        """Begin a file anew that is *finished*: what was refused may be good now."""
        again = _columns(Progress())
        await self._set(session, progress_of(finished), **again, started_at=now, updated_at=now, finished_at=None)

    async def advance(self, session: AsyncSession, before: Progress, after: Progress, now: datetime) -> None:
        """Go from *before* to *after*. Raises `OperatorError` if somebody else did: the rows would come twice."""
        await self._set(session, before, **_columns(after), updated_at=now)

    async def finish(self, session: AsyncSession, at: Progress, now: datetime) -> None:
        """Remember that nothing of the file is left."""
        await self._set(session, at, finished_at=now, updated_at=now)

    async def _set(self, session: AsyncSession, before: Progress, **values: object) -> None:
        moved = await session.exec(
            sa.update(Import)
            .where(
                col(Import.channel_id) == self.channel_id,
                col(Import.kind) == self.kind.value,
                col(Import.sha256) == self.sha256,
                col(Import.position) == before.position.offset,
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if moved.rowcount != 1:
            raise OperatorError(_BUSY)


def _columns(progress: Progress) -> dict[str, object]:
    """Return what is remembered of *progress*."""
    return {
        "position": progress.position.offset,
        "lines": progress.position.lines,
        "imported": progress.imported,
        "refused": progress.refused,
        "report_length": progress.report_length,
        "known": progress.known,
        "unchecked": progress.unchecked,
    }


def progress_of(remembered: Import) -> Progress:
    """Return how far the file had come."""
    return Progress(
        Position(remembered.position, remembered.lines),
        remembered.imported,
        remembered.refused,
        remembered.report_length,
        remembered.known,
        remembered.unchecked,
    )
