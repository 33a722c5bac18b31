"""The home of the sender: claims mails of the outbox, of each channel in turn and the urgent ones first, to send them.

Never lost: what a crash leaves is claimed again once its lease ends. Twice only where nobody learnt that a mail server
had taken it, and then the same mail: its Message-ID and token are made of its row.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from db.errors import DatabaseUnavailableError
from gateway.mail.delivery import Courier
from gateway.mail.hands import AT_ONCE, Hands
from resolvers.mails import allowance, outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resolvers.mails.outbox import ClaimedMail

_log = logging.getLogger(__name__)

_POLL_SECONDS: Final = 1.0
_OUTAGE_SECONDS: Final = 5.0
_BY_AGE: Final = 4
"""In each such turn urgency does not count, so that what is not urgent goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender(Courier):
    """Sends what is due."""

    poll_seconds: float = _POLL_SECONDS

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until *stopping*; what was begun is finished first."""
        turns = itertools.count()
        async with Hands() as hands:
            while not stopping.is_set():
                if not hands.are_free:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(hands.some_free(), self.poll_seconds)
                    continue
                try:
                    claims = await self._claim(hands.free, next(turns))
                    pause = 0.0 if claims else self.poll_seconds
                except DatabaseUnavailableError:
                    claims, pause = [], _OUTAGE_SECONDS
                for claimed in claims:
                    hands.begin(self._send(claimed))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), pause)

    async def send_due(self) -> int:
        """Send some of the mails that are due, to their end; return how many these were."""
        claims = await self._claim(AT_ONCE, 0)
        for failure in await asyncio.gather(*(self.deliver(each) for each in claims), return_exceptions=True):
            if failure is not None:
                raise failure
        return len(claims)

    async def _send(self, claimed: ClaimedMail) -> None:
        try:
            await self.deliver(claimed)
        except DatabaseUnavailableError:
            _log.warning("mail %s is tried again: the database does not answer", claimed.id)
        except Exception:  # noqa: BLE001 - the boundary at which bugs are logged
            _log.exception("mail %s is tried again", claimed.id)

    async def _claim(self, most: int, turn: int) -> list[ClaimedMail]:
        """Claim mails of the channels that have some, as many of each, beginning with another one in each turn."""
        due = await outbox.due(self.database, self.clock.now(), self.ceiling)
        for channel_id in due.alarming:
            await self._alarm(channel_id)
        claims: list[ClaimedMail] = []
        for at, channel_id in enumerate(_from(due.ready, turn)):
            if fair := math.ceil((most - len(claims)) / (len(due.ready) - at)):
                claims += await self._claim_of(channel_id, fair, by_age=turn % _BY_AGE == _BY_AGE - 1)
        return claims

    async def _claim_of(self, channel_id: str, most: int, *, by_age: bool) -> Sequence[ClaimedMail]:
        now = self.clock.now()
        async with self.database.unit_of_work() as session:
            used = await allowance.used_until(session, channel_id, now)
            most = min(most, allowance.room(used, now, self.ceiling))
            claims = await outbox.claim(session, now, most, channel_id=channel_id, by_age=by_age)
            await allowance.use(session, channel_id, used + len(claims) * allowance.share(self.ceiling))
        return claims

    async def _alarm(self, channel_id: str) -> None:
        async with self.database.unit_of_work() as session:
            code = await allowance.alarm(session, channel_id, self.clock.now())
        if code is not None:
            _log.error("mails of channel %s wait: GATEWAY_MAILS_PER_CHANNEL allows %d an hour", code, self.ceiling)


def _from(channels: list[str], turn: int) -> list[str]:
    first = turn % len(channels) if channels else 0
    return channels[first:] + channels[:first]
