from __future__ import annotations

import asyncio
import dataclasses
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

import pytest

from db import models
from db.engine import Database
from db.enums import RegistrationPolicy
from resolvers.context import Context
from resolvers.customers.service import register_customer
from resolvers.ports import Verdict
from resolvers.rules.errors import BadCredentials, DomainError, EmailAddressNotConfirmed, RateLimited
from resolvers.sessions.authentication import authenticate
from resolvers.sessions.service import UserSession
from tests import pages
from tests.api.services import (
    PASSWORD,
    CountingHasher,
    StandingClock,
    a_context,
    a_user,
    account_of,
    change,
    filled_in,
    rows,
    verbs,
)
from tests.conftest import Statements

pytestmark = pytest.mark.anyio

HANS = "hans.muster@corp.com"


async def test_signing_in_opens_a_session_whose_token_only_the_caller_knows(database: Database) -> None:
    context = await a_context(database)
    registered = await a_user(context, HANS)
    now = context.clock.now()

    signed_in = await authenticate(context, HANS, PASSWORD)

    (session,) = await rows(database, models.Session)
    assert signed_in == UserSession(
        signed_in.token, now + timedelta(days=14), registered.user_id, registered.customer_id
    )
    assert session == models.Session(
        id=session.id,
        channel_id=context.channel_id,
        account_id=(await account_of(database, registered.user_id)).id,
        user_id=registered.user_id,
        token_sha256=sha256(signed_in.token.encode()).digest(),
        created_at=now,
        last_used_at=now,
        expires_at=signed_in.expires_at,
        user_agent="Mozilla/5.0",
        ip_address="192.0.2.1",
    )
    assert signed_in.token not in repr(signed_in)


async def test_the_user_remembers_when(database: Database) -> None:
    context = await a_context(database)
    await a_user(context, HANS)
    assert isinstance(context.clock, StandingClock)
    context.clock.advance(timedelta(days=1))

    await authenticate(context, HANS, PASSWORD)

    (user,) = await rows(database, models.User)
    assert user.last_authenticated_at == context.clock.now()


@pytest.mark.parametrize("username", ["HANS.MUSTER@corp.com", "hans.muster@CORP.COM"])
async def test_an_address_may_be_written_in_any_case(database: Database, username: str) -> None:
    context = await a_context(database)
    await a_user(context, HANS)

    assert (await authenticate(context, username, PASSWORD)).token


async def test_a_password_is_the_same_however_the_keyboard_composes_it(database: Database) -> None:
    context = await a_context(database)
    registered = await a_user(context, HANS)
    await change(database, models.User, registered.user_id, password_hash="1:caf\u00e9 caf\u00e9")

    assert (await authenticate(context, HANS, "cafe\u0301 cafe\u0301")).token


async def test_every_device_has_a_session_of_its_own(database: Database) -> None:
    context = await a_context(database)
    await a_user(context, HANS)

    tokens = {(await authenticate(context, HANS, PASSWORD)).token for _ in range(3)}

    assert len(tokens) == len(await rows(database, models.Session)) == 3


REFUSED = {
    "wrong password": (HANS, "wrong"),
    "no password": (HANS, ""),
    "unknown": ("nobody@corp.com", PASSWORD),
    "disabled": ("disabled@corp.com", PASSWORD),
    "without a password": ("invited@corp.com", PASSWORD),
    "registered and not confirmed": ("registered@corp.com", "wrong"),
    "malformed": ("hans.muster@corp.com,nobody@corp.com", PASSWORD),
    "empty": ("", PASSWORD),
    "NUL": ("hans\0@corp.com", PASSWORD),
    "surrogate in the username": ("\ud800@corp.com", PASSWORD),
    "surrogate in the password": (HANS, "\ud800"),
    "long password": (HANS, "x" * 1025),
    "very long": ("x" * 60_000, "x" * 60_000),
}


async def a_context_with_users(database: Database) -> Context:
    context = await a_context(database)
    await a_user(context, HANS)
    disabled, invited = await a_user(context, "disabled@corp.com"), await a_user(context, "invited@corp.com")
    await change(database, models.User, disabled.user_id, enabled=False)
    await change(database, models.User, invited.user_id, password_hash=None)
    await a_registration(context, "registered@corp.com")
    return context


async def a_registration(context: Context, email_address: str) -> None:
    """Register where the address has to be confirmed first, and leave the channel as it was."""
    channel = partial(change, context.database, models.Channel, context.channel_id)
    await channel(registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS, landing_pages=pages.for_all(pages.SHOP))
    page = "https://shop.example/"
    await register_customer(
        context, filled_in(email_address=email_address, password=PASSWORD, confirmation_base_url=page)
    )
    await channel(registration=RegistrationPolicy.OPEN)


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (RegistrationPolicy.CONFIRM_EMAIL_ADDRESS, EmailAddressNotConfirmed),
        # Nothing is kept there until it is proved; what is left of another time is nobody's.
        (RegistrationPolicy.OPEN, BadCredentials),
    ],
)
async def test_who_registered_and_knows_the_password_is_told_to_follow_the_link(
    database: Database, policy: RegistrationPolicy, told: type[DomainError]
) -> None:
    context = await a_context_with_users(database)
    await change(database, models.Channel, context.channel_id, registration=policy)

    with pytest.raises(told):
        await authenticate(context, "registered@corp.com", PASSWORD)
    assert await rows(database, models.Session) == []


