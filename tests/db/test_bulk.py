"""Many rows at once are the same rows, and belong to the unit of work as all others do."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, select

from db.bulk import insert_rows
from db.engine import Database
from db.enums import Gender
from db.models import Channel, Customer, Order, OrderItem
from db.quantities import MOST_QUANTITY
from tests.db.rows import NOW, channel, customer, order

MOST = Decimal(MOST_QUANTITY)

pytestmark = pytest.mark.anyio


async def shop(database: Database) -> Channel:
    async with database.unit_of_work() as session:
        session.add(made := channel())
    return made


async def numbers(database: Database) -> list[str]:
    async with database.unit_of_work() as session:
        return sorted(await session.exec(select(Customer.customer_number)))


def values(row: SQLModel) -> dict[str, Any]:
    return row.model_dump()


async def test_values_of_every_type_come_back(database: Database) -> None:
    of = customer(
        await shop(database),
        email_address="zoë@example.com",
        gender=Gender.FEMALE,
        date_of_birth=date(1984, 5, 23),
        price_groups=["a", '"\\\n'],
        custom_data={"b": [1, None, 1.5], "a": "ä"},
        search_text="x\ty\\N",
    )
    placed = order(of, total=Decimal("-99999999999.9999"), shipping_address={"city": "Zürich"}, tax_included=False)
    item = {"position": 1, "sku": "1", "name": "x", "quantity": MOST, "currency": "CHF"}
    async with database.unit_of_work() as session:
        await insert_rows(session, Customer, [values(of)])
        await insert_rows(session, Order, [values(placed)])
        prices = {"unit_price": Decimal("0.0001"), "line_price": Decimal(0), "original_price": None}
        await insert_rows(session, OrderItem, [{"order_id": placed.id, **item, **prices}])
        await insert_rows(session, OrderItem, [])

    async with database.unit_of_work() as session:
        assert values((await session.exec(select(Customer))).one()) == values(of)
        assert values((await session.exec(select(Order))).one()) == values(placed)
        [line] = (await session.exec(select(OrderItem))).all()
        assert (line.quantity, line.unit_price, line.code) == (MOST, Decimal("0.0001"), None)


async def test_they_go_with_the_unit_of_work(database: Database) -> None:
    """COPY passes SQLAlchemy by, which begins at its own first statement."""
    of = await shop(database)
    with pytest.raises(ZeroDivisionError):
        async with database.unit_of_work() as session:
            await insert_rows(session, Customer, [values(customer(of))])
            raise ZeroDivisionError

    assert await numbers(database) == []


async def test_a_row_that_breaks_a_constraint_takes_all_with_it(database: Database) -> None:
    of = await shop(database)
    twins = [values(customer(of, customer_number="1")) for _ in range(2)]
    for rows in (twins, [values(customer(of, locale=None))], [values(customer(of, channel_id="nowhere"))]):
        with pytest.raises(IntegrityError):
            async with database.unit_of_work() as session:
                await insert_rows(session, Customer, [values(customer(of, customer_number="2"))])
                await insert_rows(session, Customer, rows)

    assert await numbers(database) == []
    async with database.unit_of_work() as session:
        await insert_rows(session, Customer, [values(customer(of, customer_number="3", created_at=NOW))])
    assert await numbers(database) == ["3"]
