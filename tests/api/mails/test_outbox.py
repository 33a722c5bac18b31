from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from db import models
from db.engine import open_database
from db.enums import MailKind, MailState
from resolvers.mails import outbox
from resolvers.rules.email_address import EmailAddress
from resolvers.sweeping import sweep
from tests.api.mails.outgoing import claimed, put, the_mail
from tests.api.services import change, rows
from tests.api.signing_in import HANS, a_shop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from db.engine import Database
    from resolvers.mails.outbox import ClaimedMail
    from tests.api.signing_in import Shop
    from tests.conftest import FreshDatabase

pytestmark = pytest.mark.anyio

KIND = MailKind.PASSWORD_RESET
CEILING = 1000


async def a_queue(shop: Shop, length: int) -> list[str]:
    """Put mails into the outbox; return their ids, the oldest first."""
    return [await put(shop, KIND, f"{number}@corp.com") for number in range(length)]


async def ids(shop: Shop, most: int = 10) -> list[str]:
    return [claim.id for claim in await claimed(shop, most)]


async def test_a_mail_is_written_with_the_change_that_causes_it(database: Database) -> None:
    shop = await a_shop(database)
    now = shop.context.clock.now()

    async with database.unit_of_work() as session:
        outbox.put(session, KIND, EmailAddress.parse("Hans@CORP.com"), channel_id=shop.context.channel_id, now=now)
        assert await rows(database, models.Mail) == [] or database.dialect.name == "sqlite"

    [mail] = await rows(database, models.Mail)
    assert (mail.email_address, mail.canonical_email_address) == ("Hans@corp.com", "hans@corp.com")
    assert (mail.state, mail.tries, mail.due_at, mail.letter) == (MailState.QUEUED, 0, now, None)


async def test_a_mail_is_not_written_without_the_change(database: Database) -> None:
    shop = await a_shop(database)

    with pytest.raises(RuntimeError, match="no change"):
        async with database.unit_of_work() as session:
            now = shop.context.clock.now()
            outbox.put(session, KIND, EmailAddress.parse(HANS), channel_id=shop.context.channel_id, now=now)
            await session.flush()
            raise RuntimeError("no change")  # noqa: EM101, TRY003 - made up

    assert await rows(database, models.Mail) == []


async def test_mails_are_claimed_oldest_first_and_no_more_than_asked_for(database: Database) -> None:
    shop = await a_shop(database)
    queue = await a_queue(shop, 7)

    assert [await ids(shop, 3) for _ in range(4)] == [queue[:3], queue[3:6], queue[6:], []]


@pytest.mark.parametrize("never", ["hashjoin, mergejoin", "hashjoin, mergejoin, material, hashagg, sort", "nestloop"])
async def test_no_more_are_claimed_however_postgresql_joins(fresh_database: FreshDatabase, never: str) -> None:
    """It may look the oldest up anew for every row that it updates, and skip those that it has locked itself."""
    with fresh_database("postgresql") as url:
        database = await open_database(url)
        shop = await a_shop(database)
        queue = await a_queue(shop, 12)

        async with database.unit_of_work() as session:
            connection = await session.connection()
            for way in never.split(", "):
                await connection.execute(sa.text(f"SET LOCAL enable_{way} = off"))
            claims = await outbox.claim(session, shop.context.clock.now(), 4)
        await database.close()

    assert [claim.id for claim in claims] == queue[:4]


async def test_those_who_claim_at_once_get_different_mails(database: Database) -> None:
    shop = await a_shop(database)
    queue = await a_queue(shop, 20)

    found = await asyncio.gather(*(ids(shop, 3) for _ in range(8)))

    assert all(len(mails) <= 3 for mails in found)
    each = [mail_id for mails in found for mail_id in mails]
    assert len(each) == len(set(each))
    assert set(each) <= set(queue)
    assert set(each) | set(await ids(shop, 20)) == set(queue), "none is forgotten"


async def test_what_a_claimer_has_not_finished_is_claimed_again_when_its_lease_ends(database: Database) -> None:
    shop = await a_shop(database)
    [mail_id] = await a_queue(shop, 1)
    [first] = await claimed(shop)

    shop.advance(seconds=60, microseconds=-1)
    assert await ids(shop) == []
    shop.advance(microseconds=1)
    [second] = await claimed(shop)

    assert (first.id, first.tries, second.id, second.tries) == (mail_id, 1, mail_id, 2)


async def test_who_is_late_does_not_shorten_the_lease_of_somebody_else(database: Database) -> None:
    shop = await a_shop(database)
    await a_queue(shop, 1)
    [late] = await claimed(shop)
    shop.advance(seconds=60)
    [mail_id] = await ids(shop)

    async with database.unit_of_work() as session:
        await outbox.postpone(session, late, shop.context.clock.now(), "late")

    shop.advance(seconds=59)
    assert await ids(shop) == []
    assert (await the_mail(database, mail_id)).problem is None


