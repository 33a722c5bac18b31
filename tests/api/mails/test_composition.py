"""What a mail says is the same at each try, and its link is good for one purpose at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from db.enums import MailKind, MailState, TokenPurpose
from resolvers.mails.composition import KeyGoneError, Keys
from resolvers.mails.letter import Form, Theme
from tests.api.mails.outgoing import composed, put, the_mail
from tests.api.services import change, rows
from tests.api.signing_in import HANS, KEYS, NEW_PASSWORD, a_shop, token_of

if TYPE_CHECKING:
    from db.engine import Database

from tests import pages
from tests.api.mails.receivers import a_registration, an_account, link_of

pytestmark = pytest.mark.anyio

MOVED = "hans@elsewhere.com"
OLD, NEW, GONE = b"o" * 32, b"n" * 32, b"g" * 32


async def test_a_letter_says_who_writes_to_whom_in_which_words(database: Database) -> None:
    shop = await a_shop(database, sender_name="Paloma Service", sender_email_address="service@paloma.example")
    await an_account(shop, locale="fr_CH", time_zone="Europe/Paris")

    letter = await composed(shop, await put(shop, MailKind.PASSWORD_RESET))

    assert letter
    assert (letter.name, letter.locale, letter.time_zone) == ("Hans Müster", "fr_CH", "Europe/Paris")
    assert (letter.shop, letter.sender_name, letter.sender_address) == (
        "Shop",
        "Paloma Service",
        "service@paloma.example",
    )


async def test_a_shop_that_names_no_sender_writes_in_its_own_name(database: Database) -> None:
    shop = await a_shop(database)
    await an_account(shop)

    letter = await composed(shop, await put(shop, MailKind.PASSWORD_RESET))

    assert letter
    assert (letter.sender_name, letter.sender_address) == ("Shop", None)


async def test_the_name_that_a_stranger_chose_becomes_no_message_of_ours(database: Database) -> None:
    shop = await a_shop(database)
    await a_registration(shop, first_name="You won at evil.com")

    letter = await composed(shop, await put(shop, MailKind.REGISTRATION))

    assert letter
    assert letter.name is None


async def test_what_has_been_found_out_stays_so(database: Database) -> None:
    shop = await a_shop(database)
    user_id = await an_account(shop)
    mail_id = await put(shop, MailKind.PASSWORD_RESET)
    first = await composed(shop, mail_id)
    await change(database, models.User, user_id, first_name="Eva", locale="en_GB")

    assert await composed(shop, mail_id) == first


async def test_a_token_is_the_same_at_each_try_and_lives_from_the_last_one_on(database: Database) -> None:
    shop = await a_shop(database)
    await an_account(shop)
    mail_id = await put(shop, MailKind.PASSWORD_RESET)
    first = link_of(await composed(shop, mail_id))

    shop.advance(hours=3)
    letter = await composed(shop, mail_id)

    assert letter
    assert letter.link == first
    assert letter.expires_at == shop.context.clock.now() + timedelta(minutes=60)
    assert len(await rows(database, models.MailedToken)) == 1
    assert await shop.outcome("finishPasswordReset", token=token_of(first), password=NEW_PASSWORD) == (
        "FinishPasswordResetSuccess"
    )


async def test_a_token_that_was_spent_is_not_sent_again(database: Database) -> None:
    shop = await a_shop(database)
    await an_account(shop)
    mail_id = await put(shop, MailKind.CONFIRMATION)
    token = token_of(link_of(await composed(shop, mail_id)))
    await shop.do("confirmEmailAddress", token=token)

    assert await composed(shop, mail_id) is None

    assert (await the_mail(database, mail_id)).state is MailState.DROPPED


LINKING = (MailKind.PASSWORD_RESET, MailKind.CONFIRMATION)


@pytest.mark.parametrize("kind", LINKING)
async def test_a_newer_mail_takes_nothing_from_one_that_still_waits(database: Database, kind: MailKind) -> None:
    shop = await a_shop(database)
    await an_account(shop)
    older, newer = await put(shop, kind), await put(shop, kind)

    links = {link_of(await composed(shop, mail_id)) for mail_id in (newer, older)}

    assert len(links) == 2


async def test_a_newer_mail_takes_nothing_from_one_that_is_tried_again(database: Database) -> None:
    shop = await a_shop(database)
    await an_account(shop)
    older = await put(shop, MailKind.PASSWORD_RESET)
    link = link_of(await composed(shop, older))
    assert link_of(await composed(shop, await put(shop, MailKind.PASSWORD_RESET))) != link

    assert link_of(await composed(shop, older)) == link
    assert await shop.outcome("finishPasswordReset", token=token_of(link), password=NEW_PASSWORD) == (
        "FinishPasswordResetSuccess"
    )


@pytest.mark.parametrize("kind", LINKING)
async def test_a_link_that_was_used_voids_all_of_its_purpose_that_wait_or_were_sent(
    database: Database, kind: MailKind
) -> None:
    shop = await a_shop(database)
    await an_account(shop)
    sent, retried, waits = [await put(shop, kind) for _ in range(3)]
    tokens = [token_of(link_of(await composed(shop, mail_id))) for mail_id in (sent, retried)]

    field, more = {
        MailKind.PASSWORD_RESET: ("finishPasswordReset", {"password": NEW_PASSWORD}),
        MailKind.CONFIRMATION: ("confirmEmailAddress", {}),
    }[kind]
    outcomes = [await shop.outcome(field, token=token, **more) for token in reversed(tokens)]

    assert outcomes == [f"{field[0].upper()}{field[1:]}Success", "TokenInvalidError"]
    assert [await composed(shop, mail_id) for mail_id in (retried, waits)] == [None, None]


async def test_who_asks_for_the_link_again_gets_that_of_the_form_filled_in_from_there(database: Database) -> None:
    shop = await a_shop(database)
    for network, name in (("192.0.2.7", "Hans"), ("198.51.100.9", "Eve"), ("203.0.113.5", "Mallory")):
        await a_registration(shop, first_name=name, network=network)
        shop.advance(seconds=1)

    async def name_of(**asked: Any) -> str | None:
        letter = await composed(shop, await put(shop, MailKind.CONFIRMATION, **asked))
        return letter.name if letter else None

    assert await name_of(network="192.0.2.7") == "Hans"
    assert await name_of(network="198.51.100.9") == "Eve"
    assert await name_of(network="192.0.2.200") == "Mallory", "the newest"


async def test_a_letter_says_when_and_from_where_a_form_was_filled_in(database: Database) -> None:
    shop = await a_shop(database)
    filled_at = shop.context.clock.now()
    await a_registration(shop, network="2001:db8::7")

    letter = await composed(shop, await put(shop, MailKind.CONFIRMATION))

    assert letter
    assert letter.form == Form(filled_at, "2001:db8::/64")


async def test_of_two_users_who_want_to_move_to_one_address_both_are_mailed(database: Database) -> None:
    shop = await a_shop(database)
    users = [await an_account(shop, address, pending_email_address=MOVED) for address in (HANS, "eva.keller@corp.com")]
    mails = [await put(shop, MailKind.EMAIL_ADDRESS_CHANGE, MOVED, user_id=user_id) for user_id in users]

    letters = [await composed(shop, mail_id) for mail_id in mails]

    assert [letter and letter.theme for letter in letters] == [Theme.CONFIRM_NEW_ADDRESS] * 2


async def test_no_token_goes_to_a_page_that_the_shop_has_lost_since(database: Database) -> None:
    shop = await a_shop(database)
    await an_account(shop)
    began, waits = [await put(shop, kind) for kind in (MailKind.PASSWORD_RESET, MailKind.CONFIRMATION)]
    assert await composed(shop, began)

    await change(database, models.Channel, shop.context.channel_id, landing_pages=pages.for_all("https://new.example/"))

    assert [await composed(shop, mail_id) for mail_id in (began, waits)] == [None, None]
    assert [(await the_mail(database, mail_id)).state for mail_id in (began, waits)] == [MailState.DROPPED] * 2


@pytest.mark.parametrize("state", [MailState.SENT, MailState.DROPPED, MailState.GIVEN_UP])
async def test_a_mail_that_has_ended_is_not_composed(database: Database, state: MailState) -> None:
    shop = await a_shop(database)
    await an_account(shop)
    mail_id = await put(shop, MailKind.PASSWORD_RESET)
    await change(database, models.Mail, mail_id, state=state)

    assert await composed(shop, mail_id) is None
    assert await composed(shop, "mai_01HV2JCC9T33QXEAXPHCJEC4FA") is None
    assert await rows(database, models.MailedToken) == []


async def test_a_key_that_was_replaced_still_makes_the_tokens_that_it_made(database: Database) -> None:
    shop = await a_shop(database)
    await an_account(shop)
    mail_id = await put(shop, MailKind.PASSWORD_RESET)
    made = link_of(await composed(shop, mail_id, Keys([OLD])))

    assert link_of(await composed(shop, mail_id, Keys([NEW, OLD]))) == made
    newer = link_of(await composed(shop, await put(shop, MailKind.PASSWORD_RESET), Keys([NEW, OLD])))

    token = token_of(newer)
    _older, row = sorted(await rows(database, models.MailedToken), key=lambda row: row.id)
    assert (Keys([NEW]).token(row), Keys([OLD]).token(row)) == (token, None), "the first key makes new ones"


async def test_a_mail_whose_key_is_gone_is_no_letter_until_it_is_put_back(database: Database) -> None:
    shop = await a_shop(database)
    await an_account(shop)
    mail_id = await put(shop, MailKind.PASSWORD_RESET)
    made = await composed(shop, mail_id, Keys([GONE]))

    with pytest.raises(KeyGoneError):
        await composed(shop, mail_id, Keys([NEW]))

    assert await composed(shop, mail_id, Keys([NEW, GONE])) == made


async def test_the_database_alone_yields_no_token(database: Database) -> None:
    shop = await a_shop(database)
    await an_account(shop)
    mail_id = await put(shop, MailKind.PASSWORD_RESET)
    token = token_of(link_of(await composed(shop, mail_id)))

    [row] = await rows(database, models.MailedToken)
    mail = await the_mail(database, mail_id)
    assert (row.purpose, row.email_address) == (TokenPurpose.PASSWORD_RESET, HANS)
    assert token not in f"{row.model_dump()} {mail.model_dump()}"
    assert Keys([NEW]).token(row) is None
    assert KEYS.token(row) == token
