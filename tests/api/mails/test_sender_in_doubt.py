"""Unknown is not "not done": what may have been taken is sent three times at most, and by one sender at a time."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from db import models
from db.engine import Database
from db.enums import MailKind, MailState
from gateway.mail.mailer import MailInDoubtError, MailRefusedError, MailUnavailableError
from tests.api.mails.outgoing import put, the_mail
from tests.api.mails.sending import RecordingMailer, a_notice, a_sender, a_shop_of_hans, states
from tests.api.mails.test_sender_goes_on import Failing, until
from tests.api.services import change
from tests.api.signing_in import HANS

if TYPE_CHECKING:
    from gateway.mail.sender import Sender
    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio


class Silent(RecordingMailer):
    """Hands everything over, and learns nothing."""

    handed_over = 0

    async def learns_nothing(self) -> None:
        self.handed_over += 1
        raise MailInDoubtError("TimeoutError")  # noqa: EM101 - as mailers do


def a_silent_mailer() -> Silent:
    mailer = Silent()
    mailer.meanwhile = mailer.learns_nothing
    return mailer


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno == logging.ERROR]


async def for_days(shop: Shop, sender: Sender, days: int = 3) -> None:
    """Send whatever is due, all the time."""
    for _ in range(days * 24):
        while await sender.send_due():
            pass
        shop.advance(hours=1)


async def test_a_mail_whose_outcome_stays_unknown_is_handed_over_three_times_and_told(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    shop, mailer = await a_shop_of_hans(database), a_silent_mailer()
    mail_id = await a_notice(shop)

    await for_days(shop, a_sender(shop, mailer))

    mail = await the_mail(database, mail_id)
    assert mailer.handed_over == 3
    assert (mail.state, mail.problem, mail.tries) == (MailState.UNKNOWN, "TimeoutError", 3)
    assert errors(caplog) == [f"mail {mail_id} may have arrived or not, and is not tried again: TimeoutError"]


async def test_a_sender_that_dies_after_handing_over_is_counted_too(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    mail_id = await a_notice(shop)
    handed_over = []

    async def die() -> None:
        handed_over.append(True)
        raise asyncio.CancelledError

    mailer.meanwhile = die
    for _ in range(3):
        with pytest.raises(asyncio.CancelledError):
            await a_sender(shop, mailer).send_due()
        shop.advance(seconds=60)
    await for_days(shop, a_sender(shop, mailer))

    assert len(handed_over) == 3
    assert (await the_mail(database, mail_id)).state is MailState.UNKNOWN
    assert len(errors(caplog)) == 4


async def test_a_sender_that_dies_before_it_hands_over_has_another_send_the_mail(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    await a_notice(shop)

    async def die() -> None:
        raise asyncio.CancelledError

    mailer.before = die
    for _ in range(5):
        with pytest.raises(asyncio.CancelledError):
            await a_sender(shop, mailer).send_due()
        shop.advance(seconds=60)
    mailer.before = None
    await a_sender(shop, mailer).send_due()

    assert mailer.receivers == [HANS]
    assert await states(database) == [MailState.SENT]


@pytest.mark.parametrize("problem", [MailUnavailableError("451"), MailRefusedError("552")], ids=["later", "never"])
async def test_what_the_server_says_of_a_mail_ends_all_doubt(database: Database, problem: Exception) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer({HANS: problem})
    mail_id = await a_notice(shop)

    for _ in range(5):
        await a_sender(shop, mailer).send_due()
        shop.advance(hours=1)

    mail = await the_mail(database, mail_id)
    assert (mail.doubts > 0, mail.state) in {(False, MailState.QUEUED), (True, MailState.GIVEN_UP)}


async def test_a_bug_after_handing_over_leaves_the_mail_in_doubt(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer({HANS: ZeroDivisionError(HANS)})
    mail_id = await a_notice(shop)

    await a_sender(shop, mailer).send_due()

    mail = await the_mail(database, mail_id)
    assert (mail.doubts, mail.problem) == (1, "ZeroDivisionError")
    assert mail.due_at == shop.context.clock.now() + timedelta(minutes=10)


async def test_who_has_lost_a_mail_to_another_sender_does_not_hand_it_over(database: Database) -> None:
    shop, mailer, other = await a_shop_of_hans(database), RecordingMailer(), RecordingMailer()
    await a_notice(shop)

    async def be_suspended() -> None:
        shop.advance(seconds=60)
        await a_sender(shop, other).send_due()

    mailer.before = be_suspended
    await a_sender(shop, mailer).send_due()

    assert (mailer.receivers, other.receivers) == ([], [HANS])
    assert await states(database) == [MailState.SENT]


async def test_what_can_not_be_counted_is_not_handed_over(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    failing = Failing(database)
    await a_notice(shop)

    async def outage() -> None:
        failing.is_away = True

    mailer.before = outage
    sender, stopping = a_sender(shop, mailer, database=failing), asyncio.Event()
    running = asyncio.create_task(sender.run(stopping))

    async def is_away() -> bool:
        return failing.is_away

    await until(is_away)
    stopping.set()
    await running

    assert mailer.delivered == []
    assert await states(database) == [MailState.QUEUED]


async def test_a_mail_that_a_server_takes_its_time_for_is_nobody_elses(database: Database) -> None:
    shop, mailer, other = await a_shop_of_hans(database), RecordingMailer(), RecordingMailer()
    mail_id = await a_notice(shop)

    async def nine_minutes() -> None:
        for _ in range(18):
            shop.advance(seconds=30)

            async def is_prolonged() -> bool:
                return (await the_mail(database, mail_id)).due_at == shop.context.clock.now() + timedelta(seconds=60)

            await until(is_prolonged)
            await a_sender(shop, other).send_due()

    mailer.meanwhile = nine_minutes
    await a_sender(shop, mailer, prolong_seconds=0.01).send_due()

    assert (mailer.receivers, other.receivers) == ([HANS], [])
    mail = await the_mail(database, mail_id)
    assert (mail.state, mail.tries) == (MailState.SENT, 1)


async def test_a_lease_that_can_not_be_prolonged_is_told_and_prolonged_as_soon_as_it_can(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    failing = Failing(database)
    mail_id = await a_notice(shop)

    async def outage() -> None:
        failing.is_away, asked = True, failing.asked

        async def has_failed() -> bool:
            return failing.asked > asked + 1

        await until(has_failed)
        failing.is_away = False
        shop.advance(seconds=30)

        async def is_prolonged() -> bool:
            return (await the_mail(database, mail_id)).due_at == shop.context.clock.now() + timedelta(seconds=60)

        await until(is_prolonged)

    mailer.meanwhile = outage
    await a_sender(shop, mailer, database=failing, prolong_seconds=0.01).send_due()

    told = f"mail {mail_id} can't be kept from other senders: DatabaseUnavailableError"
    assert told in caplog.messages
    assert await states(database) == [MailState.SENT]


async def test_a_mail_that_somebody_else_has_by_now_is_told_and_its_answer_is_noted(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    mail_id = await a_notice(shop)

    async def lose_it() -> None:
        await change(database, models.Mail, mail_id, tries=2)  # as who claims it does

        async def is_told() -> bool:
            return f"mail {mail_id} was dropped, or another sender has it: it may arrive twice" in caplog.messages

        await until(is_told)

    mailer.meanwhile = lose_it
    await a_sender(shop, mailer, prolong_seconds=0.01).send_due()

    assert mailer.receivers == [HANS]
    assert await states(database) == [MailState.SENT]


async def test_a_mail_that_is_waited_for_keeps_no_other_one_waiting(database: Database) -> None:
    shop, stopping = await a_shop_of_hans(database), asyncio.Event()
    answer = asyncio.Event()
    await a_notice(shop, "slow@corp.com")
    for number in range(11):
        await a_notice(shop, f"{number}@corp.com")

    class SlowForOne(RecordingMailer):
        async def deliver(self, message, receiver, hand_over) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - as of the base
            await super().deliver(message, receiver, hand_over)
            if receiver == "slow@corp.com":
                await answer.wait()

    mailer = SlowForOne()
    running = asyncio.create_task(a_sender(shop, mailer).run(stopping))

    async def all_others_are_sent() -> bool:
        return await states(database) == [MailState.QUEUED] + [MailState.SENT] * 11

    await until(all_others_are_sent)
    answer.set()
    stopping.set()
    await asyncio.wait_for(running, 60)
    assert await states(database) == [MailState.SENT] * 12


async def test_who_is_stopped_while_it_waits_leaves_the_mail_in_doubt_once(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    shop, stopping = await a_shop_of_hans(database), asyncio.Event()
    mail_id = await a_notice(shop)
    is_waiting = asyncio.Event()

    async def wait() -> None:
        is_waiting.set()
        await asyncio.sleep(600)

    running = asyncio.create_task(a_sender(shop, RecordingMailer(meanwhile=wait)).run(stopping))
    await asyncio.wait_for(is_waiting.wait(), 60)
    stopping.set()
    await asyncio.sleep(0.05)
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    mail = await the_mail(database, mail_id)
    assert (mail.state, mail.doubts, mail.tries) == (MailState.QUEUED, 1, 1)
    assert errors(caplog) == [f"mail {mail_id} was handed over, and can't be noted: it may arrive twice"]


async def test_what_is_not_urgent_goes_on_beside_a_flood_of_what_is(database: Database) -> None:
    shop, stopping = await a_shop_of_hans(database), asyncio.Event()
    await a_notice(shop)
    for number in range(40):
        await put(shop, MailKind.PASSWORD_RESET, f"nobody{number}@corp.com")
    left: list[int] = []

    async def count() -> None:
        left.append((await states(database)).count(MailState.QUEUED))
        stopping.set()

    await asyncio.wait_for(a_sender(shop, RecordingMailer(meanwhile=count)).run(stopping), 60)

    assert left[0] > 10
