"""The home of the figure of a mail server that takes mails, and answers late or never."""

from __future__ import annotations

import asyncio
import email
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from db.enums import MailState
from db.models import Mail
from gateway.mail.rendering import render
from gateway.mail.sender import Sender
from gateway.mail.smtp import SmtpMailer
from gateway.operator.smtp_url import parse_smtp_url
from resolvers.mails.outbox import LEASE
from tests.fire.controls import Control
from tests.fire.figures import Finding, Size, figure
from tests.fire.mail_server import MailServer, a_mail_server
from tests.fire.post import FROM
from tests.fire.world import KEYS, PAGE, UNLIMITED, World, a_world

AT_ONCE = 4
MOST_TIMES = 3
STEP_SECONDS = 1.0
"""How long a server is waited for at each step but the last."""
LATE_SECONDS = STEP_SECONDS + 0.3
TICK = timedelta(seconds=30)
TICKS = 18
PATIENCE_SECONDS = 10.0
HOURS = 3 * 24


class Outcome(NamedTuple):
    """How often each of some mails has arrived, and what the outbox says of them."""

    times: list[int]
    states: dict[str, int]


@dataclass
class Office:
    """Two senders of a world, and the mail server."""

    world: World
    server: MailServer
    asked: int = 0

    def sender(self, at: int, *, answer_seconds: float = 600.0) -> Sender:
        """Return the sender of a replica."""
        mailer = SmtpMailer(parse_smtp_url(self.server.url), "gateway.corp.com", STEP_SECONDS, answer_seconds)
        return Sender(
            database=self.world.replicas[at].database,
            mailer=mailer,
            clock=self.world.clock,
            keys=KEYS,
            render=lambda letter: render(letter, FROM),
            ceiling=UNLIMITED.mails_per_network,
            prolong_seconds=0.02,
        )

    async def ask(self, mails: int) -> None:
        """Have mails written, and forget those that have arrived before."""
        self.server.received.clear()
        for _ in range(mails):
            self.asked += 1
            address = f"user{self.asked}@corp.com"
            await self.world.registered(address)
            await self.world.gateway.do("startPasswordReset", emailAddress=address, confirmationBaseUrl=PAGE)

    async def send(self, at: int = 0, *, answer_seconds: float = 600.0) -> None:
        """Send all that is due."""
        while await self.sender(at, answer_seconds=answer_seconds).send_due():
            pass

    async def outcome(self, mails: int) -> Outcome:
        """Return what has become of the newest mails."""
        times = Counter(email.message_from_bytes(text)["Message-ID"] for _to, text in self.server.received)
        newest = sorted(await self.world.rows(Mail), key=lambda mail: mail.id)[-mails:]
        return Outcome(
            sorted(times.values()), {str(state): n for state, n in Counter(mail.state for mail in newest).items()}
        )


@figure(25, "a mail server that answers late gets a mail once; one that never does three times, and then it is told")
async def late_answers(url: str, size: Size) -> Finding:
    """Keep senders waiting for nine minutes and for ever, and hang up on them."""
    mails = size.of(AT_ONCE, 2)
    async with a_world(url) as world, a_mail_server() as server:
        office = Office(world, server)
        found = {
            "answered after nine minutes": await _late(office, mails),
            "hung up on once": await _hung_up_on(office, mails),
            "never answered": await _never(office, mails),
        }
    expected = {
        "answered after nine minutes": Outcome([1] * mails, {MailState.SENT: mails}),
        "hung up on once": Outcome([2] * mails, {MailState.SENT: mails}),
        "never answered": Outcome([MOST_TIMES] * mails, {MailState.UNKNOWN: mails}),
    }
    told = {how: f"{mails} {how} arrived {outcome.times} times: {outcome.states}" for how, outcome in found.items()}
    return Finding("; ".join(told.values()), tuple(told[how] for how in found if found[how] != expected[how]))


async def _late(office: Office, mails: int) -> Outcome:
    """Answer after nine minutes of leases, in which another sender tries all the time."""
    office.server.answer = asyncio.Event()
    await office.ask(mails)
    waiting = asyncio.create_task(office.send(0))
    await _until(lambda: _are_taken(office, mails))
    await asyncio.sleep(LATE_SECONDS)
    missed, others = 0, [waiting]
    for _ in range(TICKS):
        office.world.clock.move(TICK)
        missed = 0 if await _until(lambda: _are_prolonged(office)) else missed + 1
        others.append(asyncio.create_task(office.send(1)))
        await asyncio.wait(others[-1:], timeout=PATIENCE_SECONDS)
        if missed * TICK >= LEASE:
            break
    office.server.answer.set()
    await asyncio.gather(*others)
    office.world.clock.move(timedelta(hours=1))
    await office.send(1)
    return await office.outcome(mails)


async def _hung_up_on(office: Office, mails: int) -> Outcome:
    office.server.hangs_up = mails
    await office.ask(mails)
    for _ in range(2):
        await office.send()
        office.world.clock.move(timedelta(hours=1))
    return await office.outcome(mails)


async def _never(office: Office, mails: int) -> Outcome:
    """Try for three days at a server that takes everything, and says nothing."""
    office.server.answer = asyncio.Event()
    await office.ask(mails)
    for _ in range(HOURS):
        await office.send(answer_seconds=0.1)
        office.world.clock.move(timedelta(hours=1))
    office.server.answer.set()
    return await office.outcome(mails)


async def _are_taken(office: Office, mails: int) -> bool:
    return len(office.server.received) >= mails


async def _are_prolonged(office: Office) -> bool:
    until = office.world.clock.now() + LEASE
    return all(mail.due_at == until for mail in await office.world.rows(Mail) if mail.state is MailState.QUEUED)


async def _until(reached: Callable[[], Awaitable[bool]]) -> bool:
    """Wait; tell whether it came about."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not await reached():
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.01)
    return True


CONTROLS = (
    Control(
        25,
        "an answer is waited for no longer than all else",
        "read_response(timeout=self.answer_seconds)",
        "read_response(timeout=self.step_seconds)",
        "answered after nine minutes arrived [2",
    ),
    Control(
        25,
        "unknown is not done",
        "await self._note(outbox.leave_in_doubt, str(doubt))",
        "await self._note(outbox.postpone, str(doubt))",
        "never answered arrived [33",
    ),
    Control(
        25,
        "a lease is not prolonged",
        "is_ours = await outbox.prolong(session, self._claimed, courier.clock.now())",
        "is_ours = True",
        "answered after nine minutes arrived [2",
    ),
)
