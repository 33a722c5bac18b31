from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from db.enums import AddressType, ChannelKind, RegistrationPolicy
from resolvers.mails.letter import Theme
from tests.api.services import PASSWORD, a_user, change, rows
from tests.api.signing_in import HANS, NEW_PASSWORD, PAGE, Shop, a_shop

if TYPE_CHECKING:
    from sqlmodel import SQLModel

    from db.engine import Database

pytestmark = pytest.mark.anyio

MOVED = "hans@elsewhere.com"
CONFIRMING = {"registration": RegistrationPolicy.CONFIRM_EMAIL_ADDRESS}


async def register(shop: Shop, email_address: str = HANS, password: str = PASSWORD, **given: Any) -> str:
    return await shop.outcome(
        "registerCustomer",
        email_address=email_address,
        user={"password": password},
        confirmation_base_url=PAGE,
        **given,
    )


async def confirm(shop: Shop, token: str) -> str:
    return await shop.outcome("confirmEmailAddress", token=token)


async def a_registration(database: Database) -> tuple[Shop, str]:
    """Return a shop where Hans has registered and nothing is confirmed, and the token that he was mailed."""
    shop = await a_shop(database, **CONFIRMING)
    await register(shop)
    return shop, await shop.mailed_token()


async def a_move(database: Database, **settings: Any) -> tuple[Shop, str]:
    """Return a shop for the requests of Hans, who wants to move, and the token that the new address was mailed."""
    shop = await a_shop(database, **settings)
    await a_user(shop.context, HANS)
    hans = await shop.sign_in()
    await hans.do("changeEmailAddress", email_address=MOVED, current_password=PASSWORD, confirmation_base_url=PAGE)
    return hans, await shop.mailed_token()


async def everything(database: Database) -> list[SQLModel]:
    """Return all that a confirmation could change, except how often it was tried."""
    tables = (models.User, models.Customer, models.Registration, models.Session, models.MailedToken, models.Mail)
    return [row for table in tables for row in await rows(database, table)]


async def test_a_registration_becomes_a_customer_who_can_sign_in(database: Database) -> None:
    shop, token = await a_registration(database)
    assert await shop.outcome("authenticate", username=HANS, password=PASSWORD) == "EmailAddressNotConfirmedError"
    assert await rows(database, models.Customer) == []

    found = await shop.do("confirmEmailAddress", token=token)

    assert found == {"__typename": "ConfirmEmailAddressSuccess", "emailAddress": HANS}
    [user], [customer] = await rows(database, models.User), await rows(database, models.Customer)
    assert (user.email_address, customer.email_address, user.customer_id) == (HANS, HANS, customer.id)
    assert user.confirmed_at == shop.context.clock.now()
    assert await rows(database, models.Registration) == []
    assert await shop.outcome("authenticate", username=HANS, password=PASSWORD) == "AuthenticateSuccess"


async def test_nobody_is_signed_in_by_confirming(database: Database) -> None:
    shop, token = await a_registration(database)

    assert b"token" not in await shop.bytes_of("confirmEmailAddress", token=token)

    assert await rows(database, models.Session) == []


async def test_a_token_serves_once(database: Database) -> None:
    shop, token = await a_registration(database)

    assert [await confirm(shop, token) for _ in range(2)] == ["ConfirmEmailAddressSuccess", "TokenInvalidError"]


async def test_of_those_who_confirm_at_once_one_wins(database: Database) -> None:
    shop, token = await a_registration(database)

    outcomes = await asyncio.gather(*(confirm(shop, token) for _ in range(16)))

    assert sorted(outcomes) == ["ConfirmEmailAddressSuccess"] + ["TokenInvalidError"] * 15
    assert len(await rows(database, models.Customer)) == 1


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        ({"hours": 24, "seconds": -1}, "ConfirmEmailAddressSuccess"),
        ({"hours": 24}, "TokenExpiredError"),
        ({"days": 6}, "TokenExpiredError"),
    ],
)
async def test_a_token_serves_for_a_day(database: Database, after: dict[str, float], outcome: str) -> None:
    shop, token = await a_registration(database)
    shop.advance(**after)

    assert await confirm(shop, token) == outcome


