"""Who follows the link to a new address signs in with it from then on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from db import models
from db.enums import AddressType, ChannelKind
from resolvers.mails.letter import Theme
from tests.api.services import PASSWORD, a_user, change, rows
from tests.api.signing_in import HANS, NEW_PASSWORD, PAGE, a_shop

if TYPE_CHECKING:
    from db.engine import Database

from tests.api.email_addresses.confirming import MOVED, a_move, confirm, everything

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("kind", ChannelKind)
async def test_a_user_moves_to_the_new_address_and_a_consumer_moves_as_a_whole(
    database: Database, kind: ChannelKind
) -> None:
    hans, token = await a_move(database, kind=kind)

    found = await hans.do("confirmEmailAddress", token=token)

    assert found == {"__typename": "ConfirmEmailAddressSuccess", "emailAddress": MOVED}
    [account], [customer] = await rows(database, models.Account), await rows(database, models.Customer)
    assert (account.email_address, account.canonical_email_address, account.pending_email_address) == (
        MOVED,
        MOVED,
        None,
    )
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


async def test_change_ends_all_sessions_and_voids_what_was_mailed_to_the_old_address(database: Database) -> None:
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
    assert (letter.receiver, letter.other_address, letter.link) == (HANS, "h***@e***.com", None)


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
    assert len([each for each in await rows(database, models.Account) if each.email_address == MOVED]) == 1


async def test_who_wants_to_move_elsewhere_by_now_does_not_move_here(database: Database) -> None:
    hans, token = await a_move(database)
    elsewhere = "hans@third.example"
    await hans.do("changeEmailAddress", email_address=elsewhere, current_password=PASSWORD, confirmation_base_url=PAGE)

    assert await confirm(hans, token) == "TokenInvalidError"

    [account] = await rows(database, models.Account)
    assert account.email_address == HANS
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