async def test_a_user_who_proved_nothing_is_let_in_only_where_nothing_has_to_be_proved(database: Database) -> None:
    context = await a_context_with_users(database)
    assert await authenticate(context, HANS, PASSWORD)
    await change(database, models.Channel, context.channel_id, registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS)

    with pytest.raises(EmailAddressNotConfirmed):
        await authenticate(context, HANS, PASSWORD)
    for wrong in ((HANS, "wrong"), ("disabled@corp.com", PASSWORD)):
        with pytest.raises(BadCredentials):
            await authenticate(context, *wrong)

    (account,) = [each for each in await rows(database, models.Account) if each.email_address == HANS]
    await change(database, models.Account, account.id, confirmed_at=context.clock.now())
    assert await authenticate(context, HANS, PASSWORD)


# Where registrations are kept, that password is judged as well, whether there is one or not.
@pytest.mark.parametrize(
    ("policy", "hashed"), [(RegistrationPolicy.OPEN, 0), (RegistrationPolicy.CONFIRM_EMAIL_ADDRESS, 1)]
)
async def test_whoever_is_refused_costs_the_same_statements_and_hashes(
    database: Database, statements: Statements, policy: RegistrationPolicy, hashed: int
) -> None:
    context = await a_context_with_users(database)
    await change(database, models.Channel, context.channel_id, registration=policy)
    work = {}
    for name, (username, password) in REFUSED.items():
        hasher = CountingHasher()
        await statements.taken()
        with pytest.raises(BadCredentials) as refused:
            await authenticate(dataclasses.replace(context, hasher=hasher), username, password)
        work[name] = (str(refused.value), verbs(await statements.taken()), len(hasher.judged), hasher.hashed)

    # The try is counted by account and network, and by each alone; then the account is read.
    sent = {"BEGIN": 1, "INSERT": 2, "COMMIT": 1, "SELECT": 1}
    assert all(each == (BadCredentials.message, sent, 1, hashed) for each in work.values()), work
    assert await rows(database, models.Session) == []


async def test_a_user_of_another_channel_is_unknown(database: Database) -> None:
    await a_user(await a_context(database), HANS)
    other = await a_context(database, code="other")

    with pytest.raises(BadCredentials):
        await authenticate(other, HANS, PASSWORD)


async def test_a_hash_of_yesterdays_parameters_is_renewed(database: Database) -> None:
    context = await a_context(database)
    await a_user(context, HANS)

    await authenticate(dataclasses.replace(context, hasher=CountingHasher(generation=2)), HANS, PASSWORD)

    (account,) = await rows(database, models.Account)
    assert account.password_hash == f"2:{PASSWORD}"


async def test_twins_who_renew_the_hash_both_get_in(database: Database) -> None:
    context = await a_context(database)
    await a_user(context, HANS)
    renewing = dataclasses.replace(context, hasher=CountingHasher(generation=2))

    answered = await asyncio.gather(*(authenticate(renewing, HANS, PASSWORD) for _ in range(4)))

    assert len(answered) == len(await rows(database, models.Session)) == 4


class BusyHasher(CountingHasher):
    async def hash(self, password: str, beside: str | None = None) -> str:  # noqa: ARG002 - the port's signature
        raise RateLimited(1)


async def test_a_hash_that_can_not_be_renewed_now_is_renewed_another_time(database: Database) -> None:
    context = await a_context(database)
    await a_user(context, HANS)

    assert await authenticate(dataclasses.replace(context, hasher=BusyHasher(generation=2)), HANS, PASSWORD)


class OvertakenHasher(CountingHasher):
    """Changes the user while the password is judged."""

    def __init__(self, database: Database, user_id: str, **columns: object) -> None:
        super().__init__()
        self._database = database
        self._user_id = user_id
        self._columns = columns

    async def verify(self, password_hash: str | None, password: str) -> Verdict:
        verdict = await super().verify(password_hash, password)
        await change(self._database, models.User, self._user_id, **self._columns)
        return verdict


@pytest.mark.parametrize(
    "columns",
    [
        {"password_hash": "1:another one"},
        {"enabled": False},
        {"canonical_email_address": "moved@corp.com"},
        {"password_hash": None},
    ],
    ids=["password", "enabled", "address", "no password"],
)
async def test_what_changes_while_the_password_is_judged_counts(database: Database, columns: dict[str, object]) -> None:
    context = await a_context(database)
    registered = await a_user(context, HANS)
    overtaken = OvertakenHasher(database, registered.user_id, **columns)

    with pytest.raises(BadCredentials):
        await authenticate(dataclasses.replace(context, hasher=overtaken), HANS, PASSWORD)
    assert await rows(database, models.Session) == []


