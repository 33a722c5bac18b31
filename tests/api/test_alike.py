"""Whoever asks from outside gets the same answer, by the same statements, whether there is an account or not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from db import models
from db.enums import RegistrationPolicy
from tests.api.services import PASSWORD, CountingHasher, a_user, change
from tests.api.signing_in import PAGE, Shop, a_shop

if TYPE_CHECKING:
    from db.engine import Database
    from tests.conftest import Statements

pytestmark = pytest.mark.anyio

ACCOUNTS = ("known", "confirmed", "disabled", "no-password", "registered", "elsewhere", "unknown")


async def a_shop_of_all(database: Database) -> Shop:
    """Return a shop with an account of each kind, but the last."""
    shop, other = await a_shop(database), await a_shop(database, code="other")
    now = shop.context.clock.now()
    ids = {
        name: (await a_user(shop.context, f"{name}@corp.com")).user_id
        for name in ("known", "confirmed", "disabled", "no-password")
    }
    await a_user(other.context, "elsewhere@corp.com")
    await change(database, models.User, ids["confirmed"], confirmed_at=now)
    await change(database, models.User, ids["disabled"], confirmed_at=now, enabled=False)
    await change(database, models.User, ids["no-password"], confirmed_at=now, password_hash=None)
    confirming = RegistrationPolicy.CONFIRM_EMAIL_ADDRESS
    await change(database, models.Channel, shop.context.channel_id, registration=confirming)
    registering = shop.by(ip_address="192.0.2.99")
    given = {"email_address": "registered@corp.com", "user": {"password": PASSWORD}, "confirmation_base_url": PAGE}
    assert await registering.outcome("registerCustomer", **given) == "RegisterCustomerSuccess"
    await registering.posted()
    return shop


def _without_values(statement: str) -> str:
    """Return a statement without its values, which SQLite writes into it."""
    return re.sub(r"x?'(?:[^']|'')*'", "?", statement)


async def asked(shop: Shop, statements: Statements, mutation: str, **given: str) -> tuple[bytes, tuple[str, ...], int]:
    """Return the answer, the statements and the number of hashes."""
    hasher = CountingHasher()
    await statements.taken()
    answer = await shop.by(hasher=hasher).bytes_of(mutation, **given)
    return answer, tuple(sorted(map(_without_values, await statements.taken()))), len(hasher.judged) + hasher.hashed


async def test_signing_in_with_a_wrong_password_tells_nothing(database: Database, statements: Statements) -> None:
    shop = await a_shop_of_all(database)

    found = {
        await asked(shop, statements, "authenticate", username=f"{name}@corp.com", password="wrong")
        for name in ACCOUNTS
    }

    assert len(found) == 1, found
    [(answer, sent, hashes)] = found
    assert b"BadCredentialsError" in answer
    assert len(sent) == 5, "the throttles in two statements of a transaction, and the account"
    assert hashes == 2, "of the user, and of the registrations together"


async def test_trying_too_often_tells_nothing(database: Database, statements: Statements) -> None:
    shop = await a_shop_of_all(database)
    for name in ACCOUNTS:
        for _ in range(5):
            await shop.do("authenticate", username=f"{name}@corp.com", password="wrong")

    found = {
        await asked(shop, statements, "authenticate", username=f"{name}@corp.com", password=PASSWORD)
        for name in ACCOUNTS
    }

    assert len(found) == 1, found
    [(answer, _sent, hashes)] = found
    assert b"RateLimitedError" in answer
    assert hashes == 0


async def test_who_gives_the_right_password_of_a_dead_account_learns_nothing(
    database: Database, statements: Statements
) -> None:
    shop = await a_shop_of_all(database)

    found = {
        await asked(shop, statements, "authenticate", username=f"{name}@corp.com", password=PASSWORD)
        for name in ("disabled", "no-password", "elsewhere", "unknown")
    }

    assert len(found) == 1, found


@pytest.mark.parametrize("mutation", ["startPasswordReset", "resendConfirmation"])
async def test_asking_for_a_mail_tells_nothing(database: Database, statements: Statements, mutation: str) -> None:
    shop = await a_shop_of_all(database)

    found = set()
    for name in ACCOUNTS:
        address = f"{name}@corp.com"
        answer, sent, hashes = await asked(
            shop, statements, mutation, email_address=address, confirmation_base_url=PAGE
        )
        assert address.encode() in answer
        found.add((answer.replace(address.encode(), b"ADDRESS"), sent, hashes))

    assert len(found) == 1, found
    [(answer, _sent, hashes)] = found
    assert b"Success" in answer
    assert hashes == 0


@pytest.mark.parametrize("mutation", ["startPasswordReset", "resendConfirmation"])
async def test_asking_for_too_many_mails_tells_nothing(
    database: Database, statements: Statements, mutation: str
) -> None:
    shop = await a_shop_of_all(database)
    given = {"confirmation_base_url": PAGE}
    network = (shop.by(ip_address=f"198.51.100.{number}") for number in range(256))

    found = set()
    for name in ACCOUNTS:
        address = f"{name}@corp.com"
        for _ in range(3):
            await next(network).do(mutation, email_address=address, **given)
        answer, sent, _hashes = await asked(next(network), statements, mutation, email_address=address, **given)
        found.add((answer.replace(address.encode(), b"ADDRESS"), sent))

    assert len(found) == 1, found
    assert b"Success" in found.pop()[0]
