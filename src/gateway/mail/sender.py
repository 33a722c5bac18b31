"""The home of the sender: claims mails of the outbox, delivers them, and notes what has become of them.

Never lost: what a crash leaves is claimed again once its lease ends. Twice only where the crash fell between the mail
server's 250 and our commit, and then the same mail: its Message-ID and token are made of its row.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from db.enums import MailState
from db.errors import DatabaseUnavailableError
from gateway.mail.mailer import MailRefusedError, MailUnavailableError
from resolvers.mails import outbox
from resolvers.mails.composing import KeyGoneError, compose

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from db.engine import Database
    from gateway.mail.mailer import Mailer
    from resolvers.mails.composing import Keys
    from resolvers.mails.letter import Letter
    from resolvers.mails.outbox import Claim
    from resolvers.ports import Clock

_log = logging.getLogger(__name__)

_AT_ONCE = 4
"""Each needs a connection for a moment, and requests need them, too."""
_POLL_SECONDS = 1.0
_OUTAGE_SECONDS = 5.0
_NOTING_AGAIN_SECONDS = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends what is due, by *mailer*."""

    database: Database
    mailer: Mailer
    clock: Clock
    keys: Keys
    render: Callable[[Letter], EmailMessage]
    poll_seconds: float = _POLL_SECONDS

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until *stopping*; what was begun is finished first."""
        while not stopping.is_set():
            try:
                pause = 0.0 if await self.send_due() else self.poll_seconds
            except DatabaseUnavailableError:
                pause = _OUTAGE_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), pause)

    async def send_due(self) -> int:
        """Send the mails that are due, some at a time; return how many these were."""
        if not await outbox.are_due(self.database, self.clock.now()):
            return 0
        async with self.database.unit_of_work() as session:
            claims = await outbox.claim(session, self.clock.now(), _AT_ONCE)
        for failure in await asyncio.gather(*map(self._send, claims), return_exceptions=True):
            if failure is not None:
                raise failure
        return len(claims)

    async def _send(self, claimed: Claim) -> None:
        try:
            async with self.database.unit_of_work() as session:
                letter = await compose(session, claimed.id, self.keys, self.clock.now())
            if letter is None:
                return
            await self.mailer.deliver(self.render(letter), letter.receiver)
        except MailRefusedError as refusal:
            await self._end(claimed, MailState.GIVEN_UP, str(refusal))
        except KeyGoneError:
            await self._end(claimed, MailState.GIVEN_UP, "the secret key of its token is gone")
        except MailUnavailableError as problem:
            await self._postpone(claimed, str(problem))
        except DatabaseUnavailableError:
            raise
        except Exception as failure:  # noqa: BLE001 - see below
            # A bug in one mail must not stop the others. Its text may hold an address.
            _log.exception("mail %s can't be written", claimed.id)
            await self._postpone(claimed, type(failure).__name__)
        else:
            await self._end(claimed, MailState.SENT)

    async def _end(self, claimed: Claim, state: MailState, problem: str | None = None) -> None:
        # Again and again within the lease: what was delivered and not noted would be sent twice.
        for pause in (*_NOTING_AGAIN_SECONDS, None):
            try:
                async with self.database.unit_of_work() as session:
                    await outbox.end(session, claimed.id, state, self.clock.now(), problem)
                break
            except DatabaseUnavailableError:
                if pause is None:
                    raise
                await asyncio.sleep(pause)
        if state is MailState.GIVEN_UP:
            _log.error("mail %s was given up: %s", claimed.id, problem)

    async def _postpone(self, claimed: Claim, problem: str) -> None:
        async with self.database.unit_of_work() as session:
            given_up = await outbox.postpone(session, claimed, self.clock.now(), problem)
        level = logging.ERROR if given_up else logging.WARNING
        _log.log(level, "mail %s was %s: %s", claimed.id, "given up" if given_up else "postponed", problem)
