"""The home of what a grocer's tables say was sold, computed apart from the script that turns them, and what is stored.

Amounts are whole cents and quantities thousandths, as integers: nothing rounds after the tables are read.
"""

from __future__ import annotations

import asyncio
import csv
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, TypeAlias

import asyncpg

from db.sqlite import file_of

Row: TypeAlias = Sequence[object]

ORDERS = """
    SELECT o.order_number, c.customer_number, o.order_date, o.total
    FROM orders o JOIN customers c ON c.id = o.customer_id
"""
LINES = """
    SELECT count(*), count(i.unit), sum(CASE WHEN i.quantity = 0 THEN 1 ELSE 0 END),
        sum(CASE WHEN i.unit IS NULL THEN 0 ELSE i.quantity END),
        sum(CASE WHEN i.unit IS NULL THEN i.quantity ELSE 0 END), sum(i.line_price)
    FROM order_items i
"""
LINES_OF_EACH = """
    SELECT o.order_number, count(*), sum(CAST(i.sku AS BIGINT) * i.quantity), sum(i.position * i.line_price)
    FROM orders o JOIN order_items i ON i.order_id = o.id GROUP BY o.order_number
"""
COUPONS = """
    SELECT coalesce(sum(CASE WHEN name LIKE 'Matched coupon:%' THEN 0 ELSE price END), 0),
        coalesce(sum(CASE WHEN name LIKE 'Matched coupon:%' THEN price ELSE 0 END), 0)
    FROM order_adjustments
"""


class Receipt(NamedTuple):
    """An order. Its two sums differ if a line has another product, quantity, price or place."""

    household: str
    time: datetime
    lines: int = 0
    products_by_quantity: int = 0
    prices_by_place: int = 0
    paid: int = 0


@dataclass(slots=True)
class Sales:
    """What was sold in all."""

    lines: int = 0
    lines_by_volume: int = 0
    lines_of_nothing: int = 0
    thousandths_of_gallons: int = 0
    pieces: int = 0
    sales_value: int = 0
    coupons: int = 0
    matched_coupons: int = 0
    receipts: dict[str, Receipt] = field(default_factory=dict)

    @property
    def paid(self) -> dict[str, int]:
        """What each household paid."""
        found: Counter[str] = Counter()
        for receipt in self.receipts.values():
            found[receipt.household] += receipt.paid
        return found

    def __str__(self) -> str:
        return (
            f"{len(self.receipts):,} orders of {len(self.paid):,} households with {self.lines:,} lines, "
            f"{self.lines_by_volume:,} by volume and {self.lines_of_nothing:,} of quantity 0;\n"
            f"{self.pieces:,} pieces and {self.thousandths_of_gallons / 1000:,.3f} gallons; "
            f"sales {self.sales_value / 100:,.2f}, coupons {self.coupons / 100:,.2f}, "
            f"matched {self.matched_coupons / 100:,.2f}, paid {sum(self.paid.values()) / 100:,.2f}"
        )


def cents(amount: str) -> int:
    """Return a floating number of the tables in cents."""
    return round(float(amount) * 100)


def sold(tables: Path) -> Sales:
    """Return what the table of transactions says."""
    sales = Sales()
    with (tables / "transactions.csv").open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            _add(sales, row)
    return sales


def _add(sales: Sales, row: dict[str, str]) -> None:
    quantity, value = int(row["quantity"]), cents(row["sales_value"])
    coupon, matched = cents(row["coupon_disc"]), cents(row["coupon_match_disc"])
    # Nothing but a thousandth of a gallon costs less than a cent apiece, unless it is free.
    by_volume = 0 < value + matched < quantity
    sales.lines += 1
    sales.lines_by_volume += by_volume
    sales.lines_of_nothing += quantity == 0
    sales.thousandths_of_gallons += quantity if by_volume else 0
    sales.pieces += 0 if by_volume else quantity
    sales.sales_value += value
    sales.coupons += coupon
    sales.matched_coupons += matched
    thousandths = quantity if by_volume else quantity * 1000
    receipt = sales.receipts.get(row["basket_id"]) or _begun(row)
    sales.receipts[row["basket_id"]] = receipt._replace(
        lines=receipt.lines + 1,
        products_by_quantity=receipt.products_by_quantity + int(row["product_id"]) * thousandths,
        prices_by_place=receipt.prices_by_place + (receipt.lines + 1) * (value + matched),
        paid=receipt.paid + value - coupon,
    )


def _begun(row: dict[str, str]) -> Receipt:
    time = datetime.fromisoformat(row["transaction_timestamp"])
    return Receipt(row["household_id"], time.replace(tzinfo=UTC))


def stored(url: str) -> Sales:
    """Return what is in the database."""
    [(lines, by_volume, nothing, thousandths, pieces, prices)] = _numbers(url, LINES)
    [(coupons, matched)] = _numbers(url, COUPONS)
    sales = Sales(lines, by_volume, nothing, thousandths, pieces // 1000)
    sales.coupons, sales.matched_coupons = -_whole(coupons), -_whole(matched)
    sales.sales_value = _whole(prices) - sales.matched_coupons
    sums = {
        number: (count, products, _whole(weighed)) for number, count, products, weighed in _numbers(url, LINES_OF_EACH)
    }
    for number, household, time, total in _read(url, ORDERS):
        of_lines = sums.get(_integer(number), (0, 0, 0))
        sales.receipts[str(number)] = Receipt(str(household), _moment(time), *of_lines, _whole(_integer(total)))
    return sales


def differences(told: Sales, found: Sales) -> Iterator[str]:
    """Yield in what *found* differs from what was *told*."""
    for each in fields(Sales):
        if each.name != "receipts" and getattr(told, each.name) != getattr(found, each.name):
            yield f"{each.name}: {getattr(told, each.name):,} in the tables, {getattr(found, each.name):,} stored"
    for what, in_tables, in_database in (
        ("order", told.receipts, found.receipts),
        ("household", told.paid, found.paid),
    ):
        for key in sorted(in_tables.keys() | in_database.keys()):
            if in_tables.get(key) != in_database.get(key):
                yield f"{what} {key}: {in_tables.get(key)} in the tables, {in_database.get(key)} stored"


def _whole(amount: int) -> int:
    """Return a stored amount, in 1/10,000, in cents. What is no whole cent would be lost."""
    whole, lost = divmod(amount, 100)
    if lost:
        msg = f"{amount} / 10,000 is no whole cent"
        raise ValueError(msg)
    return whole


def _moment(time: object) -> datetime:
    return time if isinstance(time, datetime) else datetime.fromisoformat(str(time))


def _numbers(url: str, sql: str) -> list[list[int]]:
    return [[_integer(value) for value in row] for row in _read(url, sql)]


def _integer(value: object) -> int:
    """Return a number as it comes from a driver: a sum of PostgreSQL is a decimal, 2E+5 perhaps."""
    return int(Decimal(str(value)))


def _read(url: str, sql: str) -> list[Row]:
    """Return the rows of a query, by the drivers themselves: the gateway's time for a statement is short."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(file_of(url))) as connection:
            return list(connection.execute(sql))

    async def read() -> list[Row]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    return asyncio.run(read())
