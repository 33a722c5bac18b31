"""Each operation that mails a link takes the pages of its own purpose, and of its own channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from db import models
from db.enums import LinkPurpose, MailKind
from resolvers.mails.composition import compose
from resolvers.rules.links import PURPOSES
from tests.api.services import PASSWORD, a_user, change, rows
from tests.api.signing_in import HANS, KEYS, Shop, a_shop

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = [pytest.mark.anyio, pytest.mark.either_database]

PAGES = {str(purpose): [f"https://shop.example/{purpose.lower()}"] for purpose in LinkPurpose}
NEW = "new@corp.com"
OPERATIONS: dict[str, tuple[LinkPurpose, dict[str, Any]]] = {
    "registerCustomer": (LinkPurpose.CONFIRM, {"email_address": NEW, "user": {"password": PASSWORD}}),
    "resendConfirmation": (LinkPurpose.CONFIRM, {"email_address": NEW}),
    "startPasswordReset": (LinkPurpose.RESET, {"email_address": HANS}),
    "changeEmailAddress": (LinkPurpose.CHANGE_ADDRESS, {"email_address": NEW, "current_password": PASSWORD}),
}


async def a_signed_in(database: Database, **settings: Any) -> Shop:
    shop = await a_shop(database, **{"landing_pages": PAGES, **settings})
    await a_user(shop.context, HANS)
    return await shop.sign_in()


@pytest.mark.parametrize("mutation", OPERATIONS)
async def test_it_links_to_the_pages_of_its_own_purpose(database: Database, mutation: str) -> None:
    hans = await a_signed_in(database)
    its_own, given = OPERATIONS[mutation]

    for purpose, [page] in PAGES.items():
        told = await hans.do(mutation, **given, confirmation_base_url=page)
        if purpose == its_own:
            assert told["__typename"] == f"{mutation[0].upper()}{mutation[1:]}Success"
        else:
            assert told == {
                "__typename": "ConfirmationBaseUrlNotAllowedError",
                "message": "Mails of this shop do not lead to this confirmationBaseUrl: its path is not listed. "
                "Use a page of its list.",
            }

    assert {mail.confirmation_base_url for mail in await rows(database, models.Mail)} - {None} == {*PAGES[its_own]}


@pytest.mark.parametrize("mutation", OPERATIONS)
async def test_a_purpose_that_has_no_pages_mails_nothing(database: Database, mutation: str) -> None:
    purpose, given = OPERATIONS[mutation]
    hans = await a_signed_in(database, landing_pages={**PAGES, purpose: []})
    mails = await rows(database, models.Mail)

    for [page] in PAGES.values():
        told = await hans.outcome(mutation, **given, confirmation_base_url=page)
        assert told == "ConfirmationBaseUrlNotAllowedError"

    assert await rows(database, models.Mail) == mails


async def test_the_pages_of_another_channel_are_not_listed_here(database: Database) -> None:
    await a_shop(database, code="other", landing_pages={"RESET": ["https://other.example/"]})
    shop = await a_shop(database, landing_pages=PAGES)

    told = [
        await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=page)
        for page in ("https://other.example/", "https://nobody.example/")
    ]

    assert told[0]["__typename"] == "ConfirmationBaseUrlNotAllowedError"
    assert told[0] == told[1]


async def test_a_page_that_is_listed_for_another_purpose_since_gets_no_mail_that_waits(database: Database) -> None:
    shop = await a_signed_in(database)
    [page] = PAGES["RESET"]
    await shop.do("startPasswordReset", email_address=HANS, confirmation_base_url=page)
    [mail] = await rows(database, models.Mail)

    await change(
        database, models.Channel, shop.context.channel_id, landing_pages={**PAGES, "RESET": [], "CONFIRM": [page]}
    )

    async with database.unit_of_work() as session:
        assert await compose(session, mail.id, KEYS, shop.context.clock.now()) is None
    assert await rows(database, models.MailedToken) == []


def test_every_mail_with_a_link_has_a_purpose() -> None:
    """So that none is written that leads anywhere."""
    without = {MailKind.PASSWORD_CHANGED, MailKind.EMAIL_ADDRESS_CHANGING, MailKind.EMAIL_ADDRESS_CHANGED}

    assert {*PURPOSES} == {*MailKind} - without
