"""The home of one try to deliver a mail that was claimed: its lease, its doubt, and the note of what has become of it.

Whatever ends a try, a mail is handed over at most as often as is counted before; and while the mail server is waited
for, nobody else tries.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from db.enums import MailState
from db.errors import DatabaseUnavailableError
from gateway.mail.mailer import MailInDoubtError, MailRefusedError, MailUnavailableError
from resolvers.mails import allowance, outbox
from resolvers.mails.composition import KeyGoneError, compose

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from email.message import EmailMessage

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database
    from gateway.mail.mailer import Mailer
    from resolvers.mails.composition import Keys
    from resolvers.mails.letter import Letter
    from resolvers.mails.outbox import ClaimedMail
    from resolvers.ports import Clock

_log = logging.getLogger(__name__)

_NOTING_AGAIN_SECONDS: Final = (0.5, 1.0, 2.0, *(4.0,) * 150)
"""For ten minutes: what was delivered and not noted would be sent twice."""
_PROLONGING_AGAIN: Final = 0.25
"""Of the time between, after an outage of the database."""
_PROLONG_SECONDS: Final = 20.0
"""Twice within a lease there is time to fail, and clocks may be some seconds apart."""
_SAID: Final = {
    MailState.QUEUED: (logging.WARNING, "mail %s was postponed: %s"),
    MailState.GIVEN_UP: (logging.ERROR, "mail %s was given up: %s"),
    MailState.UNKNOWN: (logging.ERROR, "mail %s may have arrived or not, and is not tried again: %s"),
}


class _ClaimLostError(Exception):
    """The mail has ended, or is somebody else's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """Delivers mails that were claimed, by *mailer*."""

    database: Database
    mailer: Mailer
    clock: Clock
    keys: Keys
    render: Callable[[Letter], EmailMessage]
    ceiling: int
    """How many mails a channel sends in an hour."""
    prolong_seconds: float = _PROLONG_SECONDS

    async def deliver(self, claimed: ClaimedMail) -> None:
        """Try once, and note what has become of the mail. Raises `DatabaseUnavailableError`."""
        await _Try(self, claimed).make()


class _Try:
    """A try of *courier* at a mail that was *claimed*."""

    def __init__(self, courier: Courier, claimed: ClaimedMail) -> None:
        """Try nothing yet."""
        self._courier, self._claimed = courier, claimed
        self._was_handed_over = False

    async def make(self) -> None:
        """Deliver the mail and note what has become of it. Raises `DatabaseUnavailableError`."""
        try:
            await self._make()
        except (DatabaseUnavailableError, asyncio.CancelledError):
            if self._was_handed_over:
                _log.error("mail %s was handed over, and can't be noted: it may arrive twice", self._claimed.id)
            raise

    async def _make(self) -> None:
        if self._claimed.doubts >= outbox.MOST_DOUBTS:
            await self._note(outbox.leave_in_doubt, "each sender was ended before it learnt more")
            return
        try:
            if letter := await self._composed():
                async with self._prolonged():
                    message = self._courier.render(letter)
                    await self._courier.mailer.deliver(message, letter.receiver, self._hand_over)
                await self._note(outbox.sent)
        except _ClaimLostError:
            _log.warning("mail %s is not handed over: it was dropped, or another sender has it", self._claimed.id)
            await self._give_back()
        except MailRefusedError as refusal:
            await self._note(outbox.give_up, str(refusal))
        except KeyGoneError:
            await self._note(outbox.give_up, "the secret key of its token is gone")
        except MailUnavailableError as problem:
            await self._note(outbox.postpone, str(problem))
        except MailInDoubtError as doubt:
            await self._note(outbox.leave_in_doubt, str(doubt))
        except DatabaseUnavailableError:
            raise
        except Exception as failure:  # noqa: BLE001 - see below
            # A bug in one mail must not stop the others. Its text may hold an address.
            _log.exception("mail %s can't be written", self._claimed.id)
            what = outbox.leave_in_doubt if self._was_handed_over else outbox.postpone
            await self._note(what, type(failure).__name__)

    async def _composed(self) -> Letter | None:
        courier = self._courier
        async with courier.database.unit_of_work() as session:
            letter = await compose(session, self._claimed.id, courier.keys, courier.clock.now())
            if letter is None:
                await self._unused(session)
        return letter

    async def _hand_over(self) -> None:
        courier = self._courier
        async with courier.database.unit_of_work() as session:
            is_ours = await outbox.doubt(session, self._claimed, courier.clock.now())
        if not is_ours:
            raise _ClaimLostError
        self._was_handed_over = True

    @asynccontextmanager
    async def _prolonged(self) -> AsyncIterator[None]:
        """Keep the lease meanwhile: whoever dies loses it within a minute, whoever waits does not."""
        is_over = asyncio.Event()
        prolonging = asyncio.create_task(self._prolong(is_over))
        try:
            yield
        finally:
            # Not cancelled: a connection of SQLite may not outlive that.
            is_over.set()
            await asyncio.wait({prolonging})

    async def _prolong(self, is_over: asyncio.Event) -> None:
        courier, pause, is_ours = self._courier, self._courier.prolong_seconds, True
        while is_ours:
            with suppress(TimeoutError):
                await asyncio.wait_for(is_over.wait(), pause)
                return
            pause = courier.prolong_seconds
            try:
                async with courier.database.unit_of_work() as session:
                    is_ours = await outbox.prolong(session, self._claimed, courier.clock.now())
            except Exception as failure:  # noqa: BLE001 - whatever it is, the answer is still worth waiting for
                pause *= _PROLONGING_AGAIN
                _log.warning("mail %s can't be kept from other senders: %s", self._claimed.id, type(failure).__name__)
        _log.warning("mail %s was dropped, or another sender has it: it may arrive twice", self._claimed.id)

    async def _note(self, change: Callable[..., Awaitable[MailState]], *problem: str) -> None:
        state = await self._written_again(change, *problem)
        if state in _SAID:
            level, text = _SAID[state]
            _log.log(level, text, self._claimed.id, *problem)

    async def _written_again(self, change: Callable[..., Awaitable[MailState]], *problem: str) -> MailState:
        for pause in _NOTING_AGAIN_SECONDS:
            with suppress(DatabaseUnavailableError):
                return await self._written(change, *problem)
            await asyncio.sleep(pause)
        return await self._written(change, *problem)

    async def _written(self, change: Callable[..., Awaitable[MailState]], *problem: str) -> MailState:
        courier = self._courier
        async with courier.database.unit_of_work() as session:
            state = await change(session, self._claimed, courier.clock.now(), *problem)
            if not self._was_handed_over:
                await self._unused(session)
        return state

    async def _give_back(self) -> None:
        async with self._courier.database.unit_of_work() as session:
            await self._unused(session)

    async def _unused(self, session: AsyncSession) -> None:
        """Give back what the claim has used of the channel's allowance."""
        courier = self._courier
        await allowance.give_back(session, self._claimed.channel_id, courier.clock.now(), courier.ceiling)
