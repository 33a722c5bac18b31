"""Whatever goes wrong with one mail stops no other."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from db.engine import Database
from db.enums import MailKind, MailState
from gateway.mail.mailer import MailRefusedError, MailUnavailableError
from resolvers.mails.composition import Keys
from tests.api.mails.outgoing import claimed, put, the_mail
from tests.api.services import PASSWORD
from tests.api.signing_in import HANS, NEW_PASSWORD, a_shop, token_of

if TYPE_CHECKING:
    from resolvers.mails.letter import Letter

from tests.api.mails.sending import RecordingMailer, a_notice, a_sender, a_shop_of_hans, states

pytestmark = pytest.mark.anyio


async def test_what_is_due_is_delivered_once(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    mail_id = await a_notice(shop)
    sender = a_sender(shop, mailer)

    assert [await sender.send_due() for _ in range(2)] == [1, 0]

    assert mailer.delivered == [(HANS, "password_changed")]
    mail = await the_mail(database, mail_id)
    assert (mail.state, mail.ended_at, mail.problem) == (MailState.SENT, shop.context.clock.now(), None)


async def test_four_are_sent_at_a_time(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    for number in range(11):
        await a_notice(shop, f"{number}@corp.com")
    sender = a_sender(shop, mailer)

    assert [await sender.send_due() for _ in range(4)] == [4, 4, 3, 0]

    assert mailer.receivers == sorted(f"{number}@corp.com" for number in range(11))


async def test_several_senders_send_each_mail_once(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    for number in range(40):
        await a_notice(shop, f"{number}@corp.com")

    async def work() -> None:
        while await a_sender(shop, mailer).send_due():
            pass

    await asyncio.gather(*(work() for _ in range(4)))

    assert mailer.receivers == sorted(f"{number}@corp.com" for number in range(40))
    assert await states(database) == [MailState.SENT] * 40


async def test_a_mail_that_is_refused_for_good_is_given_up(database: Database) -> None:
    shop = await a_shop_of_hans(database)
    mail_id = await a_notice(shop)
    mailer = RecordingMailer({HANS: MailRefusedError("SMTPRecipientRefused 550")})

    assert [await a_sender(shop, mailer).send_due() for _ in range(2)] == [1, 0]

    mail = await the_mail(database, mail_id)
    assert (mail.state, mail.ended_at, mail.tries) == (MailState.GIVEN_UP, shop.context.clock.now(), 1)
    assert mail.problem == "SMTPRecipientRefused 550"


async def test_a_mail_that_is_not_taken_now_is_tried_again_after_a_while(database: Database) -> None:
    shop = await a_shop_of_hans(database)
    mail_id = await a_notice(shop)
    mailer = RecordingMailer({HANS: MailUnavailableError("ConnectionRefusedError")})
    sender = a_sender(shop, mailer)

    await sender.send_due()

    mail = await the_mail(database, mail_id)
    assert (mail.state, mail.tries, mail.problem) == (MailState.QUEUED, 1, "ConnectionRefusedError")
    assert mail.due_at == shop.context.clock.now() + timedelta(seconds=10)
    mailer.failures.clear()
    assert await sender.send_due() == 0
    shop.advance(seconds=10)
    assert await sender.send_due() == 1
    mail = await the_mail(database, mail_id)
    assert (mail.state, mail.tries, mail.problem) == (MailState.SENT, 2, None)


async def test_a_mail_server_that_is_away_for_a_day_has_its_mails_given_up(database: Database) -> None:
    shop = await a_shop_of_hans(database)
    mail_id = await a_notice(shop)
    mailer = RecordingMailer({HANS: MailUnavailableError("TimeoutError")})

    while (mail := await the_mail(database, mail_id)).state is MailState.QUEUED:
        shop.advance(seconds=max(0, (mail.due_at - shop.context.clock.now()).total_seconds()))
        await a_sender(shop, mailer).send_due()

    assert (mail.state, mail.problem) == (MailState.GIVEN_UP, "TimeoutError")
    assert timedelta(hours=23) < shop.context.clock.now() - mail.created_at < timedelta(hours=25)


async def test_a_bug_in_one_mail_stops_no_other_and_tells_no_address(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    shop = await a_shop_of_hans(database)
    broken, whole = await a_notice(shop), await a_notice(shop, "eva.keller@corp.com")
    mailer = RecordingMailer({HANS: ZeroDivisionError(HANS)})

    with caplog.at_level(logging.WARNING):
        assert await a_sender(shop, mailer).send_due() == 2

    assert mailer.receivers == ["eva.keller@corp.com"]
    mail = await the_mail(database, broken)
    assert (mail.state, mail.problem) == (MailState.QUEUED, "ZeroDivisionError")
    assert (await the_mail(database, whole)).state is MailState.SENT
    assert broken in caplog.messages[0]
    assert not any(HANS in message for message in caplog.messages)


async def test_a_letter_that_can_not_be_put_into_words_is_tried_again(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    mail_id = await a_notice(shop)

    def unwritten(letter: Letter) -> EmailMessage:
        raise KeyError(letter.locale)

    await a_sender(shop, mailer, render=unwritten).send_due()

    mail = await the_mail(database, mail_id)
    assert (mail.state, mail.problem) == (MailState.QUEUED, "KeyError")
    shop.advance(seconds=10)
    await a_sender(shop, mailer).send_due()
    assert mailer.receivers == [HANS]


async def test_a_mail_to_nobody_is_dropped_and_nothing_is_delivered(database: Database) -> None:
    shop, mailer = await a_shop(database), RecordingMailer()
    await put(shop, MailKind.PASSWORD_RESET, "nobody@corp.com")

    assert await a_sender(shop, mailer).send_due() == 1

    assert mailer.delivered == []
    assert await states(database) == [MailState.DROPPED]


async def test_a_mail_whose_key_is_gone_is_given_up(database: Database) -> None:
    shop = await a_shop_of_hans(database)
    mail_id = await put(shop, MailKind.PASSWORD_RESET)
    mailer = RecordingMailer({HANS: MailUnavailableError("421")})
    await a_sender(shop, mailer, keys=Keys([b"g" * 32])).send_due()
    shop.advance(seconds=10)

    await a_sender(shop, mailer).send_due()

    mail = await the_mail(database, mail_id)
    assert mail.state is MailState.GIVEN_UP
    assert "key" in str(mail.problem)


async def test_what_is_withdrawn_while_it_is_on_its_way_carries_a_void_token_and_stays_dropped(
    database: Database,
) -> None:
    shop = await a_shop_of_hans(database)
    hans = await shop.sign_in()
    mail_id = await put(shop, MailKind.PASSWORD_RESET)

    async def meanwhile() -> None:
        mailer.meanwhile = None
        await hans.do("updatePassword", current_password=PASSWORD, new_password=NEW_PASSWORD)

    mailer = RecordingMailer(meanwhile=meanwhile)
    await a_sender(shop, mailer).send_due()

    [(_receiver, link)] = mailer.delivered
    assert (await the_mail(database, mail_id)).state is MailState.DROPPED
    assert await shop.outcome("finishPasswordReset", token=token_of(link), password=PASSWORD) == "TokenInvalidError"


async def test_what_is_withdrawn_after_it_was_claimed_is_not_sent(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    hans = await shop.sign_in()
    await put(shop, MailKind.PASSWORD_RESET)
    await claimed(shop)
    await hans.do("updatePassword", current_password=PASSWORD, new_password=NEW_PASSWORD)

    shop.advance(seconds=60)
    await a_sender(shop, mailer).send_due()

    assert [text for _receiver, text in mailer.delivered] == ["password_changed"]
