"""Who types a full card number is told so, and nothing of it is kept or repeated, however the account is made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from db import models
from db.enums import RegistrationPolicy
from tests.api.services import PASSWORD, a_user, filled_in, rows
from tests.api.signing_in import HANS, PAGE, a_shop

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = [pytest.mark.anyio, pytest.mark.either_database]

CARD = "4111 1111 1111 1111"
MAIL = "4111111111111111@corp.com"
_REGISTER = """mutation($input: RegisterCustomerInput!) {
  registerCustomer(input: $input) { ... on InvalidInputError { violations { field code message } } } }"""


@pytest.mark.parametrize("policy", [RegistrationPolicy.OPEN, RegistrationPolicy.CONFIRM_EMAIL_ADDRESS])
async def test_nobody_registers_with_one(database: Database, policy: RegistrationPolicy) -> None:
    shop = await a_shop(database, registration=policy)
    form = filled_in(
        email_address=MAIL,
        password=PASSWORD,
        first_name=CARD,
        last_name=f"Muster {CARD}",
        company="\uff14" + "\uff11" * 15,
        confirmation_base_url=PAGE,
    )

    answer = await shop.body(_REGISTER, {"input": form})

    violations = json.loads(answer)["data"]["registerCustomer"]["violations"]
    assert [violation["field"] for violation in violations] == [
        ["emailAddress"],
        ["firstName"],
        ["lastName"],
        ["company"],
    ]
    assert {violation["code"] for violation in violations} == {"NOT_ALLOWED"}
    assert b"1111" not in answer
    for table in (models.Customer, models.User, models.Registration, models.Mail):
        assert await rows(database, table) == []


async def test_no_mail_is_asked_for_to_one(database: Database) -> None:
    shop = await a_shop(database)
    await a_user(shop.context, HANS)
    hans = await shop.sign_in()

    outcomes = [
        await hans.do("startPasswordReset", email_address=MAIL, confirmation_base_url=PAGE),
        await hans.do("resendConfirmation", email_address=MAIL, confirmation_base_url=PAGE),
        await hans.do("changeEmailAddress", email_address=MAIL, current_password=PASSWORD, confirmation_base_url=PAGE),
    ]

    assert [[each["code"] for each in outcome["violations"]] for outcome in outcomes] == [["NOT_ALLOWED"]] * 3
    assert await rows(database, models.Mail) == []
