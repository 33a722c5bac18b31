"""The home of the figure of the outbox: no mail is lost, whatever is killed and whatever is out of order."""

from __future__ import annotations

import asyncio
import email
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from email.message import Message
from pathlib import Path

from db.enums import MailKind, MailState
from db.models import Mail
from resolvers.context import Context
from resolvers.mails import outbox
from resolvers.rules.email_address import EmailAddress
from tests.fire.figures import Finding, Size, figure, unless
from tests.fire.mail_server import MailServer, a_mail_server
from tests.fire.nursery import HurryingClock
from tests.fire.world import PAGE, World, a_world

SPEED = 60.0
AT_ONCE = 2
OUTAGE_SECONDS = 0.5
LONGEST_SECONDS = 300.0


class _ChangedMindError(Exception):
    """Ends a unit of work after its mail was written."""


@dataclass
class Nursery:
    """Senders that run, by process id."""

    process: asyncio.subprocess.Process
    senders: list[int] = field(default_factory=list)
    kills: int = 0

    async def fork(self) -> None:
        """Start one more sender."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"\n")
        self.senders.append(int(await self.process.stdout.readline()))

    def kill(self) -> None:
        """Kill the sender that has run longest, wherever it is."""
        os.kill(self.senders.pop(0), signal.SIGKILL)
        self.kills += 1


@figure(3, "mails that are never delivered: none; twice only after a kill, and then the same; none without a change")
async def mails(url: str, size: Size) -> Finding:
    """Kill senders again and again, with two outages of the mail server, until nothing waits."""
    kills, each = size.of(60, 8), size.of(10, 5)
    # Its sequence shall be the same in every run, as far as the machine lets it.
    chance = random.Random(3)  # noqa: S311 - an order
    async with a_world(url, replicas=1) as world, a_mail_server(seconds=0.02) as server:
        clock = HurryingClock(time.time(), SPEED)
        world.gateway.context = _at(world, clock)
        async with _nursery(url, server, clock) as nursery:
            for number in range(kills):
                await _put(world, number, each)
                if number in {kills // 3, 2 * kills // 3}:
                    server.stop()
                    await asyncio.sleep(OUTAGE_SECONDS)
                    await server.start()
                await asyncio.sleep(chance.uniform(0.05, 0.25))
                nursery.kill()
                await nursery.fork()
            waiting = await _rest(world)
    return _judged(server, kills * each, nursery.kills, waiting)


def _at(world: World, clock: HurryingClock) -> Context:

    return replace(world.gateway.context, clock=clock)


async def _put(world: World, number: int, each: int) -> None:
    """Have mails written: of users who ask for a reset, and one by a change that does not come about."""
    for at in range(each):
        address = f"user{number}.{at}@corp.com"
        await world.registered(address)
        await world.gateway.do("startPasswordReset", emailAddress=address, confirmationBaseUrl=PAGE)
    context = world.gateway.context
    with suppress(_ChangedMindError):
        async with context.database.unit_of_work() as session:
            ghost = EmailAddress.parse(f"ghost{number}@corp.com")
            now = context.clock.now()
            outbox.put(session, MailKind.PASSWORD_CHANGED, ghost, channel_id=context.channel_id, now=now)
            await session.flush()
            raise _ChangedMindError


async def _rest(world: World) -> int:
    """Wait until nothing waits; return how many mails still do after a long time."""
    until = time.monotonic() + LONGEST_SECONDS
    while True:
        waiting = sum(mail.state is MailState.QUEUED for mail in await world.rows(Mail))
        if not waiting or time.monotonic() > until:
            return waiting
        await asyncio.sleep(0.1)


def _judged(server: MailServer, asked: int, kills: int, waiting: int) -> Finding:
    parsed: list[tuple[str, Message]] = [(to[0], email.message_from_bytes(text)) for to, text in server.received]
    receivers = {to for to, _message in parsed}
    ids = {str(message["Message-ID"]) for _to, message in parsed}
    links = {(str(message["Message-ID"]), _link(message)) for _to, message in parsed}
    duplicates, lost = len(parsed) - len(ids), asked - len(ids)
    told = (
        f"{asked} mails, {kills} senders killed, 2 outages: {lost} never delivered, {duplicates} twice, "
        f"{len(links) - len(ids)} with another token"
    )
    return Finding(
        told,
        unless(lost == 0 and waiting == 0, f"{lost} were never delivered, {waiting} still wait")
        + unless(len(links) == len(ids), "a mail came again with another token")
        + unless(len(receivers) == asked, "somebody got the mail of somebody else")
        # A sender has so many in its hands when it is killed.
        + unless(duplicates <= kills * 4, f"{duplicates} duplicates of {kills} kills")
        + unless(not any(to.startswith("ghost") for to in receivers), "a mail of a change that did not come about"),
    )


def _link(message: Message) -> str:
    [text] = [part for part in message.walk() if part.get_content_type() == "text/plain"]
    body = text.get_payload(decode=True)
    assert isinstance(body, bytes)
    [link] = [line for line in body.decode().splitlines() if line.startswith(PAGE)]
    return link


@asynccontextmanager
async def _nursery(url: str, server: MailServer, clock: HurryingClock) -> AsyncIterator[Nursery]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fire.nursery",
        url,
        server.url,
        str(clock.began),
        str(clock.speed),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    nursery = Nursery(process)
    try:
        for _ in range(AT_ONCE):
            await nursery.fork()
        yield nursery
    finally:
        for pid in nursery.senders:
            os.kill(pid, signal.SIGKILL)
        process.kill()
        await process.wait()
