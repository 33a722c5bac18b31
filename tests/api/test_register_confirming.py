"""Where a link must be followed first, registering tells nobody who has the address: by answer, statements or work."""

from __future__ import annotations

import asyncio
import dataclasses
import re

import pytest

from db import models
from db.engine import Database
from db.enums import Gender, MailKind, MailState, RegistrationPolicy
from resolvers.context import Context
from resolvers.customers.service import register_customer
from resolvers.mails.rules import Urgency
from resolvers.rules.errors import ConfirmationBaseUrlNotAllowed, InvalidInput, RateLimited
from resolvers.rules.violations import ViolationCode
from resolvers.throttling.counters import TryLimits
from tests import pages
from tests.api.services import PASSWORD, CountingHasher, a_context, a_user, change, filled_in, rows, verbs
from tests.conftest import Statements

pytestmark = pytest.mark.anyio

PAGE = "https://shop.example/confirm?from=mail"
ANNA = filled_in(
    email_address="Anna.Muster@CORP.com",
    password=PASSWORD,
    first_name="Anna",
    last_name="Muster",
    company="Corp",
    gender=Gender.FEMALE,
    locale="fr",
    confirmation_base_url=PAGE,
)


async def a_confirming_context(database: Database, policy: RegistrationPolicy | None = None) -> Context:
    context = await a_context(database, landing_pages=pages.for_all(PAGE))
    await a_user(context, "taken@corp.com")
    disabled = await a_user(context, "disabled@corp.com")
    await change(database, models.User, disabled.user_id, enabled=False)
    policy = policy or RegistrationPolicy.CONFIRM_EMAIL_ADDRESS
    await change(database, models.Channel, context.channel_id, registration=policy)
    return context


async def test_a_registration_waits_for_its_mail_and_nobody_comes_into_being(database: Database) -> None:
    context = await a_confirming_context(database)
    now = context.clock.now()

    assert await register_customer(context, ANNA) is None

    (kept,) = await rows(database, models.Registration)
    assert kept == models.Registration(
        id=kept.id,
        channel_id=context.channel_id,
        email_address="Anna.Muster@corp.com",
        canonical_email_address="anna.muster@corp.com",
        first_name="Anna",
        last_name="Muster",
        company="Corp",
        gender=Gender.FEMALE,
        date_of_birth=None,
        locale="fr_CH",
        password_hash=f"1:{PASSWORD}",
        created_at=now,
        place=1,
        network="192.0.2.1",
    )
    (mail,) = await rows(database, models.Mail)
    assert mail == models.Mail(
        id=mail.id,
        channel_id=context.channel_id,
        kind=MailKind.REGISTRATION,
        state=MailState.QUEUED,
        email_address="Anna.Muster@corp.com",
        canonical_email_address="anna.muster@corp.com",
        confirmation_base_url=PAGE,
        created_at=now,
        due_at=now,
        registration_id=kept.id,
        network="192.0.2.1",
        urgency=Urgency.NEWCOMER,
    )
    assert len(await rows(database, models.User)) == len(await rows(database, models.Customer)) == 2


async def test_nothing_tells_whether_an_address_is_free_taken_or_registered_already(
    database: Database, statements: Statements
) -> None:
    context = await a_confirming_context(database)
    await register_customer(context, ANNA | filled_in(email_address="again@corp.com"))
    work = {}
    for name in ("free", "taken", "again", "disabled"):
        hasher = CountingHasher()
        asking = dataclasses.replace(context, hasher=hasher)
        await statements.taken()
        answered = await register_customer(asking, ANNA | filled_in(email_address=f"{name}@corp.com"))
        work[name] = (answered, hasher.hashed, sorted(map(without_values, await statements.taken())))

    assert all(each == work["free"] for each in work.values()), work
    answered, hashed, sent = work["free"]
    assert (answered, hashed) == (None, 1)
    # Read are the rules, and whether it is the owner who asks. Inserted are the throttles of network and address, the
    # registration and the mail.
    assert verbs(sent) == {"SELECT": 2, "BEGIN": 2, "INSERT": 5, "COMMIT": 2}


def without_values(statement: str) -> str:
    """Return a statement as it would be with other values, which one of the drivers fills in."""
    return re.sub(r"'(?:[^']|'')*'", "?", statement)


async def test_a_newer_registration_stands_beside_an_older_one(database: Database) -> None:
    context = await a_confirming_context(database)
    await register_customer(context, ANNA)
    (older,) = await rows(database, models.Registration)

    newer = ANNA | filled_in(email_address="anna.muster@corp.com", first_name=None, password="x" + PASSWORD)
    await register_customer(context, newer)

    first, kept = sorted(await rows(database, models.Registration), key=lambda row: row.place)
    assert first == older
    assert (kept.email_address, kept.first_name, kept.password_hash) == (
        "anna.muster@corp.com",
        None,
        f"1:x{PASSWORD}",
    )
    assert [mail.kind for mail in await rows(database, models.Mail)] == [MailKind.REGISTRATION] * 2


