"""The home of health: whether the process answers, and whether it is ready to serve."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response

from db.clock import clock_of
from db.errors import DatabaseUnavailableError
from db.revisions import NewerDatabaseError, after, current
from gateway.responses import ALWAYS

if TYPE_CHECKING:
    from db.engine import Database
    from resolvers.ports import Clock

Checks = dict[str, str]

_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No version of the gateway is older: a clock before it is not set."""
_FARTHEST = timedelta(seconds=5)
"""Between our clock and the database's; the round trip counts as well."""
_UNKNOWN = {"database": "unavailable", "migrations": "unknown", "clock": "unknown"}


def alive() -> Response:
    """Answer that the process answers."""
    return _response({"status": "ok"}, 200)


@dataclass(slots=True)
class Readiness:
    """Whether *database* answers, is migrated, and agrees with *clock* about the time.

    However many ask: one look at a time, at most one every *kept* seconds, waited for at most *patience* seconds.
    """

    database: Database
    clock: Clock
    patience: float = 2.0
    kept: float = 1.0
    _look: asyncio.Task[Checks] | None = None
    _began: float = 0.0

    async def answer(self) -> Response:
        """Answer 200 where everything is ok, else 503; the body says what is not."""
        checks = await self._checks()
        ready = set(checks.values()) == {"ok"}
        return _response({"status": "ok" if ready else "unavailable", "checks": checks}, 200 if ready else 503)

    async def _checks(self) -> Checks:
        look = self._look
        if look is None or (look.done() and monotonic() - self._began > self.kept):
            self._began = monotonic()
            look = self._look = asyncio.create_task(self._looked())
        # Unlike wait_for it leaves the look to the others who wait for it. Meanwhile others may begin the next.
        done, _late = await asyncio.wait({look}, timeout=self.patience)
        return look.result() if done else _UNKNOWN

    async def _looked(self) -> Checks:
        try:
            revision, theirs = await current(self.database), await clock_of(self.database)
        except DatabaseUnavailableError:
            return _UNKNOWN
        except Exception:  # noqa: BLE001 - whatever a broken database raises; its text stays with us
            return _UNKNOWN | {"database": "broken"}
        return {"database": "ok", "migrations": _migrations(revision), "clock": self._clock(theirs)}

    def _clock(self, theirs: datetime | None) -> str:
        ours = self.clock.now()
        if ours < _EARLIEST:
            return "not set"
        return "ok" if theirs is None or abs(ours - theirs) <= _FARTHEST else "differs from the database's"


def _migrations(revision: str | None) -> str:
    try:
        return "pending" if after(revision) else "ok"
    except NewerDatabaseError:
        return "newer than this version"


def _response(body: object, status: int) -> Response:
    return Response(orjson.dumps(body), status, ALWAYS, "application/json")
