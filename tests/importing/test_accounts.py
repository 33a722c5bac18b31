"""Users of a file who share an address are users of one account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import select

from db.models import Account, Channel, Order, User
from tests.importing.making import HASH, imported, make_shop, order, rows, user, within, written

if TYPE_CHECKING:
    from pathlib import Path

    from db.engine import Database

pytestmark = pytest.mark.either_database

NOW = datetime(2026, 3, 14, tzinfo=UTC)


@pytest.fixture
def shop(database_url: str) -> str:
    make_shop(database_url, customers=3)
    return database_url


def test_one_address_beside_two_customers_is_one_account(shop: str, tmp_path: Path) -> None:
    one = user(0, customerNumber="C00000", emailAddress="Ann@corp.com", roles=["buyer"])
    two = one | {"customerNumber": "C00001", "emailAddress": "ann@corp.com", "roles": ["viewer"]}
    three = two | {"customerNumber": "C00002", "passwordHash": HASH}

    first = imported(shop, "users", written(tmp_path / "a.jsonl", [one, two, one | {"firstName": "Twin"}]))
    second = imported(shop, "users", written(tmp_path / "b.jsonl", [three, two]))

    assert first.stdout == "2 users imported, 1 refused.\n"
    assert "emailAddress: This value is in use already." in first.stderr
    assert second.stdout == "1 users imported, 0 refused, 1 in already.\n"
    [account] = rows(shop, Account)
    assert {row["account_id"] for row in rows(shop, User)} == {account["id"]}
    assert account["password_hash"] == HASH  # there was none before


@pytest.mark.parametrize("in_one_file", [True, False])
def test_a_second_password_of_an_account_is_refused_by_its_line(
    shop: str, tmp_path: Path, *, in_one_file: bool
) -> None:
    one = user(0, customerNumber="C00000", emailAddress="ann@corp.com", passwordHash=HASH, roles=["buyer"])
    other = one | {"customerNumber": "C00001", "passwordHash": HASH.replace("aGFza", "bGFza")}
    same = one | {"customerNumber": "C00002"}
    files = [[one, other, same]] if in_one_file else [[one], [other, same]]

    results = [imported(shop, "users", written(tmp_path / f"{at}.jsonl", file)) for at, file in enumerate(files)]

    assert "passwordHash: The account has another password." in results[-1].stderr
    assert [row["password_hash"] for row in rows(shop, Account)] == [HASH]
    assert len(rows(shop, User)) == 2


@pytest.mark.parametrize("state", [{}, {"confirmed_at": NOW}, {"password_hash": None}])
def test_who_has_registered_the_address_of_another_one_acts_for_no_company(
    shop: str, tmp_path: Path, state: dict[str, Any]
) -> None:
    """Unless the address was proved, or nobody knows a password of it."""
    address = "ann@corp.com"
    columns = dict[str, Any](email_address=address, canonical_email_address=address, password_hash=HASH) | state

    async def register(database: Database) -> None:
        async with database.unit_of_work() as session:
            channel = (await session.exec(select(Channel))).one()
            session.add(Account(id="acc_0", channel_id=channel.id, created_at=NOW, **columns))

    within(shop, register)
    file = written(tmp_path / "users.jsonl", [user(0, emailAddress="ann@corp.com", passwordHash=None)])

    result = imported(shop, "users", file)

    assert len(rows(shop, User)) == bool(state)
    assert ("emailAddress: Somebody has registered this address" in result.stderr) is not bool(state)


def test_an_order_is_of_the_user_at_its_customer(shop: str, tmp_path: Path) -> None:
    one = user(0, customerNumber="C00000", emailAddress="ann@corp.com", roles=["buyer"])
    imported(shop, "users", written(tmp_path / "users.jsonl", [one, one | {"customerNumber": "C00001"}]))
    file = [order(number, customerNumber=f"C0000{number}", username="ANN@corp.com") for number in range(3)]

    result = imported(shop, "orders", written(tmp_path / "orders.jsonl", file))

    assert "line 3: username: It is a user of another customer." in result.stderr
    users = {row["id"]: row["customer_id"] for row in rows(shop, User)}
    stored = rows(shop, Order)
    assert len(stored) == 2
    assert all(users[row["user_id"]] == row["customer_id"] for row in stored)