async def test_what_a_client_says_about_itself_is_cut_and_cleaned(database: Database) -> None:
    context = await a_context(database)
    await a_user(context, HANS)

    await authenticate(
        dataclasses.replace(context, user_agent="a\0\ud800\x1b\u202eb" + "x" * 1000, ip_address=None), HANS, PASSWORD
    )

    (session,) = await rows(database, models.Session)
    assert session.user_agent == "ab" + "x" * 198
    assert session.ip_address is None


async def test_signing_in_takes_one_read_between_two_short_transactions(
    database: Database, statements: Statements
) -> None:
    context = await a_context(database)
    await a_user(context, HANS)
    await statements.taken()

    await authenticate(context, HANS, PASSWORD)

    # Throttles are inserted, that of account and network, then all others, and the session; updated are account and
    # user, what is known, and the others; the sessions beyond the fiftieth are deleted.
    assert verbs(await statements.taken()) == {
        "BEGIN": 2,
        "INSERT": 2 + 1,
        "COMMIT": 2,
        "SELECT": 1,
        "UPDATE": 2 + 1,
        "WITH": 1,
        "DELETE": 1,
    }


async def test_from_a_network_of_its_own_an_account_is_not_counted(database: Database, statements: Statements) -> None:
    context = await a_context(database)
    await a_user(context, HANS)
    await authenticate(context, HANS, PASSWORD)
    await statements.taken()

    await authenticate(context, HANS, PASSWORD)

    assert verbs(await statements.taken())["INSERT"] == 1 + 1, "that of account and network, and the session"


async def test_a_blank_behind_the_address_is_nobodys_mistake(database: Database) -> None:
    context = await a_context(database)
    await a_user(context, HANS)

    for username in (f"{HANS} ", f"\u200b{HANS}\ufeff", f"\t{HANS.upper()}\u00a0\r\n"):
        assert (await authenticate(context, username, PASSWORD)).token


async def test_an_account_keeps_its_newest_fifty_sessions(database: Database) -> None:
    context = await a_context(database)
    assert isinstance(context.clock, StandingClock)
    await a_user(context, HANS)
    await a_user(context, "eva.keller@corp.com")
    await authenticate(context, "eva.keller@corp.com", PASSWORD)
    opened = []
    for _ in range(53):
        context.clock.advance(timedelta(seconds=1))
        opened.append(sha256((await authenticate(context, HANS, PASSWORD)).token.encode()).digest())

    kept = {session.token_sha256 for session in await rows(database, models.Session)}
    assert len(kept) == 51, "and that of somebody else"
    assert set(opened[3:]) < kept


async def test_sessions_that_have_ended_take_no_place_of_those_that_have_not(database: Database) -> None:
    context = await a_context(database)
    assert isinstance(context.clock, StandingClock)
    await a_user(context, HANS)
    (user,) = await rows(database, models.User)
    oldest = await authenticate(context, HANS, PASSWORD)
    async with database.unit_of_work() as session:
        ended = {"created_at": context.clock.now() + timedelta(1), "expires_at": context.clock.now()}
        session.add_all(_a_session(context, user, number, **ended) for number in range(60))
    context.clock.advance(timedelta(seconds=1))

    await authenticate(context, HANS, PASSWORD)

    kept = {session.token_sha256 for session in await rows(database, models.Session)}
    assert len(kept) == 2
    assert sha256(oldest.token.encode()).digest() in kept


async def test_sessions_that_are_opened_at_once_are_never_more_than_fifty(database: Database) -> None:
    context = await a_context(database)
    await a_user(context, HANS)
    (user,) = await rows(database, models.User)
    async with database.unit_of_work() as session:
        now = context.clock.now()
        live = {"created_at": now - timedelta(1), "expires_at": now + timedelta(1)}
        session.add_all(_a_session(context, user, number, **live) for number in range(48))

    opened = await asyncio.gather(*(authenticate(context, HANS, PASSWORD) for _ in range(5)))

    kept = {session.token_sha256 for session in await rows(database, models.Session)}
    assert len(kept) == 50
    assert {sha256(each.token.encode()).digest() for each in opened} < kept


def _a_session(
    context: Context, user: models.User, number: int, *, created_at: datetime, expires_at: datetime
) -> models.Session:
    return models.Session(
        id=f"ses_{number:026}",
        channel_id=context.channel_id,
        account_id=user.account_id,
        user_id=user.id,
        token_sha256=number.to_bytes(32, "big"),
        created_at=created_at,
        last_used_at=created_at,
        expires_at=expires_at,
    )