async def test_only_mails_that_are_due_are_claimed(database: Database) -> None:
    shop = await a_shop(database)
    [mail_id] = await a_queue(shop, 1)
    now = shop.context.clock.now()
    await change(database, models.Mail, mail_id, due_at=now + timedelta(seconds=10))

    assert await outbox.due(database, now, CEILING) == ([], [])
    assert not await outbox.are_due(database, now)
    assert await ids(shop) == []
    shop.advance(seconds=10)
    assert await outbox.due(database, shop.context.clock.now(), CEILING) == ([shop.context.channel_id], [])
    assert await outbox.are_due(database, shop.context.clock.now())
    assert await ids(shop) == [mail_id]


@pytest.mark.parametrize("state", [MailState.SENT, MailState.DROPPED, MailState.GIVEN_UP, MailState.UNKNOWN])
async def test_a_mail_that_has_ended_is_not_claimed_and_stays_as_it_is(database: Database, state: MailState) -> None:
    shop = await a_shop(database)
    [mail_id] = await a_queue(shop, 1)
    [claim] = await claimed(shop)
    now = shop.context.clock.now()
    async with database.unit_of_work() as session:
        await outbox.end(session, mail_id, state, now, "why")
    before = await the_mail(database, mail_id)

    shop.advance(days=1)
    assert await ids(shop) == []
    async with database.unit_of_work() as session:
        await outbox.end(session, mail_id, MailState.SENT, shop.context.clock.now())
        await outbox.postpone(session, claim, shop.context.clock.now(), "another reason")
        await outbox.withdraw(session, KIND, shop.context.channel_id, "0@corp.com", shop.context.clock.now())

    assert await the_mail(database, mail_id) == before
    assert (before.state, before.ended_at, before.problem) == (state, now, "why")


async def test_each_wait_is_twice_as_long_up_to_an_hour_and_in_the_end_a_mail_is_given_up(database: Database) -> None:
    shop = await a_shop(database)
    [mail_id] = await a_queue(shop, 1)
    began = shop.context.clock.now()

    waits = []
    while claims := await claimed(shop):
        now = shop.context.clock.now()
        async with database.unit_of_work() as session:
            if await outbox.postpone(session, claims[0], now, "refused") is MailState.GIVEN_UP:
                break
        waits.append((await the_mail(database, mail_id)).due_at - now)
        shop.advance(seconds=waits[-1].total_seconds())

    assert [int(wait.total_seconds()) for wait in waits[:11]] == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    assert max(waits) == timedelta(hours=1)
    assert timedelta(hours=23) < shop.context.clock.now() - began < timedelta(hours=25)
    mail = await the_mail(database, mail_id)
    assert (mail.state, mail.ended_at, mail.problem) == (MailState.GIVEN_UP, shop.context.clock.now(), "refused")


async def act(shop: Shop, do: Callable[..., Awaitable[Any]], claim: ClaimedMail, *given: str) -> Any:
    async with shop.database.unit_of_work() as session:
        return await do(session, claim, shop.context.clock.now(), *given)


async def test_a_lease_that_is_prolonged_lasts_a_minute_from_then(database: Database) -> None:
    shop = await a_shop(database)
    await a_queue(shop, 1)
    [claim] = await claimed(shop)

    for _ in range(30):
        shop.advance(seconds=20)
        assert await act(shop, outbox.prolong, claim)
        assert await ids(shop) == []
    shop.advance(seconds=60)

    [other] = await claimed(shop)
    assert not await act(shop, outbox.prolong, claim)
    assert not await act(shop, outbox.doubt, claim)
    assert (await the_mail(database, other.id)).doubts == 0


async def test_what_has_ended_is_neither_prolonged_nor_handed_over(database: Database) -> None:
    shop = await a_shop(database)
    await a_queue(shop, 1)
    [claim] = await claimed(shop)
    async with database.unit_of_work() as session:
        await outbox.withdraw(session, KIND, shop.context.channel_id, "0@corp.com", shop.context.clock.now())

    assert not await act(shop, outbox.prolong, claim)
    assert not await act(shop, outbox.doubt, claim)


async def test_a_mail_that_stays_in_doubt_is_tried_three_times_and_is_unknown_then(database: Database) -> None:
    shop = await a_shop(database)
    [mail_id] = await a_queue(shop, 1)

    waits = []
    for doubts in range(1, 4):
        [claim] = await claimed(shop)
        assert await act(shop, outbox.doubt, claim)
        assert (await the_mail(database, mail_id)).doubts == doubts
        state = await act(shop, outbox.leave_in_doubt, claim, "TimeoutError")
        mail = await the_mail(database, mail_id)
        assert mail.state == state
        waits.append(mail.due_at - shop.context.clock.now())
        shop.advance(seconds=waits[-1].total_seconds())

    assert waits[:2] == [timedelta(minutes=10), timedelta(hours=1)]
    mail = await the_mail(database, mail_id)
    assert (mail.state, mail.problem) == (MailState.UNKNOWN, "TimeoutError")
    shop.advance(days=2)
    assert await ids(shop) == []


async def test_what_the_server_has_refused_for_now_is_in_no_doubt(database: Database) -> None:
    shop = await a_shop(database)
    [mail_id] = await a_queue(shop, 1)

    for _ in range(5):
        [claim] = await claimed(shop)
        await act(shop, outbox.doubt, claim)
        await act(shop, outbox.postpone, claim, "451")
        shop.advance(hours=1)

    assert (await the_mail(database, mail_id)).doubts == 0


