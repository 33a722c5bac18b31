"""Mails on their way to a real server: to one receiver, encrypted where it must be, and what is said of failures."""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from gateway.mail.mailer import MailInDoubtError, MailRefusedError, MailUnavailableError
from gateway.mail.rendering import render
from gateway.mail.smtp import SmtpMailer
from gateway.operator.smtp_url import SmtpServer
from tests.gateway.mail.letters import RECEIVER, SENDER, letter
from tests.gateway.mail.servers import PASSWORD, TRUST, MailServer, certified, running, talking

pytestmark = pytest.mark.anyio

SECONDS = 5.0
NAME = "gateway.shop.example"
RAMBLING = "I do not like hans.muster@astina.io nor s3cret"


def mail() -> EmailMessage:
    return render(letter(), SENDER)


async def deliver(server: SmtpServer, seconds: float = SECONDS, trust: ssl.SSLContext = TRUST) -> None:
    mailer = SmtpMailer(server, NAME, step_seconds=seconds, answer_seconds=seconds, trust=trust)
    await mailer.deliver(mail(), RECEIVER, handed_over)


async def handed_over() -> None:
    """Let it be handed over."""


async def test_a_mail_arrives_as_it_was_written() -> None:
    async with running(MailServer()) as server:
        await deliver(server.at())

    [envelope] = server.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, [RECEIVER])
    assert envelope.content == bytes(mail())


async def test_the_envelope_has_one_receiver_whatever_the_headers_say() -> None:
    message = mail()
    message.replace_header("To", "hans.muster@astina.io, a@evil.example")
    message["Cc"] = "b@evil.example"
    message["Bcc"] = "c@evil.example"
    message["Sender"] = "d@evil.example"
    async with running(MailServer()) as server:
        await SmtpMailer(server.at(), NAME).deliver(message, RECEIVER, handed_over)

    [envelope] = server.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, [RECEIVER])


@pytest.mark.parametrize(
    "receiver",
    [
        "a@evil.example(@astina.io",
        "a@evil.example,b@astina.io",
        "<a@evil.example>b@astina.io",
        "a@evil.example\n@astina.io",
        "a@evil.example>\r\nRCPT TO:<b@evil.example",
        "Hans <a@evil.example>",
        "",
    ],
)
async def test_what_could_be_two_receivers_is_none(receiver: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        mailer = SmtpMailer(SmtpServer("127.0.0.1", 1, tls=False, starttls=None), NAME)
        await mailer.deliver(mail(), receiver, handed_over)


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        ({"to_receiver": f"550 5.1.1 {RAMBLING}"}, "SMTPRecipientRefused 550 5.1.1"),
        ({"to_receiver": f"554 {RAMBLING}"}, "SMTPRecipientRefused 554"),
        ({"to_content": f"552 5.3.4 {RAMBLING}"}, "SMTPDataError 552 5.3.4"),
    ],
)
async def test_refused_for_good(answers: dict[str, str], text: str) -> None:
    async with running(MailServer(**answers)) as server:  # type: ignore[arg-type]  # all are text
        with pytest.raises(MailRefusedError) as error:
            await deliver(server.at())

    assert_silent(error.value, text)
    assert not server.taken


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        ({"to_receiver": f"450 4.2.1 {RAMBLING}"}, "SMTPRecipientRefused 450 4.2.1"),
        ({"to_receiver": f"421 {RAMBLING}"}, "SMTPRecipientRefused 421"),
        ({"to_content": f"451 {RAMBLING}"}, "SMTPDataError 451"),
        ({"to_sender": f"550 5.7.1 {RAMBLING}"}, "SMTPSenderRefused 550 5.7.1"),
    ],
)
async def test_refused_for_now(answers: dict[str, str], text: str) -> None:
    async with running(MailServer(**answers)) as server:  # type: ignore[arg-type]  # all are text
        with pytest.raises(MailUnavailableError) as error:
            await deliver(server.at())

    assert_silent(error.value, text)


async def test_nobody_listens() -> None:
    async with running(MailServer()) as server:
        pass

    with pytest.raises(MailUnavailableError) as error:
        await deliver(server.at())

    assert_silent(error.value)


@dataclass
class SlowAtFirst(MailServer):
    """Takes its time at one command, and notes which of them it gets."""

    slow: str = ""
    asked: list[str] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._think("MAIL")
        return await super().handle_MAIL(server, session, envelope, address, options)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._think("RCPT")
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def _think(self, command: str) -> None:
        self.asked.append(command)
        if command == self.slow:
            await asyncio.sleep(60)


@pytest.mark.parametrize(("slow", "asked"), [("MAIL", ["MAIL"]), ("RCPT", ["MAIL", "RCPT"])])
async def test_a_server_that_is_slow_before_the_content_was_sent_is_given_up_without_doubt(
    slow: str, asked: list[str]
) -> None:
    async with running(SlowAtFirst(slow=slow)) as server:
        mailer = SmtpMailer(server.at(), NAME, step_seconds=0.1, answer_seconds=60)
        with pytest.raises(MailUnavailableError, match=r"^TimeoutError$"):
            await mailer.deliver(mail(), RECEIVER, handed_over)

    assert isinstance(server, SlowAtFirst)
    assert server.asked == asked


async def test_a_server_that_thinks_about_the_content_is_waited_for_longer() -> None:
    async with running(MailServer(seconds=0.5)) as server:
        await SmtpMailer(server.at(), NAME, step_seconds=0.2).deliver(mail(), RECEIVER, handed_over)

    assert len(server.taken) == 1


