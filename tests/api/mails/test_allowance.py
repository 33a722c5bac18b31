"""A channel sends as many mails in an hour as it may: never more, none is lost, and an operator is told."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from db.engine import Database
from db.enums import MailKind, MailState
from gateway.mail.mailer import MailUnavailableError
from resolvers.mails import allowance
from tests.api.mails.outgoing import put
from tests.api.mails.sending import RecordingMailer, a_notice, a_sender, a_shop_of_hans, states
from tests.api.services import a_user
from tests.api.signing_in import HANS, a_shop

if TYPE_CHECKING:
    from datetime import datetime

    from tests.api.signing_in import Shop

pytestmark = pytest.mark.anyio

CEILING = 8


async def room(shop: Shop, ceiling: int = CEILING) -> int:
    now = shop.context.clock.now()
    async with shop.database.unit_of_work() as session:
        return allowance.room(await allowance.used_until(session, shop.context.channel_id, now), now, ceiling)


async def use(shop: Shop, most: int, ceiling: int = CEILING) -> int:
    """Send so many mails, or as many as may be sent."""
    now = shop.context.clock.now()
    async with shop.database.unit_of_work() as session:
        used = await allowance.used_until(session, shop.context.channel_id, now)
        mails = min(most, allowance.room(used, now, ceiling))
        await allowance.use(session, shop.context.channel_id, used + mails * allowance.share(ceiling))
    return mails


async def test_half_of_them_go_at_once_and_the_others_evenly(database: Database) -> None:
    shop = await a_shop(database)

    assert await room(shop) == CEILING // 2
    await use(shop, CEILING // 2)
    assert await room(shop) == 0
    shop.advance(minutes=15, microseconds=-1)
    assert await room(shop) == 0
    shop.advance(microseconds=1)
    assert await room(shop) == 1
    shop.advance(hours=1)
    assert await room(shop) == CEILING // 2


@pytest.mark.parametrize("ceiling", [2, 3, 7, 100])
@pytest.mark.parametrize("step", [1, 7, 600, 3599])
async def test_in_no_hour_are_there_more(database: Database, ceiling: int, step: int) -> None:
    shop = await a_shop(database)
    sent: list[datetime] = []

    for _ in range(12):
        sent += [shop.context.clock.now()] * await use(shop, 1000, ceiling)
        shop.advance(seconds=step)

    assert sent
    hour = timedelta(hours=1)
    assert all(sum(first <= other < first + hour for other in sent) <= ceiling for first in sent)


async def test_who_takes_at_once_takes_no_more(database: Database) -> None:
    shop = await a_shop(database)

    assert sum(await asyncio.gather(*(use(shop, 3) for _ in range(6)))) == CEILING // 2


async def test_what_was_counted_and_not_sent_is_given_back_but_never_more(database: Database) -> None:
    shop = await a_shop(database)
    await use(shop, 4)

    rooms = []
    for _ in range(6):
        async with database.unit_of_work() as session:
            await allowance.give_back(session, shop.context.channel_id, shop.context.clock.now(), CEILING)
        rooms.append(await room(shop))

    assert rooms == [1, 2, 3, 4, 4, 4]


async def test_a_clock_that_was_ahead_stops_nobody(database: Database) -> None:
    shop = await a_shop(database)
    shop.advance(days=300)
    await use(shop, 4)
    shop.advance(days=-300)

    assert await room(shop) == CEILING // 2


async def test_what_exceeds_it_waits_and_is_sent_as_soon_as_there_is_room(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    for number in range(7):
        await a_notice(shop, f"{number}@corp.com")
    sender = a_sender(shop, mailer, ceiling=4)

    counts = []
    for _ in range(7):
        counts.append(await sender.send_due())
        counts.append(await sender.send_due())
        shop.advance(minutes=30)

    assert counts == [2, 0] + [1, 0] * 5 + [0, 0]
    assert mailer.receivers == [f"{number}@corp.com" for number in range(7)]


async def test_what_is_urgent_gets_what_room_there_is_whatever_waits(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    for number in range(9):
        await a_notice(shop, f"{number}@corp.com")
    sender = a_sender(shop, mailer, ceiling=4)
    await sender.send_due()
    await put(shop, MailKind.PASSWORD_RESET)
    shop.advance(minutes=30)

    await sender.send_due()

    assert len(mailer.delivered) == 3
    assert mailer.delivered[-1][0] == HANS


async def test_no_channel_uses_up_what_another_may_send(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    for number in range(9):
        await a_notice(shop, f"{number}@corp.com")
    other = await a_shop(database, code="other")
    await a_user(other.context, HANS)
    sender = a_sender(shop, mailer, ceiling=4)
    while await sender.send_due():
        pass
    await put(other, MailKind.PASSWORD_RESET)

    assert await sender.send_due() == 1

    assert mailer.delivered[-1][0] == HANS


async def test_who_floods_one_channel_keeps_no_other_waiting(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    for number in range(9):
        await put(shop, MailKind.PASSWORD_RESET, f"{number}@corp.com")
    other = await a_shop(database, code="other")
    await a_user(other.context, HANS)
    await put(other, MailKind.REGISTRATION)

    await a_sender(shop, mailer).send_due()

    assert HANS in mailer.receivers


async def test_what_does_not_get_to_the_server_counts_for_nothing(database: Database) -> None:
    shop = await a_shop_of_hans(database)
    for number in range(3):
        await put(shop, MailKind.PASSWORD_RESET, f"nobody{number}@corp.com")
    await a_notice(shop)

    async def away() -> None:
        raise MailUnavailableError("ConnectionRefusedError")  # noqa: EM101 - as mailers do

    while await a_sender(shop, RecordingMailer(before=away), ceiling=CEILING).send_due():
        pass

    assert await states(database) == [MailState.DROPPED] * 3 + [MailState.QUEUED]
    assert await room(shop) == CEILING // 2


async def test_an_operator_is_told_once_an_hour_of_which_channel_and_which_setting(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    for number in range(9):
        await a_notice(shop, f"{number}@corp.com")

    def told() -> list[str]:
        return [record.message for record in caplog.records if record.levelno == logging.ERROR]

    await a_sender(shop, mailer, ceiling=2).send_due()
    assert told() == []
    for _ in range(3):
        await asyncio.gather(*(a_sender(shop, mailer, ceiling=2).send_due() for _ in range(3)))
        shop.advance(minutes=19)
    assert told() == ["mails of channel shop wait: GATEWAY_MAILS_PER_CHANNEL allows 2 an hour"]
    shop.advance(minutes=3)
    await a_sender(shop, mailer, ceiling=2).send_due()
    shop.advance(minutes=1)
    await a_sender(shop, mailer, ceiling=2).send_due()

    assert len(told()) == 2