async def test_who_learns_late_that_a_mail_was_taken_is_believed(database: Database) -> None:
    shop = await a_shop(database)
    [mail_id] = await a_queue(shop, 1)
    [late] = await claimed(shop)
    shop.advance(seconds=60)
    [other] = await claimed(shop)

    await act(shop, outbox.sent, late)

    assert (await the_mail(database, mail_id)).state is MailState.SENT
    assert not await act(shop, outbox.doubt, other)


async def test_who_learns_it_after_all_were_in_doubt_is_believed_too(database: Database) -> None:
    shop = await a_shop(database)
    [mail_id] = await a_queue(shop, 1)
    [claim] = await claimed(shop)
    await act(shop, outbox.leave_in_doubt, claim._replace(doubts=2), "TimeoutError")

    await act(shop, outbox.sent, claim)

    mail = await the_mail(database, mail_id)
    assert (mail.state, mail.problem) == (MailState.SENT, None)


async def test_a_late_refusal_ends_nothing_that_another_sender_has_in_hand(database: Database) -> None:
    shop = await a_shop(database)
    [mail_id] = await a_queue(shop, 1)
    [late] = await claimed(shop)
    shop.advance(seconds=60)
    await claimed(shop)

    assert await act(shop, outbox.give_up, late, "550") is MailState.QUEUED

    assert (await the_mail(database, mail_id)).state is MailState.QUEUED


async def test_the_urgent_go_first_and_by_age_all_do(database: Database) -> None:
    shop = await a_shop(database)
    notices = [await put(shop, MailKind.PASSWORD_CHANGED, f"{number}@corp.com") for number in range(3)]
    newcomer = await put(shop, MailKind.REGISTRATION)
    reset = await put(shop, MailKind.PASSWORD_RESET)
    own = await put(shop, MailKind.EMAIL_ADDRESS_CHANGE, user_id="usr_1")

    async def claim_one(**how: Any) -> str:
        async with database.unit_of_work() as session:
            [claim] = await outbox.claim(session, shop.context.clock.now(), 1, **how)
        return claim.id

    assert [await claim_one() for _ in range(3)] == [own, reset, newcomer]
    assert await claim_one(by_age=True) == notices[0]
    late = await put(shop, MailKind.PASSWORD_RESET)
    assert await claim_one(by_age=True) == notices[1]
    assert [await claim_one() for _ in range(2)] == [late, notices[2]]


async def test_channels_that_have_something_due_are_found(database: Database) -> None:
    shop, other = await a_shop(database), await a_shop(database, code="other")
    now = shop.context.clock.now()
    assert await outbox.due(database, now, CEILING) == ([], [])

    await put(shop, KIND)
    await put(other, KIND)

    now = shop.context.clock.now()
    both = sorted([shop.context.channel_id, other.context.channel_id])
    assert await outbox.due(database, now, CEILING) == (both, [])
    async with database.unit_of_work() as session:
        await outbox.claim(session, now, 10, channel_id=other.context.channel_id)
    assert await outbox.due(database, now, CEILING) == ([shop.context.channel_id], [])


async def test_why_it_failed_is_kept_in_short(database: Database) -> None:
    shop = await a_shop(database)
    [mail_id] = await a_queue(shop, 1)
    [claim] = await claimed(shop)

    async with database.unit_of_work() as session:
        await outbox.postpone(session, claim, shop.context.clock.now(), "x" * 1000)

    assert (await the_mail(database, mail_id)).problem == "x" * 200


async def test_withdrawing_drops_what_waits_of_one_kind_to_one_address_in_one_channel(database: Database) -> None:
    shop, other = await a_shop(database), await a_shop(database, code="other")
    withdrawn = await put(shop, KIND)
    kept = {
        await put(shop, MailKind.CONFIRMATION),
        await put(shop, KIND, "eva.keller@corp.com"),
        await put(other, KIND),
    }
    now = shop.context.clock.now()

    async with database.unit_of_work() as session:
        await outbox.withdraw(session, KIND, shop.context.channel_id, HANS, now)

    by_state = {mail.id: mail.state for mail in await rows(database, models.Mail)}
    assert by_state == {withdrawn: MailState.DROPPED} | dict.fromkeys(kept, MailState.QUEUED)


async def test_mails_are_kept_for_a_month_after_they_have_ended_or_have_been_written(database: Database) -> None:
    shop = await a_shop(database)
    ended, waits = await a_queue(shop, 2)
    shop.advance(days=1)
    now = shop.context.clock.now()
    async with database.unit_of_work() as session:
        await outbox.end(session, ended, MailState.SENT, now)

    async def swept(**after: float) -> set[str]:
        await sweep(database, now + timedelta(**after))
        return {mail.id for mail in await rows(database, models.Mail)}

    assert await swept(days=28, hours=23) == {ended, waits}
    assert await swept(days=29) == {ended}
    assert await swept(days=30) == set()
