from __future__ import annotations

import asyncio
import dataclasses
from datetime import date

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from db import models
from db.engine import Database
from db.enums import Gender, RegistrationPolicy
from db.ids import is_well_formed, new_id
from resolvers.channels.service import create_channel
from resolvers.context import Context
from resolvers.customers.creation import Created
from resolvers.customers.service import register_customer
from resolvers.rules.errors import DomainError, EmailAddressTaken, InvalidInput, RateLimited, RegistrationClosed
from resolvers.rules.rights import contained
from resolvers.rules.roles import BUILT_IN_ROLES
from resolvers.rules.violations import ViolationCode
from tests.api.services import PASSWORD, CountingHasher, a_context, a_user, change, filled_in, registered, rows

pytestmark = pytest.mark.anyio

HANS = filled_in(
    email_address="Hans.Muster@CORP.com",
    password=PASSWORD,
    first_name="Hans",
    last_name="Müster",
    company="",
    gender=Gender.MALE,
    date_of_birth=date(1984, 5, 23),
    locale="de-de",
)


async def outcomes(*attempts: asyncio.Task[Created]) -> list[object]:
    return list(await asyncio.gather(*attempts, return_exceptions=True))


async def test_a_new_channel_has_the_built_in_roles(database: Database) -> None:
    context = await a_context(database)
    roles = {role.id: role for role in await rows(database, models.Role)}
    granted = {(roles[grant.role_id].code, grant.permission) for grant in await rows(database, models.RolePermission)}

    assert granted == {(role.code, permission) for role in BUILT_IN_ROLES for permission in contained(role.permissions)}
    assert {role.channel_id for role in roles.values()} == {context.channel_id}


async def test_registering_creates_a_customer_and_its_user(database: Database) -> None:
    context = await a_context(database)
    now = context.clock.now()

    created = await registered(context, HANS)

    (customer,) = await rows(database, models.Customer)
    (account,) = await rows(database, models.Account)
    (user,) = await rows(database, models.User)
    assert is_well_formed(created.customer_id)
    assert customer == models.Customer(
        id=created.customer_id,
        channel_id=context.channel_id,
        customer_number="10001",
        email_address="Hans.Muster@corp.com",
        locale="de_CH",
        first_name="Hans",
        last_name="Müster",
        gender=Gender.MALE,
        date_of_birth=date(1984, 5, 23),
        search_text="10001 hans muster hans.muster@corp.com",
        created_at=now,
        updated_at=now,
    )
    assert account == models.Account(
        id=account.id,
        channel_id=context.channel_id,
        email_address="Hans.Muster@corp.com",
        canonical_email_address="hans.muster@corp.com",
        password_hash=f"1:{PASSWORD}",
        created_at=now,
    )
    assert user == models.User(
        id=created.user_id,
        channel_id=context.channel_id,
        customer_id=created.customer_id,
        account_id=account.id,
        first_name="Hans",
        last_name="Müster",
        locale="de_CH",
        time_zone="Europe/Zurich",
        created_at=now,
    )


async def test_who_registers_is_the_customers_admin(database: Database) -> None:
    created = await a_user(await a_context(database))

    (granted,) = await rows(database, models.UserRole)
    roles = {role.id: role.code for role in await rows(database, models.Role)}
    assert (granted.user_id, roles[granted.role_id]) == (created.user_id, "customer-admin")


async def test_nothing_but_address_and_password_is_needed(database: Database) -> None:
    await a_user(await a_context(database))

    (customer,) = await rows(database, models.Customer)
    assert (customer.first_name, customer.gender, customer.locale) == (None, Gender.UNKNOWN, "de_CH")


@pytest.mark.parametrize(
    ("locale", "fit"),
    [("no_NO", "nb_NO"), ("fr-FR", "fr_CH"), ("zh-Hant-TW", "de_CH"), ("sr-Latn", "de_CH"), ("und", "de_CH")],
)
async def test_a_locale_picks_what_fits_best_and_keeps_nobody_out(database: Database, locale: str, fit: str) -> None:
    context = await a_context(database, locales=["de_CH", "fr_CH", "nb_NO"])

    await registered(context, HANS | filled_in(locale=locale))

    (customer,) = await rows(database, models.Customer)
    assert customer.locale == fit


async def test_every_violation_is_told_and_nothing_happens(database: Database) -> None:
    context = await a_context(database)

    with pytest.raises(InvalidInput) as raised:
        await register_customer(
            context,
            filled_in(
                email_address="a@evil.com(@corp.com",
                password="banana",
                first_name="x" * 31,
                last_name="a\0",
                company="\ud800",
                date_of_birth=date(2024, 3, 1),
                locale="xx_YY",
            ),
        )

    assert {"/".join(found.field): found.code for found in raised.value.violations} == {
        "emailAddress": ViolationCode.INVALID,
        "firstName": ViolationCode.TOO_LONG,
        "lastName": ViolationCode.INVALID,
        "company": ViolationCode.INVALID,
        "dateOfBirth": ViolationCode.INVALID,
        "locale": ViolationCode.INVALID,
        "user/password": ViolationCode.TOO_SHORT,
    }
    assert await rows(database, models.Customer) == []


async def test_the_channel_decides_what_a_password_needs(database: Database) -> None:
    context = await a_context(database, password_min_length=6, password_strength_checked=False)
    await register_customer(context, HANS | filled_in(password="banana"))

    strict = await a_context(database, code="strict")
    with pytest.raises(InvalidInput):
        await register_customer(strict, HANS | filled_in(password="hans.muster1"))