async def test_a_newer_registration_takes_the_place_of_the_older_one(database: Database) -> None:
    shop, squatters = await a_registration(database)
    shop.advance(seconds=1)
    await register(shop, password=NEW_PASSWORD)

    assert await confirm(shop, squatters) == "TokenInvalidError"
    assert await rows(database, models.Customer) == []

    assert await confirm(shop, await shop.mailed_token()) == "ConfirmEmailAddressSuccess"
    assert await shop.outcome("authenticate", username=HANS, password=PASSWORD) == "BadCredentialsError"
    assert await shop.outcome("authenticate", username=HANS, password=NEW_PASSWORD) == "AuthenticateSuccess"


async def test_an_address_that_was_taken_meanwhile_leaves_a_registration_as_it_was(database: Database) -> None:
    shop, token = await a_registration(database)
    await change(database, models.Channel, shop.context.channel_id, registration=RegistrationPolicy.OPEN)
    await a_user(shop.context, HANS)
    before = await everything(database)

    assert await confirm(shop, token) == "EmailAddressTakenError"

    assert await everything(database) == before


async def test_a_user_proves_the_address_that_counts_already(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    hans = await shop.sign_in()
    await shop.do("resendConfirmation", email_address=HANS, confirmation_base_url=PAGE)

    assert await confirm(shop, await shop.mailed_token()) == "ConfirmEmailAddressSuccess"

    [user] = await rows(database, models.User)
    assert user.confirmed_at == shop.context.clock.now()
    assert await hans.is_signed_in()


@pytest.mark.parametrize("kind", ChannelKind)
async def test_a_user_moves_to_the_new_address_and_a_consumer_moves_as_a_whole(
    database: Database, kind: ChannelKind
) -> None:
    hans, token = await a_move(database, kind=kind)

    found = await hans.do("confirmEmailAddress", token=token)

    assert found == {"__typename": "ConfirmEmailAddressSuccess", "emailAddress": MOVED}
    [user], [customer] = await rows(database, models.User), await rows(database, models.Customer)
    assert (user.email_address, user.canonical_email_address, user.pending_email_address) == (MOVED, MOVED, None)
    contact = MOVED if kind is ChannelKind.B2C else HANS
    assert customer.email_address == contact
    assert contact in customer.search_text.split()
    assert ({HANS, MOVED} - {contact}).isdisjoint(customer.search_text.split())
    assert await hans.outcome("authenticate", username=HANS, password=PASSWORD) == "BadCredentialsError"
    assert await hans.outcome("authenticate", username=MOVED, password=PASSWORD) == "AuthenticateSuccess"


async def test_who_moves_keeps_the_other_words_that_the_customer_is_found_by(database: Database) -> None:
    hans, token = await a_move(database)
    [customer] = await rows(database, models.Customer)
    now = hans.context.clock.now()
    mentioned = models.Address(
        id="adr_01HV2JCC9T33QXEAXPHCJEC4FA",
        customer_id=customer.id,
        type=AddressType.CONTACT,
        street="High Street 1",
        city="London",
        country="GB",
        email_address="office@corp.com",
        created_at=now,
        updated_at=now,
    )
    async with database.unit_of_work() as session:
        session.add(mentioned)
    await change(database, models.Customer, customer.id, first_name="Hans", last_name="Müster", company="Corp")

    await confirm(hans, token)

    [customer] = await rows(database, models.Customer)
    assert set(customer.search_text.split()) == {"10001", "hans", "muster", "corp", MOVED, "office@corp.com"}


async def test_moving_ends_all_sessions_and_voids_what_was_mailed_to_the_old_address(database: Database) -> None:
    hans, token = await a_move(database)
    elsewhere = await hans.sign_in()
    await hans.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)
    reset = await hans.mailed_token()
    hans.advance(seconds=1)
    await hans.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)

    await confirm(hans, token)

    assert [await session.is_signed_in() for session in (hans, elsewhere)] == [False, False]
    assert await hans.outcome("finishPasswordReset", token=reset, password=NEW_PASSWORD) == "TokenInvalidError"
    assert [letter.theme for letter in await hans.posted()] == [Theme.ADDRESS_CHANGED]


