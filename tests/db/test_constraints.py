from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from db.engine import Database
from db.enums import AddressType
from db.models import OrderItem
from tests.db.rows import NOW, account, address, channel, customer, order, user

if TYPE_CHECKING:
    from db.models import Channel, Customer

pytestmark = pytest.mark.anyio


async def stored(database: Database, *rows: Any) -> None:
    async with database.unit_of_work() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def refused(database: Database, *rows: Any) -> None:
    with pytest.raises(IntegrityError):
        await stored(database, *rows)


@pytest.fixture
async def shop(database: Database) -> Channel:
    await stored(database, shop := channel())
    return shop


@pytest.fixture
async def buyer(database: Database, shop: Channel) -> Customer:
    await stored(database, buyer := customer(shop))
    return buyer


async def test_a_type_has_at_most_one_default_address(database: Database, buyer: Customer) -> None:
    await stored(
        database,
        address(buyer, is_default=True),
        address(buyer),
        address(buyer),
        address(buyer, is_default=True, type=AddressType.SHIPPING),
    )

    await refused(database, address(buyer, is_default=True))


async def test_customers_of_two_types_of_default_do_not_meet(
    database: Database, shop: Channel, buyer: Customer
) -> None:
    other = customer(shop)

    await stored(database, address(buyer, is_default=True), other, address(other, is_default=True))


async def test_a_channel_code_is_unique(database: Database, shop: Channel) -> None:
    await refused(database, channel(code=shop.code))


async def test_a_customer_number_is_unique_in_its_channel(database: Database, shop: Channel) -> None:
    other = channel(code="other")
    await stored(database, customer(shop, customer_number="1"), other, customer(other, customer_number="1"))

    await refused(database, customer(shop, customer_number="1"))


async def test_an_order_number_is_unique_in_its_channel(database: Database, buyer: Customer) -> None:
    other = channel(code="other")
    elsewhere = customer(other)
    await stored(database, order(buyer, order_number="1"), other, elsewhere, order(elsewhere, order_number="1"))

    await refused(database, order(buyer, order_number="1"))


async def test_the_address_of_an_account_is_unique_in_its_channel(database: Database, shop: Channel) -> None:
    other = channel(code="other")
    same = {"canonical_email_address": "ann@example.com"}
    await stored(database, account(shop, **same), other, account(other, **same))

    await refused(database, account(shop, **same))


async def test_an_account_has_one_user_at_a_customer(database: Database, shop: Channel, buyer: Customer) -> None:
    ann, second = account(shop), customer(shop)
    await stored(database, ann, second, user(buyer, ann), user(second, ann))

    await refused(database, user(buyer, ann))


async def test_a_customer_needs_its_channel(database: Database) -> None:
    await refused(database, customer(channel()))


async def test_a_channel_with_customers_can_not_be_deleted(database: Database, buyer: Customer) -> None:
    with pytest.raises(IntegrityError):
        async with database.unit_of_work() as session:
            await (await session.connection()).execute(
                text("DELETE FROM channels WHERE id = :id"), {"id": buyer.channel_id}
            )


async def test_the_lines_of_an_order_go_with_it(database: Database, buyer: Customer) -> None:
    bought = order(buyer)
    line = OrderItem(
        order_id=bought.id,
        position=0,
        sku="1",
        name="Tea",
        quantity=Decimal(1),
        unit_price=bought.total,
        line_price=bought.total,
        currency="GBP",
    )
    await stored(database, bought, line)

    async with database.unit_of_work() as session:
        await session.delete(await session.get_one(type(bought), bought.id))

    assert await database.read("SELECT count(*) FROM order_items", ()) == (0,)


@pytest.mark.parametrize(
    ("table", "column"),
    [("channels", "kind"), ("channels", "registration"), ("customers", "gender"), ("orders", "status")],
)
async def test_only_members_of_an_enumeration_are_stored(
    database: Database, buyer: Customer, table: str, column: str
) -> None:
    await stored(database, order(buyer, order_date=NOW))

    with pytest.raises(IntegrityError):
        async with database.unit_of_work() as session:
            await (await session.connection()).execute(text(f"UPDATE {table} SET {column} = 'SOMETHING'"))
