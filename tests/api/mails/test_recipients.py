"""Who reads a mail is found out when it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from db.enums import MailKind, MailState, RegistrationPolicy
from resolvers.mails.letter import Theme
from tests.api.mails.outgoing import composed, put, the_mail
from tests.api.services import change, rows
from tests.api.signing_in import HANS, PAGE, a_shop

if TYPE_CHECKING:
    from db.engine import Database

from tests.api.mails.receivers import a_registration, an_account

MOVED = "hans@elsewhere.com"


pytestmark = pytest.mark.anyio


@dataclass
class Case:
    """Who is there, and who is written to what."""

    kind: MailKind
    user: dict[str, Any] | None = None
    registered: bool = False
    theme: Theme | None = None
    receiver: str = HANS
    mail: dict[str, Any] = field(default_factory=dict)
    to: str = HANS


UNKNOWN = "usr_01HV2JCC9T33QXEAXPHCJEC4FA"


DISABLED: dict[str, Any] = {"enabled": False}


PENDING: dict[str, Any] = {"pending_email_address": MOVED}


ABOUT_A_MOVE: dict[str, Any] = {"confirmation_base_url": None, "other_address": MOVED}


NOTICE: dict[str, Any] = {"confirmation_base_url": None}


CASES = {
    "registration": Case(MailKind.REGISTRATION, registered=True, theme=Theme.CONFIRM_REGISTRATION),
    "registration of a user": Case(MailKind.REGISTRATION, {}, theme=Theme.ALREADY_REGISTERED),
    "registration of a disabled user": Case(MailKind.REGISTRATION, DISABLED),
    "registration that is gone": Case(MailKind.REGISTRATION),
    "confirmation of a registration": Case(MailKind.CONFIRMATION, registered=True, theme=Theme.CONFIRM_REGISTRATION),
    "confirmation of a user": Case(MailKind.CONFIRMATION, {}, theme=Theme.CONFIRM_ADDRESS),
    "confirmation of a confirmed user": Case(MailKind.CONFIRMATION, {"confirmed_at": True}),
    "confirmation of a disabled user": Case(MailKind.CONFIRMATION, DISABLED),
    "confirmation of nobody": Case(MailKind.CONFIRMATION),
    "reset of a user": Case(MailKind.PASSWORD_RESET, {}, theme=Theme.RESET_PASSWORD),
    "reset without a password": Case(MailKind.PASSWORD_RESET, {"password_hash": None}, theme=Theme.RESET_PASSWORD),
    "reset of a disabled user": Case(MailKind.PASSWORD_RESET, DISABLED),
    "reset of a registration": Case(MailKind.PASSWORD_RESET, registered=True),
    "reset of nobody": Case(MailKind.PASSWORD_RESET),
    "password changed": Case(MailKind.PASSWORD_CHANGED, {}, theme=Theme.PASSWORD_CHANGED, mail=NOTICE),
    "password changed of a disabled user": Case(
        MailKind.PASSWORD_CHANGED, DISABLED, theme=Theme.PASSWORD_CHANGED, mail=NOTICE
    ),
    "password changed of nobody": Case(MailKind.PASSWORD_CHANGED, mail=NOTICE),
    "move": Case(MailKind.EMAIL_ADDRESS_CHANGE, PENDING, theme=Theme.CONFIRM_NEW_ADDRESS, receiver=MOVED, to=MOVED),
    "move of a disabled user": Case(MailKind.EMAIL_ADDRESS_CHANGE, PENDING | DISABLED, to=MOVED),
    "move that was given up": Case(MailKind.EMAIL_ADDRESS_CHANGE, {}, to=MOVED),
    "move to a taken address": Case(MailKind.EMAIL_ADDRESS_CHANGE, PENDING, theme=Theme.ALREADY_REGISTERED),
    "move announced": Case(MailKind.EMAIL_ADDRESS_CHANGING, PENDING, theme=Theme.ADDRESS_CHANGING, mail=ABOUT_A_MOVE),
    "moved": Case(
        MailKind.EMAIL_ADDRESS_CHANGED,
        {"email_address": MOVED, "canonical_email_address": MOVED},
        theme=Theme.ADDRESS_CHANGED,
        mail=ABOUT_A_MOVE,
    ),
}


def test_every_kind_of_mail_has_its_cases() -> None:
    assert {case.kind for case in CASES.values()} == set(MailKind)
    assert {case.theme for case in CASES.values()} == {*Theme, None}


@pytest.mark.parametrize("name", CASES)
async def test_a_mail_goes_to_whom_it_concerns_or_to_nobody(database: Database, name: str) -> None:
    case, shop = CASES[name], await a_shop(database)
    now = shop.context.clock.now()
    user_id = None if case.mail.get("confirmation_base_url", PAGE) else UNKNOWN
    if case.user is not None:
        columns: dict[str, Any] = {key: now if value is True else value for key, value in case.user.items()}
        user_id = await an_account(shop, **columns)
    if case.registered:
        await a_registration(shop)
    mail_id = await put(shop, case.kind, case.to, user_id=user_id, **case.mail)

    letter = await composed(shop, mail_id)

    mail = await the_mail(database, mail_id)
    read_by = letter and (letter.theme, letter.receiver)
    assert read_by == ((case.theme, case.receiver) if case.theme else None)
    assert mail.state == (MailState.QUEUED if case.theme else MailState.DROPPED)
    assert len(await rows(database, models.MailedToken)) == bool(letter and letter.link)


LINKED = {
    Theme.CONFIRM_REGISTRATION: timedelta(hours=24),
    Theme.CONFIRM_ADDRESS: timedelta(hours=24),
    Theme.CONFIRM_NEW_ADDRESS: timedelta(hours=24),
    Theme.RESET_PASSWORD: timedelta(minutes=60),
}


@pytest.mark.either_database
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.theme])
async def test_a_letter_carries_a_link_where_there_is_something_to_prove(database: Database, name: str) -> None:
    case, shop = CASES[name], await a_shop(database)
    user_id = None if case.user is None else await an_account(shop, **case.user)
    if case.registered:
        await a_registration(shop)

    letter = await composed(shop, await put(shop, case.kind, case.to, user_id=user_id, **case.mail))

    assert letter
    lives = LINKED.get(letter.theme)
    assert letter.expires_at == (lives and shop.context.clock.now() + lives)
    assert bool(letter.link) == bool(lives)
    assert "token=" not in repr(letter), "no log shall hold it"


async def test_whoever_has_the_address_is_told_that_somebody_registered_it(database: Database) -> None:
    shop = await a_shop(database)
    await a_registration(shop)
    await change(database, models.Channel, shop.context.channel_id, registration=RegistrationPolicy.OPEN)
    await an_account(shop)

    letter = await composed(shop, await put(shop, MailKind.REGISTRATION))

    assert letter
    assert letter.theme is Theme.ALREADY_REGISTERED
    assert len(await rows(database, models.Registration)) == 1, "else who signs in by its password would learn of it"


async def test_the_same_address_in_another_channel_is_somebody_else(database: Database) -> None:
    shop, other = await a_shop(database), await a_shop(database, code="other")
    await an_account(other)

    for kind in (MailKind.REGISTRATION, MailKind.CONFIRMATION, MailKind.PASSWORD_RESET):
        assert await composed(shop, await put(shop, kind)) is None
