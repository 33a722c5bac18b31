"""The demo data on both databases: complete, true to its source to the cent, and loaded once."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest
from sqlmodel import SQLModel, col, func, select

import gateway.demo
from db.engine import Database, open_database
from db.enums import AddressType, ChannelKind, OrderAdjustmentType, OrderStatus, RegistrationPolicy
from db.ids import is_well_formed
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
    PaymentInstrument,
    Role,
    User,
    UserRole,
)
from gateway.demo import load_demo
from gateway.demo.northwind.companies import country_code, split_name
from resolvers.customers.numbers import next_customer_number
from resolvers.ports import Verdict

pytestmark = pytest.mark.anyio

Table = TypeVar("Table", bound=SQLModel)

SOURCE = Path(gateway.demo.__file__).parent / "northwind"
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


class FixedClock:
    def now(self) -> datetime:
        return NOW


class CountingHasher:
    """Its hashes differ from call to call, as salted ones do."""

    def __init__(self) -> None:
        self.hashed = 0

    async def hash(self, password: str, beside: str | None = None) -> str:  # noqa: ARG002 - the port's signature
        self.hashed += 1
        return f"hash {self.hashed} of {password}"

    async def verify(self, password_hash: str | None, password: str) -> Verdict:
        return Verdict(matches=password_hash is not None and password_hash.endswith(f" of {password}"))


class ClockStoppedError(Exception):
    pass


class StoppingClock(FixedClock):
    """Fails when it is asked for the second time: between the first channel and the second."""

    def __init__(self) -> None:
        self.asked = 0

    def now(self) -> datetime:
        self.asked += 1
        if self.asked > 1:
            raise ClockStoppedError
        return super().now()


@pytest.fixture(scope="module")
async def demo(shared_database_url: str) -> AsyncIterator[Database]:
    database = await open_database(shared_database_url)
    assert await load_demo(database, CountingHasher(), FixedClock())
    yield database
    await database.close()


def source(name: str) -> list[dict[str, str]]:
    with (SOURCE / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


async def rows(database: Database, table: type[Table]) -> list[Table]:
    async with database.unit_of_work() as session:
        return list((await session.exec(select(table))).all())


async def of_channel(database: Database, table: type[Table], code: str) -> list[Table]:
    channel = await channel_of(database, code)
    return [row for row in await rows(database, table) if getattr(row, "channel_id", None) == channel.id]


async def channel_of(database: Database, code: str) -> Channel:
    return next(channel for channel in await rows(database, Channel) if channel.code == code)


async def northwind_orders(database: Database) -> dict[str, Order]:
    return {order.order_number: order for order in await of_channel(database, Order, "northwind")}


async def hans_orders(database: Database) -> dict[str, Order]:
    return {order.order_number: order for order in await of_channel(database, Order, "paloma")}


async def counts(database: Database) -> dict[str, int]:
    async with database.unit_of_work() as session:
        return {
            name: (await session.exec(select(func.count()).select_from(table))).one()
            for name, table in SQLModel.metadata.tables.items()
        }


# ── Both channels ─────────────────────────────────────────────────────────────────────────────────


async def test_loading_twice_changes_nothing(demo: Database) -> None:
    before, hasher = await counts(demo), CountingHasher()

    assert not await load_demo(demo, hasher, FixedClock())

    assert await counts(demo) == before
    assert hasher.hashed == 0


async def test_a_failure_in_the_second_channel_leaves_nothing_behind(database: Database) -> None:
    before = await counts(database)

    with pytest.raises(ClockStoppedError):
        await load_demo(database, CountingHasher(), StoppingClock())

    assert await counts(database) == before


async def test_progress_is_told(database: Database) -> None:
    told: list[str] = []

    await load_demo(database, CountingHasher(), FixedClock(), told.append)

    assert len(told) == 3


async def test_the_channels_have_their_policies(demo: Database) -> None:
    paloma, northwind = await channel_of(demo, "paloma"), await channel_of(demo, "northwind")

    assert (paloma.kind, paloma.registration, paloma.default_locale) == (
        ChannelKind.B2C,
        RegistrationPolicy.OPEN,
        "de_CH",
    )
    assert (northwind.kind, northwind.registration, northwind.default_locale) == (
        ChannelKind.B2B,
        RegistrationPolicy.CLOSED,
        "en_US",
    )
    assert {(each.password_min_length, each.password_strength_checked) for each in (paloma, northwind)} == {(6, False)}


async def test_every_user_is_a_customer_admin_with_a_hash_of_its_own(demo: Database) -> None:
    users, roles = await rows(demo, User), {role.id: role for role in await rows(demo, Role)}
    held = {each.user_id: roles[each.role_id] for each in await rows(demo, UserRole)}

    accounts = await rows(demo, Account)
    assert (
        len(users) == len({each.password_hash for each in accounts}) == len({each.customer_id for each in users}) == 92
    )
    assert all((each.password_hash or "").endswith(" of banana") and each.confirmed_at for each in accounts)
    assert all((held[user.id].code, held[user.id].channel_id) == ("customer-admin", user.channel_id) for user in users)


async def test_every_id_is_well_formed(demo: Database) -> None:
    for table in (Channel, Role, Customer, User, Address, Order, PaymentInstrument):
        ids = [row.id for row in await rows(demo, table)]
        assert ids
        assert all(is_well_formed(each) and each.startswith(f"{table.letters}_") for each in ids)


async def test_ids_sort_as_orders_do_where_the_date_is_the_same(demo: Database) -> None:
    orders = sorted(await rows(demo, Order), key=lambda order: (order.channel_id, order.order_date, order.id))

    for one, other in pairwise(orders):
        if (one.channel_id, one.order_date) == (other.channel_id, other.order_date):
            assert int(one.order_number) < int(other.order_number)


async def test_every_total_is_the_sum_of_its_parts(demo: Database) -> None:
    parts: dict[str, Decimal] = defaultdict(Decimal)
    orders = {order.id: order for order in await rows(demo, Order)}
    for item in await rows(demo, OrderItem):
        parts[item.order_id] += item.line_price
    for adjustment in await rows(demo, OrderAdjustment):
        parts[adjustment.order_id] += adjustment.price
    for tax in await rows(demo, OrderTax):
        parts[tax.order_id] += 0 if orders[tax.order_id].tax_included else tax.amount

    assert {order.id: order.total for order in orders.values()} == parts


async def test_parts_of_an_order_have_its_currency_and_count_from_one(demo: Database) -> None:
    currencies = {order.id: order.currency for order in await rows(demo, Order)}
    parts: list[OrderItem | OrderAdjustment | OrderTax] = [
        *await rows(demo, OrderItem),
        *await rows(demo, OrderAdjustment),
        *await rows(demo, OrderTax),
    ]
    positions = defaultdict(list)
    for part in parts:
        assert part.currency == currencies[part.order_id]
        positions[type(part), part.order_id].append(part.position)

    assert all(sorted(each) == list(range(1, len(each) + 1)) for each in positions.values())


# ── Northwind ─────────────────────────────────────────────────────────────────────────────────────


async def test_northwind_is_complete(demo: Database) -> None:
    customers, orders = await of_channel(demo, Customer, "northwind"), await northwind_orders(demo)
    items = [item for item in await rows(demo, OrderItem) if item.currency == "USD"]

    assert (len(customers), len(orders), len(items)) == (91, 830, 2155)


async def test_northwinds_lines_and_totals_agree_with_the_source_to_the_cent(demo: Database) -> None:
    totals = {record["order_id"]: Decimal(record["freight"]) for record in source("orders")}
    lines = {}
    for line in source("order_details"):
        exact = Decimal(line["unit_price"]) * int(line["quantity"]) * (1 - Decimal(line["discount"]))
        lines[line["order_id"], line["product_id"]] = price = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
        totals[line["order_id"]] += price
    orders = await northwind_orders(demo)
    numbers = {order.id: number for number, order in orders.items()}
    items = [item for item in await rows(demo, OrderItem) if item.order_id in numbers]

    assert {number: order.total for number, order in orders.items()} == totals
    assert {(numbers[item.order_id], item.sku): item.line_price for item in items} == lines
    assert sum(totals.values()) == Decimal("1330735.98")


async def test_northwinds_orders_say_what_the_source_says(demo: Database) -> None:
    orders = await northwind_orders(demo)
    customers = {customer.id: customer.customer_number for customer in await rows(demo, Customer)}
    shippers = {record["shipper_id"]: record["company_name"] for record in source("shippers")}
    for record in source("orders"):
        order = orders[record["order_id"]]
        ship_to = order.shipping_address
        assert customers[order.customer_id] == record["customer_id"]
        assert order.order_date == datetime.fromisoformat(record["order_date"]).replace(tzinfo=UTC)
        assert order.status is (OrderStatus.SHIPPED if record["shipped_date"] else OrderStatus.PROCESSED)
        assert order.shipping_method == shippers[record["ship_via"]]
        assert (order.locale, order.currency, order.tax_included, order.user_id) == ("en_US", "USD", True, None)
        assert (ship_to["company"], ship_to["street"]) == (record["ship_name"], record["ship_address"])
        assert (ship_to["zipCode"] or "", ship_to["city"]) == (record["ship_postal_code"], record["ship_city"])
        assert ship_to["region"] == (record["ship_region"] or None)


async def test_northwinds_parcels_left_when_the_source_says(demo: Database) -> None:
    numbers = {order.id: number for number, order in (await northwind_orders(demo)).items()}
    shippers = {record["shipper_id"]: record["company_name"] for record in source("shippers")}
    sent = {
        numbers[each.order_id]: (each.carrier, f"{each.shipped_at:%Y-%m-%d}")
        for each in await rows(demo, OrderShipment)
        if each.order_id in numbers
    }

    assert sent == {
        record["order_id"]: (shippers[record["ship_via"]], record["shipped_date"])
        for record in source("orders")
        if record["shipped_date"]
    }


async def test_northwinds_freight_is_shipping(demo: Database) -> None:
    numbers = {order.id: number for number, order in (await northwind_orders(demo)).items()}
    freight = {
        numbers[each.order_id]: each.price
        for each in await rows(demo, OrderAdjustment)
        if each.order_id in numbers and (each.type, each.name) == (OrderAdjustmentType.SHIPPING, "Freight")
    }

    assert freight == {record["order_id"]: Decimal(record["freight"]) for record in source("orders")}


async def test_northwinds_companies_say_what_the_source_says(demo: Database) -> None:
    customers = {customer.customer_number: customer for customer in await of_channel(demo, Customer, "northwind")}
    accounts = {account.id: account.email_address for account in await rows(demo, Account)}
    addresses = {user.customer_id: accounts[user.account_id] for user in await rows(demo, User)}
    for record in source("customers"):
        customer = customers[record["customer_id"]]
        assert customer.company == record["company_name"]
        assert f"{customer.first_name} {customer.last_name}" == record["contact_name"]
        assert customer.custom_data == {"contactTitle": record["contact_title"]}
        assert addresses[customer.id] == f"{record['customer_id'].lower()}@northwind.example"


async def test_northwinds_address_books_say_what_the_source_says(demo: Database) -> None:
    books: dict[str, dict[AddressType, Address]] = defaultdict(dict)
    for address in await rows(demo, Address):
        books[address.customer_id][address.type] = address
    customers = {customer.customer_number: customer for customer in await of_channel(demo, Customer, "northwind")}
    for record in source("customers"):
        book = books[customers[record["customer_id"]].id]
        assert set(book) == {AddressType.CONTACT, AddressType.BILLING}
        contact = book[AddressType.CONTACT]
        assert contact.phone_number == record["phone"]
        assert contact.remarks == (f"Fax {record['fax']}" if record["fax"] else None)
        for address in book.values():
            assert address.is_default
            assert (address.street, address.city) == (record["address"], record["city"])
            assert (address.zip_code or "", address.region or "") == (record["postal_code"], record["region"])


async def test_every_country_of_the_source_has_its_code(demo: Database) -> None:
    customers = {customer.customer_number: customer.id for customer in await of_channel(demo, Customer, "northwind")}
    countries = {address.customer_id: address.country for address in await rows(demo, Address)}
    names = {countries[customers[record["customer_id"]]]: record["country"] for record in source("customers")}

    assert len(names) == 21
    assert names["GB"] == "UK"
    assert names["US"] == "USA"
    assert names["VE"] == "Venezuela"
    orders = await northwind_orders(demo)
    for record in source("orders"):
        assert names[orders[record["order_id"]].shipping_address["country"]] == record["ship_country"]


def test_a_country_that_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        country_code("Northwindia")


@pytest.mark.parametrize(
    ("full_name", "split"),
    [
        ("Maria Anders", ("Maria", "Anders")),
        ("José Pedro Freyre", ("José Pedro", "Freyre")),
        ("Isabel de Castro", ("Isabel", "de Castro")),
    ],
)
def test_a_last_name_begins_at_its_particle(full_name: str, split: tuple[str, str]) -> None:
    assert split_name(full_name) == split


async def test_northwind_is_found_without_accents(demo: Database) -> None:
    async with demo.unit_of_work() as session:
        found = select(Customer.customer_number).where(col(Customer.search_text).contains("blondesddsl pere"))
        assert list((await session.exec(found)).all()) == ["BLONP"]
        ordered = select(Order.order_number).where(col(Order.search_text).contains("singaporean hokkien"))
        assert "10248" in (await session.exec(ordered)).all()


# ── Hans Muster ───────────────────────────────────────────────────────────────────────────────────


async def test_hans_muster_is_the_customer_of_the_original(demo: Database) -> None:
    [hans] = await of_channel(demo, Customer, "paloma")
    [user] = await of_channel(demo, User, "paloma")

    assert (hans.customer_number, hans.email_address, hans.locale) == ("10001", "hans.muster@astina.io", "de_DE")
    assert (hans.first_name, hans.last_name, hans.company) == ("Hans", "Muster", None)
    [account] = await of_channel(demo, Account, "paloma")
    assert (account.email_address, user.account_id, user.customer_id) == ("hans.muster@astina.io", account.id, hans.id)


async def test_who_registers_next_gets_the_number_after_hans(demo: Database) -> None:
    paloma = await channel_of(demo, "paloma")
    async with demo.unit_of_work() as session:
        assert await next_customer_number(session, paloma.id) == "10002"
        await session.rollback()


async def test_hans_has_addresses_of_every_type_with_one_default_each(demo: Database) -> None:
    [hans] = await of_channel(demo, Customer, "paloma")
    book = [address for address in await rows(demo, Address) if address.customer_id == hans.id]

    assert Counter(address.type for address in book if address.is_default) == Counter(AddressType)
    assert all(number > 1 for number in Counter(address.type for address in book).values())
    assert len({address.created_at for address in book}) == len(book)


async def test_hans_has_orders_in_every_status_and_two_currencies(demo: Database) -> None:
    orders = (await hans_orders(demo)).values()

    assert len(orders) == 25
    assert {order.status for order in orders} == set(OrderStatus)
    assert {order.currency for order in orders} == {"CHF", "EUR"}
    assert {order.order_date.year for order in orders} == set(range(2015, 2022))
    assert {order.tax_included for order in orders} == {True, False}
    assert any(order.user_id is None for order in orders)


async def test_order_123_is_the_one_of_the_original(demo: Database) -> None:
    order = (await hans_orders(demo))["123"]

    assert order.order_date == datetime(2018, 3, 14, 10, 7, 26, tzinfo=UTC)
    assert (order.locale, order.status) == ("de_CH", OrderStatus.SHIPPED)


async def test_what_was_sent_has_a_parcel_and_what_came_back_a_credit_note(demo: Database) -> None:
    orders = await hans_orders(demo)
    parcels = {each.order_id: each for each in await rows(demo, OrderShipment)}
    papers = {(each.order_id, each.kind.value) for each in await rows(demo, OrderDocument)}
    sent = {number for number, order in orders.items() if order.id in parcels}

    assert {"123", "188", "107"} <= sent
    assert sent.isdisjoint({"243", "244", "245", "142"})  # a gift card, and what was not paid
    assert parcels[orders["123"].id].delivered_at is None  # it is on its way
    assert (orders["123"].id, "INVOICE") in papers
    assert {number for number, order in orders.items() if (order.id, "CREDIT_NOTE") in papers} == {
        "99", "107", "119", "171", "214",
    }  # fmt: skip


async def test_something_was_sold_by_weight(demo: Database) -> None:
    order = (await hans_orders(demo))["188"]
    weighed = {item.quantity: item.line_price for item in await rows(demo, OrderItem) if item.order_id == order.id}

    assert weighed[Decimal("0.75")] == Decimal("24.30")


async def test_the_taxes_of_order_123_are_those_of_an_invoice(demo: Database) -> None:
    order = (await hans_orders(demo))["123"]
    taxes = {tax.rate: tax.amount for tax in await rows(demo, OrderTax) if tax.order_id == order.id}

    assert order.total == Decimal("118.40")
    assert taxes == {"7.7": Decimal("5.65"), "2.5": Decimal("0.96")}  # 79.00 x 7.7 / 107.7; 39.40 x 2.5 / 102.5


async def test_an_order_remembers_an_address_that_left_the_address_book(demo: Database) -> None:
    oldest = (await hans_orders(demo))["98"]

    assert oldest.shipping_address["street"] == "Langstrasse 9"
    assert oldest.shipping_address["street"] not in {address.street for address in await rows(demo, Address)}


async def test_hans_has_the_two_cards_of_the_original(demo: Database) -> None:
    cards = sorted(await rows(demo, PaymentInstrument), key=lambda card: card.id)

    assert [
        (card.id, card.type, card.masked_card_number, card.expiration_month, card.expiration_year, card.expires_on)
        for card in cards
    ] == [
        ("pay_01E4V2JCC9T33QXEAXPHCJEC4F", "Mastercard", "513659xxxxxx5354", "12", "24", date(2024, 12, 31)),
        ("pay_01F5V2JD49T33ZTEQXPVCJZC08", "VISA", "476325xxxxxx7800", "05", "19", date(2019, 5, 31)),
    ]
