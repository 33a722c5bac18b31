"""Never lost, and twice only after a crash: the sender goes on after outages, and stops at the end of its work."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest

from db.engine import Database
from db.enums import MailKind, MailState
from db.errors import DatabaseUnavailableError
from tests.api.mails.outgoing import claimed, put
from tests.api.signing_in import HANS, NEW_PASSWORD, token_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from resolvers.mails.letter import Letter

from tests.api.mails.sending import RecordingMailer, a_notice, a_sender, a_shop_of_hans, render, states

pytestmark = pytest.mark.anyio


async def until(reached: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await reached():  # noqa: ASYNC110 - what the sender has done to rows
            await asyncio.sleep(0.01)


async def test_what_a_crash_leaves_is_sent_once_its_lease_ends(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    await put(shop, MailKind.PASSWORD_RESET)
    await claimed(shop)

    assert await a_sender(shop, mailer).send_due() == 0
    shop.advance(seconds=60)
    assert await a_sender(shop, mailer).send_due() == 1

    assert mailer.receivers == [HANS]


async def test_a_crash_after_delivering_has_the_very_same_mail_sent_again(database: Database) -> None:
    shop = await a_shop_of_hans(database)
    await put(shop, MailKind.PASSWORD_RESET)
    ids: list[str] = []

    def rendered(letter: Letter) -> EmailMessage:
        ids.append(letter.mail_id)
        return render(letter)

    async def crash() -> None:
        raise asyncio.CancelledError

    mailer = RecordingMailer(meanwhile=crash)
    with pytest.raises(asyncio.CancelledError):
        await a_sender(shop, mailer, render=rendered).send_due()
    mailer.meanwhile = None
    for _ in range(2):
        shop.advance(seconds=60)
        await a_sender(shop, mailer, render=rendered).send_due()

    assert ids == [ids[0]] * 2
    assert len(mailer.delivered) == 1
    [token] = [token_of(text) for _receiver, text in mailer.delivered]
    assert await shop.outcome("finishPasswordReset", token=token, password=NEW_PASSWORD) == (
        "FinishPasswordResetSuccess"
    )


class Failing(Database):
    """A database that can be away."""

    def __init__(self, database: Database) -> None:
        self._whole = database
        self.dialect = database.dialect
        self.is_away = False
        self.asked = 0

    async def read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
        self._ask()
        return await self._whole.read(sql, parameters)

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[Any]:
        self._ask()
        async with self._whole.unit_of_work() as session:
            yield session

    def _ask(self) -> None:
        self.asked += 1
        if self.is_away:
            raise DatabaseUnavailableError


async def test_an_outage_of_the_database_does_not_end_sending(database: Database) -> None:
    shop, mailer = await a_shop_of_hans(database), RecordingMailer()
    failing, stopping = Failing(database), asyncio.Event()
    failing.is_away = True
    running = asyncio.create_task(a_sender(shop, mailer, database=failing).run(stopping))

    async def has_asked() -> bool:
        return failing.asked > 0

    await until(has_asked)
    await asyncio.sleep(0.05)

    assert not running.done()
    assert failing.asked == 1, "it waits before it asks again"
    stopping.set()
    await asyncio.wait_for(running, 60)


async def test_an_outage_after_delivering_has_it_noted_as_soon_as_it_ends(database: Database) -> None:
    shop = await a_shop_of_hans(database)
    failing = Failing(database)
    await a_notice(shop)

    async def outage() -> None:
        failing.is_away = True
        asyncio.get_running_loop().call_later(0.2, setattr, failing, "is_away", False)  # noqa: FBT003 - setattr's

    mailer = RecordingMailer(meanwhile=outage)
    await a_sender(shop, mailer, database=failing).send_due()

    assert mailer.receivers == [HANS]
    assert await states(database) == [MailState.SENT]


async def test_a_sender_runs_until_it_is_stopped(database: Database) -> None:
    shop, mailer, stopping = await a_shop_of_hans(database), RecordingMailer(), asyncio.Event()
    running = asyncio.create_task(a_sender(shop, mailer).run(stopping))

    for number in range(3):
        await a_notice(shop, f"{number}@corp.com")

        async def is_delivered(count: int = number + 1) -> bool:
            return len(mailer.delivered) == count

        await until(is_delivered)
    stopping.set()
    await asyncio.wait_for(running, 60)

    await a_notice(shop)
    await asyncio.sleep(0.05)
    assert len(mailer.delivered) == 3


async def test_stopping_finishes_what_was_begun_and_begins_nothing(database: Database) -> None:
    shop, stopping = await a_shop_of_hans(database), asyncio.Event()
    for number in range(12):
        await a_notice(shop, f"{number}@corp.com")

    async def stop() -> None:
        stopping.set()
        await asyncio.sleep(0.05)

    mailer = RecordingMailer(meanwhile=stop)
    await asyncio.wait_for(a_sender(shop, mailer).run(stopping), 60)

    assert len(mailer.delivered) == 4
    assert await states(database) == [MailState.QUEUED] * 8 + [MailState.SENT] * 4