async def test_the_old_address_is_told_and_learns_the_new_one_masked(database: Database) -> None:
    hans, token = await a_move(database)

    await confirm(hans, token)

    [letter] = await hans.posted()
    assert (letter.receiver, letter.other_address, letter.link) == (HANS, "h***@elsewhere.com", None)


async def test_an_address_that_was_taken_meanwhile_leaves_the_user_where_he_was(database: Database) -> None:
    hans, token = await a_move(database)
    await a_user(hans.context, MOVED)
    before = await everything(database)

    assert await confirm(hans, token) == "EmailAddressTakenError"

    assert await everything(database) == before
    assert await hans.is_signed_in()


async def test_of_two_who_move_to_one_address_one_arrives(database: Database) -> None:
    shop = await a_shop(database)
    tokens = []
    for address in (HANS, "eva.keller@corp.com"):
        await a_user(shop.context, address)
        user = await shop.sign_in(address)
        await user.do("changeEmailAddress", email_address=MOVED, current_password=PASSWORD, confirmation_base_url=PAGE)
        tokens.append(await shop.mailed_token())

    outcomes = await asyncio.gather(*(confirm(shop, token) for token in tokens))

    assert sorted(outcomes) == ["ConfirmEmailAddressSuccess", "EmailAddressTakenError"]
    assert len([user for user in await rows(database, models.User) if user.email_address == MOVED]) == 1


async def test_who_wants_to_move_elsewhere_by_now_does_not_move_here(database: Database) -> None:
    hans, token = await a_move(database)
    elsewhere = "hans@third.example"
    await hans.do("changeEmailAddress", email_address=elsewhere, current_password=PASSWORD, confirmation_base_url=PAGE)

    assert await confirm(hans, token) == "TokenInvalidError"

    [user] = await rows(database, models.User)
    assert user.email_address == HANS
    assert await confirm(hans, await hans.mailed_token()) == "ConfirmEmailAddressSuccess"


async def test_a_link_to_the_former_address_moves_nobody_back(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    hans = await shop.sign_in()
    await shop.do("resendConfirmation", email_address=HANS, confirmation_base_url=PAGE)
    former = await shop.mailed_token()
    await hans.do("changeEmailAddress", email_address=MOVED, current_password=PASSWORD, confirmation_base_url=PAGE)
    await confirm(shop, await shop.mailed_token())

    assert await confirm(shop, former) == "TokenInvalidError"


async def test_a_disabled_user_proves_nothing(database: Database) -> None:
    hans, token = await a_move(database)
    [user] = await rows(database, models.User)
    await change(database, models.User, user.id, enabled=False)
    before = await everything(database)

    assert await confirm(hans, token) == "TokenInvalidError"

    assert await everything(database) == before


async def test_a_token_is_good_in_its_channel_and_for_its_purpose_only(database: Database) -> None:
    shop, token = await a_registration(database)
    other = await a_shop(database, code="other")
    await a_user(other.context, HANS)
    await other.do("startPasswordReset", email_address=HANS, confirmation_base_url=PAGE)
    reset = await other.mailed_token()

    assert await confirm(other, token) == "TokenInvalidError"
    assert await confirm(other, reset) == "TokenInvalidError"
    assert await shop.outcome("finishPasswordReset", token=token, password=NEW_PASSWORD) == "TokenInvalidError"
    assert await confirm(shop, token) == "ConfirmEmailAddressSuccess"


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "' OR 1=1 --", "x" * 60_000])
async def test_a_strange_token_is_an_unknown_one(database: Database, token: str) -> None:
    shop, _token = await a_registration(database)

    assert await confirm(shop, token) == "TokenInvalidError"


async def test_tokens_are_tried_a_hundred_times_an_hour_and_right_ones_count_nothing(database: Database) -> None:
    shop, token = await a_registration(database)
    for number in range(99):
        await confirm(shop, f"guess {number}")
    assert await confirm(shop, token) == "ConfirmEmailAddressSuccess"

    assert await confirm(shop, "guess") == "TokenInvalidError"
    assert await confirm(shop, "guess") == "RateLimitedError"