async def test_a_server_that_never_answers_the_final_dot_leaves_it_in_doubt() -> None:
    async with running(MailServer(seconds=60)) as server:
        with pytest.raises(MailInDoubtError, match=r"^TimeoutError$"):
            await SmtpMailer(server.at(), NAME, answer_seconds=0.1).deliver(mail(), RECEIVER, handed_over)


class HangsUp(MailServer):
    """Takes a mail, and tells nobody."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        await super().handle_DATA(server, session, envelope)
        assert isinstance(server.transport, asyncio.WriteTransport)
        server.transport.abort()
        return "250 OK"


async def test_a_server_that_hangs_up_in_place_of_an_answer_leaves_it_in_doubt() -> None:
    async with running(HangsUp()) as server:
        with pytest.raises(MailInDoubtError) as error:
            await deliver(server.at())

    assert_silent(error.value)
    assert len(server.taken) == 1


@pytest.mark.parametrize("answer", ["OK", "350 go on", "999 what"])
async def test_an_answer_that_means_nothing_leaves_it_in_doubt(answer: str) -> None:
    async with running(MailServer(to_content=answer)) as server:
        with pytest.raises(MailInDoubtError) as error:
            await deliver(server.at())

    assert_silent(error.value)


@pytest.mark.parametrize("answer", ["250 OK", "251 forwarded", "252 will try"])
async def test_every_answer_that_begins_with_2_has_taken_it(answer: str) -> None:
    async with running(MailServer(to_content=answer)) as server:
        await deliver(server.at())

    assert len(server.taken) == 1


async def test_nothing_is_handed_over_by_who_may_not() -> None:
    async def not_ours() -> None:
        raise LookupError

    async with running(MailServer()) as server:
        with pytest.raises(LookupError):
            await SmtpMailer(server.at(), NAME).deliver(mail(), RECEIVER, not_ours)

    assert not server.taken


@pytest.mark.parametrize("content", [".", "..", ".\n.\n\n.x\n", "x\n.", "a\n\n.\n\nQUIT\n", "\nx\n\n\n"], ids=repr)
async def test_no_line_ends_a_mail_early(content: str) -> None:
    message = EmailMessage(mail().policy)
    message["From"] = SENDER
    message.set_content(content, cte="7bit")
    async with running(MailServer()) as server:
        await SmtpMailer(server.at(), NAME).deliver(message, RECEIVER, handed_over)

    assert [envelope.content for envelope in server.taken] == [bytes(message)]


async def test_the_server_is_greeted_by_name() -> None:
    async with running(MailServer()) as server:
        await deliver(server.at())

    assert server.greeted == [NAME]


async def test_a_server_that_drips_does_not_stretch_the_time() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"220-wait\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with talking(drip) as server, asyncio.timeout(60):
        with pytest.raises(MailUnavailableError, match=r"^TimeoutError$"):
            await deliver(server, 0.3)


async def test_no_server_at_all_but_something_that_talks() -> None:
    async def talk(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with talking(talk) as server:
        with pytest.raises(MailUnavailableError) as error:
            await deliver(server)
    assert_silent(error.value)


async def test_what_happens_after_the_server_took_it_is_no_failure() -> None:
    class Rude(MailServer):
        async def handle_QUIT(self, *_: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
            return "500 no"

    async with running(Rude()) as server:
        await deliver(server.at())

    assert len(server.taken) == 1


@pytest.mark.parametrize("starttls", [None, True])
async def test_starttls_is_used_where_it_is_offered(starttls: bool | None) -> None:  # noqa: FBT001 - a field
    async with running(MailServer(), tls_context=certified()) as server:
        await deliver(server.at(starttls=starttls))

    assert server.encrypted == [True]


async def test_starttls_is_not_used_where_it_shall_not() -> None:
    async with running(MailServer(), tls_context=certified()) as server:
        await deliver(server.at(starttls=False))

    assert server.encrypted == [False]


async def test_required_starttls_that_is_not_offered() -> None:
    async with running(MailServer()) as server:
        with pytest.raises(MailUnavailableError):
            await deliver(server.at(starttls=True))

    assert not server.taken


async def test_tls_from_the_first_byte() -> None:
    async with running(MailServer(), tls=True) as server:
        await deliver(server.at(tls=True, starttls=False))

    assert len(server.taken) == 1


@pytest.mark.parametrize("tls", [True, False])
async def test_a_certificate_that_nobody_vouches_for(tls: bool) -> None:  # noqa: FBT001 - a field
    async with running(MailServer(), tls=tls, tls_context=None if tls else certified()) as server:
        with pytest.raises(MailUnavailableError) as error:
            await deliver(server.at(tls=tls, starttls=not tls), trust=ssl.create_default_context())

    assert_silent(error.value, "SSLCertVerificationError")
    assert not server.taken


async def test_signing_in() -> None:
    async with running(MailServer(), tls_context=certified()) as server:
        await deliver(server.at(starttls=True, username="post", password=PASSWORD))

    assert len(server.taken) == 1


async def test_a_wrong_password_is_not_repeated() -> None:
    async with running(MailServer(), tls_context=certified()) as server:
        with pytest.raises(MailUnavailableError) as error:
            await deliver(server.at(starttls=True, username="post", password="s3cret"))

    assert_silent(error.value, "SMTPAuthenticationError 535 5.7.8")
    assert not server.taken


def assert_silent(error: Exception, text: str | None = None) -> None:
    """Nothing of what the server wrote is in the error, and a log shows no other beside it."""
    assert text is None or str(error) == text
    assert re.fullmatch(r"[A-Za-z]+( (-1|\d{3})( \d\.\d\.\d)?)?", str(error))
    assert error.__cause__ is None
    assert error.__suppress_context__