async def test_three_of_sixteen_registrations_at_once_are_kept_and_three_mails_are_written(database: Database) -> None:
    context = await a_confirming_context(database)

    answered = await asyncio.gather(
        *(register_customer(context, ANNA | filled_in(first_name=f"A{number}")) for number in range(16))
    )

    assert answered == [None] * 16
    kept = {row.id for row in await rows(database, models.Registration)}
    assert len(kept) == 3
    assert {mail.registration_id for mail in await rows(database, models.Mail)} == kept


async def test_another_channel_has_registrations_of_its_own(database: Database) -> None:
    first = await a_confirming_context(database)
    second = await a_context(
        database,
        code="other",
        registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS,
        landing_pages=pages.for_all(PAGE),
    )

    await register_customer(first, ANNA)
    await register_customer(second, ANNA)

    kept = await rows(database, models.Registration)
    assert {each.channel_id for each in kept} == {first.channel_id, second.channel_id}


@pytest.mark.either_database
@pytest.mark.parametrize("page", [None, ""])
@pytest.mark.parametrize("address", ["free@corp.com", "taken@corp.com"])
async def test_a_page_to_link_to_is_required_whoever_has_the_address(
    database: Database, page: str | None, address: str
) -> None:
    context = await a_confirming_context(database)
    asked = ANNA | filled_in(email_address=address, confirmation_base_url=page, first_name="x" * 31)

    with pytest.raises(InvalidInput) as raised:
        await register_customer(context, asked)

    assert [(found.field, found.code) for found in raised.value.violations] == [
        (("firstName",), ViolationCode.TOO_LONG),
        (("confirmationBaseUrl",), ViolationCode.REQUIRED),
    ]
    assert await rows(database, models.Registration) == []
    assert await rows(database, models.Mail) == []


@pytest.mark.either_database
@pytest.mark.parametrize("policy", [RegistrationPolicy.CONFIRM_EMAIL_ADDRESS, RegistrationPolicy.OPEN])
@pytest.mark.parametrize("address", ["free@corp.com", "taken@corp.com"])
@pytest.mark.parametrize(
    "page", ["https://evil.example/", "http://shop.example/", "https://shop.example.evil.example/", "shop.example"]
)
async def test_mails_link_to_no_page_of_another_origin(
    database: Database, policy: RegistrationPolicy, address: str, page: str
) -> None:
    context = await a_confirming_context(database, policy)
    hasher = CountingHasher()

    with pytest.raises(ConfirmationBaseUrlNotAllowed):
        await register_customer(
            dataclasses.replace(context, hasher=hasher),
            ANNA | filled_in(email_address=address, confirmation_base_url=page),
        )

    assert hasher.hashed == 0
    assert await rows(database, models.Registration) == []
    assert await rows(database, models.Mail) == []
    assert len(await rows(database, models.User)) == 2


async def test_who_asks_for_too_many_mails_is_told_and_nothing_is_kept(database: Database) -> None:
    context = dataclasses.replace(await a_confirming_context(database), limits=TryLimits(mails_per_network=2))
    for number in range(2):
        await register_customer(context, ANNA | filled_in(email_address=f"a{number}@corp.com"))

    with pytest.raises(RateLimited):
        await register_customer(context, ANNA)
    assert len(await rows(database, models.Registration)) == len(await rows(database, models.Mail)) == 2


async def test_the_fourth_mail_to_an_address_is_not_written_and_nobody_can_tell(database: Database) -> None:
    context = await a_confirming_context(database)
    answered = [await register_customer(context, ANNA | filled_in(first_name=f"A{number}")) for number in range(4)]

    assert answered == [None] * 4
    assert len(await rows(database, models.Mail)) == 3
    kept = sorted(row.first_name or "" for row in await rows(database, models.Registration))
    assert kept == ["A0", "A1", "A2"], "to make room would take a place from somebody, who may be the owner"


async def test_where_people_are_signed_in_at_once_a_page_has_a_confirmation_mailed_as_well(database: Database) -> None:
    context = await a_confirming_context(database, RegistrationPolicy.OPEN)

    created = await register_customer(context, ANNA)

    assert created is not None
    (mail,) = await rows(database, models.Mail)
    assert (mail.kind, mail.email_address, mail.confirmation_base_url) == (
        MailKind.CONFIRMATION,
        "Anna.Muster@corp.com",
        PAGE,
    )
    assert await rows(database, models.Registration) == []


async def test_without_a_page_nothing_is_mailed_where_nothing_has_to_be_confirmed(database: Database) -> None:
    context = await a_confirming_context(database, RegistrationPolicy.OPEN)

    await register_customer(context, ANNA | filled_in(confirmation_base_url=None))

    assert await rows(database, models.Mail) == []
