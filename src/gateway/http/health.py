"""The home of health: whether the process answers, and whether it is ready to serve."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response

from db.errors import DatabaseUnavailableError
from db.server_time import clock_of
from db.writes import writes_of
from gateway.http.responses import ALWAYS
from gateway.operator.database import standing_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.engine import Database
    from resolvers.ports import Clock

Checks = dict[str, str]

LEAVING = "gateway.leaving"
"""Where a server finds, in the state of its lifespan, what it tells that it is about to end."""
_AHEAD = "newer than this version"
"""No reason to send requests elsewhere: else `gateway migrate` would take every process out of service at once."""
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No version of the gateway is older: a clock before it is not set."""
_FARTHEST = timedelta(seconds=5)
"""Between our clock and the database's; the round trip counts as well."""
_UNKNOWN = {"database": "unavailable", "writes": "unknown", "migrations": "unknown", "clock": "unknown"}


def alive() -> Response:
    """Answer that the process answers."""
    return _response({"status": "ok"}, 200)


@dataclass(slots=True)
class Readiness:
    """Whether what *opened* returns is there, answers, takes writes, is migrated, and agrees with *clock* on the time.

    However many ask: one look at a time, at most one every *kept* seconds, waited for at most *patience* seconds.
    """

    opened: Callable[[], Database | None]
    clock: Clock
    patience: float = 2.0
    kept: float = 1.0
    serves: Callable[[], bool] = lambda: True
    """Whether requests are answered: what begins once the database is there takes a moment."""
    _look: asyncio.Task[Checks] | None = None
    _began: float = 0.0
    _is_leaving: bool = False

    def leave(self) -> None:
        """Be ready no more: the process is about to end, and whoever sends it requests shall send them elsewhere."""
        self._is_leaving = True

    async def answer(self) -> Response:
        """Answer 200 where nothing stands against sending requests, else 503; the body says what is not ok."""
        checks = await self._checks()
        if self._is_leaving or not self.serves():
            checks = checks | {"process": "stopping" if self._is_leaving else "starting"}
        ready = set(checks.values()) <= {"ok", _AHEAD}
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
        if (database := self.opened()) is None:
            return _UNKNOWN
        try:
            standing, theirs = await standing_of(database), await clock_of(database)
            writes = await writes_of(database)
        except DatabaseUnavailableError:
            return _UNKNOWN
        except Exception:  # noqa: BLE001 - whatever a broken database raises; its text stays with us
            return _UNKNOWN | {"database": "broken"}
        migrations = "pending" if standing.lacking else _AHEAD if standing.is_newer else "ok"
        return {"database": "ok", "writes": writes, "migrations": migrations, "clock": self._clock(theirs)}

    def _clock(self, theirs: datetime | None) -> str:
        ours = self.clock.now()
        if ours < _EARLIEST:
            return "not set"
        return "ok" if theirs is None or abs(ours - theirs) <= _FARTHEST else "differs from the database's"


def _response(body: object, status: int) -> Response:
    return Response(orjson.dumps(body), status, ALWAYS, "application/json")