async def test_a_closed_channel_registers_nobody(database: Database) -> None:
    context = await a_context(database, registration=RegistrationPolicy.CLOSED)

    with pytest.raises(RegistrationClosed):
        await register_customer(context, HANS)
    assert await rows(database, models.User) == []
    assert await rows(database, models.Registration) == []


@pytest.mark.parametrize("again", ["hans.muster@corp.com", "HANS.MUSTER@corp.COM"])
async def test_an_address_is_registered_once_however_it_is_written(database: Database, again: str) -> None:
    context = await a_context(database)
    await register_customer(context, HANS)

    with pytest.raises(EmailAddressTaken):
        await register_customer(context, HANS | filled_in(email_address=again))
    assert len(await rows(database, models.Customer)) == 1


async def test_another_channel_is_another_shop(database: Database) -> None:
    first, second = await a_context(database), await a_context(database, code="other")
    await register_customer(first, HANS)
    await register_customer(second, HANS)

    assert {customer.customer_number for customer in await rows(database, models.Customer)} == {"10001"}
    assert len(await rows(database, models.User)) == 2


async def test_numbers_go_past_those_that_were_given_by_hand(database: Database) -> None:
    context = await a_context(database)
    async with database.unit_of_work() as session:
        for number in (*range(10_001, 10_014), 10_015):
            await a_numbered_customer(session, context, str(number))

    await a_user(context, "a@corp.com")
    await a_user(context, "b@corp.com")

    last = sorted(customer.customer_number for customer in await rows(database, models.Customer))[-3:]
    assert last == ["10014", "10015", "10016"]
    (channel,) = await rows(database, models.Channel)
    assert channel.last_customer_number == 10_016


async def a_numbered_customer(session: AsyncSession, context: Context, number: str) -> None:
    now = context.clock.now()
    session.add(
        models.Customer(
            id=new_id("cus", now),
            channel_id=context.channel_id,
            customer_number=number,
            locale="de_CH",
            created_at=now,
            updated_at=now,
        )
    )


async def test_sixteen_at_once_make_one_account(database: Database) -> None:
    context = await a_context(database)
    spellings = ["hans@corp.com", "HANS@corp.com", "Hans@CORP.COM", "hans@Corp.com"] * 4

    answered = await outcomes(
        *(asyncio.create_task(registered(context, HANS | filled_in(email_address=spelling))) for spelling in spellings)
    )

    assert sum(isinstance(answer, Created) for answer in answered) == 1
    assert sum(isinstance(answer, EmailAddressTaken) for answer in answered) == 15
    assert len(await rows(database, models.User)) == len(await rows(database, models.Customer)) == 1


async def test_sixteen_people_at_once_get_sixteen_numbers(database: Database) -> None:
    context = await a_context(database)

    answered = await outcomes(*(asyncio.create_task(a_user(context, f"user{n}@corp.com")) for n in range(16)))

    assert all(isinstance(answer, Created) for answer in answered)
    numbers = {customer.customer_number for customer in await rows(database, models.Customer)}
    assert numbers == {str(10_001 + n) for n in range(16)}


class SpyingHasher(CountingHasher):
    """Registers somebody else's account under the same address while the hash is made."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    async def hash(self, password: str, beside: str | None = None) -> str:
        await register_customer(self._context, HANS)  # would wait for ever if a transaction were open
        return await super().hash(password, beside)


async def test_hashing_happens_outside_of_every_transaction(database: Database) -> None:
    context = await a_context(database)

    with pytest.raises(EmailAddressTaken):
        await register_customer(dataclasses.replace(context, hasher=SpyingHasher(context)), HANS)
    assert len(await rows(database, models.Customer)) == 1


class BusyHasher(CountingHasher):
    async def hash(self, password: str, beside: str | None = None) -> str:  # noqa: ARG002 - the port's signature
        raise RateLimited(1)


async def test_when_there_is_too_much_to_hash_nothing_is_written(database: Database) -> None:
    context = dataclasses.replace(await a_context(database), hasher=BusyHasher())

    with pytest.raises(RateLimited):
        await register_customer(context, HANS)
    assert await rows(database, models.Customer) == []


async def test_a_taken_address_costs_no_hash(database: Database) -> None:
    context = await a_context(database)
    await register_customer(context, HANS)
    hasher = CountingHasher()

    with pytest.raises(DomainError):
        await register_customer(dataclasses.replace(context, hasher=hasher), HANS)
    assert hasher.hashed == 0


async def test_a_channel_takes_only_locales_that_exist(database: Database) -> None:
    context = await a_context(database, locales=["de-ch", "fr"], default_locale="en_GB")
    (channel,) = await rows(database, models.Channel)
    assert (channel.locales, channel.default_locale) == (["de_CH", "fr", "en_GB"], "en_GB")

    with pytest.raises(ValueError, match="locale"):
        async with database.unit_of_work() as session:
            await create_channel(session, now=context.clock.now(), code="x", name="X", locales=["xx_YY"])


async def test_a_disabled_user_keeps_the_address(database: Database) -> None:
    context = await a_context(database)
    created = await registered(context, HANS)
    await change(database, models.User, created.user_id, enabled=False)

    with pytest.raises(EmailAddressTaken):
        await register_customer(context, HANS)
