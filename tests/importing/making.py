"""The home of made-up files: records that are good, a shop to import them into, and what is in it afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlmodel import SQLModel, select
from typer.testing import CliRunner, Result

from db.engine import Database, open_database
from db.enums import AddressType, ChannelKind, OrderStatus
from db.models import (
    Account,
    Address,
    Channel,
    Customer,
    Order,
    OrderAdjustment,
    OrderDocument,
    OrderItem,
    OrderShipment,
    OrderTax,
    Role,
    User,
    UserRole,
)
from gateway.adapters.clock import SystemClock
from gateway.cli import app
from resolvers.channels.service import create_channel

T = TypeVar("T")
Record = dict[str, Any]

SHOP = "shop"
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"


def customer(number: int = 0, **values: Any) -> Record:
    return {
        "customerNumber": f"C{number:05}",
        "emailAddress": f"customer{number}@example.com",
        "firstName": "Zoë",
        "lastName": f"Müller {number}",
        "company": "Müller & Söhne",
        "gender": "FEMALE",
        "dateOfBirth": "1984-05-23",
        "locale": "de-ch",
        "priceGroups": ["retail", "club"],
        "customData": {"points": number},
        "createdAt": "2015-02-11T18:16:31Z",
    } | values


def user(number: int = 0, **values: Any) -> Record:
    return {
        "customerNumber": f"C{number:05}",
        "emailAddress": f"User{number}@example.com",
        "firstName": "Zoë",
        "lastName": "Müller",
        "locale": "de_CH",
        "timeZone": "Europe/Zurich",
        "enabled": True,
        "confirmed": True,
        "confirmedAt": "2015-02-12T18:16:31Z",
        "roles": ["buyer"],
        "passwordHash": HASH,
        "createdAt": "2015-02-11T18:16:31Z",
    } | values


def address(number: int = 0, **values: Any) -> Record:
    return {
        "customerNumber": f"C{number:05}",
        "type": list(AddressType)[number % 3].value,
        "isDefault": False,
        "title": "Frau",
        "titleCode": "MRS",
        "firstName": "Zoë",
        "lastName": "Müller",
        "company": "Müller & Söhne",
        "street": f"Bahnhofstrasse {number}",
        "zipCode": "8001",
        "city": "Zürich",
        "region": "ZH",
        "country": "CH",
        "phoneNumber": "+41 44 555 01 23",
        "emailAddress": f"place{number}@example.com",
        "remarks": "Ring twice.\nThen wait.",
        "createdAt": "2015-02-11T18:16:31Z",
    } | values


LISTS = {
    "items": "item", "adjustments": "adjustment", "taxes": "tax", "shipments": "shipment", "documents": "document",
}  # fmt: skip
"""Of an order: what a column of a CSV file calls a part of each."""


def postal_address(**values: Any) -> Record:
    return {
        "title": "Frau",
        "firstName": "Zoë",
        "lastName": "Müller",
        "company": "Müller & Söhne",
        "street": "Bahnhofstrasse 1",
        "zipCode": "8001",
        "city": "Zürich",
        "region": "ZH",
        "country": "CH",
        "phoneNumber": "+41 44 555 01 23",
        "emailAddress": "zoe@example.com",
    } | values


def item(**values: Any) -> Record:
    return {
        "sku": "10-1001",
        "code": "CREMA-1KG",
        "name": "Kaffeebohnen Crema, 1 kg",
        "quantity": 2,
        "unit": "Beutel",
        "unitPrice": "24.90",
        "originalPrice": "29.90",
        "linePrice": "49.80",
        "imageUrl": "https://shop.example/10-1001.jpg",
    } | values


def order(number: int = 0, customers: int = 1, **values: Any) -> Record:
    return {
        "orderNumber": f"N{number:07}",
        "customerNumber": f"C{number * 7919 % customers:05}",
        "username": None,
        "orderDate": f"20{10 + number % 14}-0{1 + number % 9}-1{number % 10}T10:{number % 60:02}:26Z",
        "locale": "de_CH",
        "status": list(OrderStatus)[number % len(OrderStatus)].value,
        "currency": "CHF",
        "taxIncluded": True,
        "items": [item(), item(sku=f"20-{number % 5000:04}", name="Espresso cups", quantity=1, linePrice="24.90")],
        "adjustments": [{"type": "SHIPPING", "name": "PostPac", "price": "7.00"}],
        "taxes": [{"name": "MwSt. 7.7 %", "rate": "7.7", "amount": "5.84"}],
        "shipments": [
            {
                "carrier": "Post CH",
                "trackingNumber": f"99.00.{number:06}",
                "trackingUrl": f"https://post.example/track?number=9900{number:06}",
                "shippedAt": "2024-02-28T10:00:00Z",
                "deliveredAt": "2024-02-29T08:30:00Z",
            }
        ],
        "documents": [
            {
                "kind": "INVOICE",
                "title": "Rechnung",
                "url": f"https://shop.example/invoices/{number}.pdf",
                "issuedOn": "2024-02-28",
            }
        ],
        "total": "81.70",
        "billingAddress": postal_address(),
        "shippingAddress": postal_address(street=f"Bahnhofstrasse {number % 200}"),
        "paymentMethod": "Rechnung",
        "shippingMethod": "PostPac",
        "customData": {"channel": "web"},
    } | values


HEAD = b"orderNumber,customerNumber,orderDate,status,currency,item.sku,item.name,item.quantity,item.unitPrice"
ROW = "{},C00000,2018-03-14T10:07:26Z,SHIPPED,CHF,{},Cup,1,7.00"
"""Of a small file of orders in CSV, without totals."""


def rows_of(number: str, *skus: str) -> list[bytes]:
    """Return the rows of an order, each after the end of the line before it."""
    return [b"\n" + ROW.format(number, sku).encode() for sku in skus]


def line(record: object) -> bytes:
    return orjson.dumps(record) + b"\n"


def written(file: Path, lines: Iterable[object]) -> Path:
    """Write *lines*, bytes as they are and records as JSON, into *file*."""
    with file.open("wb") as out:
        out.writelines(each if isinstance(each, bytes) else line(each) for each in lines)
    return file


def imported(url: str, kind: str, file: Path, *options: str) -> Result:
    """Run `gateway import` in this process."""
    arguments = ["import", kind, str(file), "--channel", SHOP, *options]
    with ThreadPoolExecutor(1) as thread:  # the command has a loop of its own, also where a test's is running
        return thread.submit(CliRunner().invoke, app, arguments, env=settings(url)).result()


def settings(url: str) -> Mapping[str, str]:
    return {"GATEWAY_DATABASE_URL": url, "COLUMNS": "200"}


def wait_for(work: Coroutine[object, object, T]) -> T:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def within(url: str, work: Callable[[Database], Coroutine[object, object, T]]) -> T:
    """Do *work* with the open database."""

    async def opened() -> T:
        database = await open_database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return wait_for(opened())


def make_shop(url: str, *, customers: int = 0, kind: ChannelKind = ChannelKind.B2B, code: str = SHOP) -> None:
    """Make a channel with so many customers."""

    async def make(database: Database) -> None:
        async with database.unit_of_work() as session:
            channel_id = await create_channel(
                session, now=SystemClock().now(), code=code, name="Shop", kind=kind, locales=("de_CH", "en_US")
            )
            now = SystemClock().now()
            session.add_all(
                Customer(
                    id=f"cus_{number:026}",
                    channel_id=channel_id,
                    customer_number=f"C{number:05}",
                    locale="de_CH",
                    search_text=f"c{number:05}",
                    created_at=now,
                    updated_at=now,
                )
                for number in range(customers)
            )

    within(url, make)


def rows(url: str, model: type[SQLModel]) -> list[Record]:
    """Return the rows of a table."""

    async def read(database: Database) -> list[Record]:
        async with database.unit_of_work() as session:
            return [row.model_dump() for row in (await session.exec(select(model))).all()]

    return within(url, read)


def users(url: str) -> list[Record]:
    """Return the users, each with what its account has."""
    accounts = {row["id"]: row for row in rows(url, Account)}
    return [accounts[row["account_id"]] | row for row in rows(url, User)]


def content(url: str) -> dict[str, list[Record]]:
    """Return what is stored, with numbers, codes and addresses in place of ids: two imports of a file agree in it."""
    names: dict[str, str] = {}
    stored: dict[str, list[Record]] = {}
    for model, key in (
        (Channel, "code"),
        (Role, "code"),
        (Customer, "customer_number"),
        (Account, "canonical_email_address"),
        (User, "canonical_email_address"),
        (Order, "order_number"),
        (Address, ""),
        (UserRole, ""),
        (OrderItem, ""),
        (OrderAdjustment, ""),
        (OrderTax, ""),
        (OrderShipment, ""),
        (OrderDocument, ""),
    ):
        found = users(url) if model is User else rows(url, model)
        names |= {row["id"]: row[key] for row in found if key}
        kept = [
            {name: names.get(value, value) if isinstance(value, str) else value for name, value in row.items()}
            for row in found
        ]
        for row in kept:
            row.pop("id", None)
            row.pop("imported_as", None)  # which file format it was
            if model is Order:
                row.pop("updated_at")  # when it was imported
        stored[model.__name__] = sorted(kept, key=repr)
    return stored
