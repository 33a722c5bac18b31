"""The home of senders that are killed: forks one, with everything imported, for each line that it reads."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from db.engine import open_database
from gateway.mail.rendering import render
from gateway.mail.sender import Sender
from gateway.mail.smtp import SmtpMailer
from gateway.operator.smtp_url import parse_smtp_url
from tests.fire.world import KEYS, UNLIMITED

SENDER = "shop@corp.com"


@dataclass(frozen=True, slots=True)
class HurryingClock:
    """Runs *speed* times as fast as the machine's since it *began*: else a lease would take a minute."""

    began: float
    speed: float

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.began, UTC) + timedelta(seconds=(time.time() - self.began) * self.speed)


async def send(url: str, smtp_url: str, clock: HurryingClock) -> None:
    """Send until killed."""
    database = await open_database(url)
    sender = Sender(
        database=database,
        mailer=SmtpMailer(parse_smtp_url(smtp_url), "gateway.corp.com"),
        clock=clock,
        keys=KEYS,
        render=lambda letter: render(letter, SENDER),
        ceiling=UNLIMITED.mails_per_network,
        poll_seconds=0.02,
        prolong_seconds=20 / clock.speed,
    )
    await sender.run(asyncio.Event())


def main(url: str, smtp_url: str, began: str, speed: str) -> None:
    """Fork a sender for each line, and print its process id."""
    logging.disable()  # outages are what it is about
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for _line in sys.stdin:
        if (pid := os.fork()) == 0:
            asyncio.run(send(url, smtp_url, HurryingClock(float(began), float(speed))))
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
