"""A real process on both databases answers what front-ends send, with the figures of the source to the cent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.demo.trial import curl
from tests.gateway.processes import ROOT, SECRET_KEY, Client, load_demo_into, running
from tests.gateway.source import SourceOrder, hans_orders, northwind_orders

HANS = "hans.muster@astina.io"
# One day has two orders of SAVEA; PARIS has none; the address of BLONP has an accent.
COMPANIES = ["ALFKI", "SAVEA", "PARIS", "BLONP", "WOLZA"]


@pytest.fixture(scope="module")
def loaded_url(shared_database_url: str) -> str:
    """A database with the demo data."""
    load_demo_into(shared_database_url)
    return shared_database_url


@pytest.fixture(scope="module")
def url(loaded_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a process serves it."""
    with running(
        "serve",
        "--port=0",
        directory=tmp_path_factory.mktemp("serve"),
        database_url=loaded_url,
        secret_key=SECRET_KEY,
        default_channel="paloma",
    ) as process:
        yield process.url()


def money(amount: dict[str, Any]) -> tuple[Decimal, str]:
    return Decimal(amount["amount"]), amount["currency"]


def assert_same(nodes: list[dict[str, Any]], source: list[SourceOrder]) -> None:
    """Compare orders with their lines."""
    assert [node["orderNumber"] for node in nodes] == [order.number for order in source]
    for node, order in zip(nodes, source, strict=True):
        assert (node["orderDate"], node["status"]) == (order.date, order.status)
        assert money(node["total"]) == (order.total, order.currency)
        lines = [(item["sku"], item["quantity"], money(item["linePrice"])) for item in node["items"]]
        assert lines == [(sku, quantity, (price, order.currency)) for sku, quantity, price in order.lines]


@pytest.mark.parametrize("company", COMPANIES)
def test_a_company_sees_its_orders(url: str, company: str) -> None:
    source = northwind_orders(company)
    client = Client(url, "northwind").signed_in(f"{company.lower()}@northwind.example")

    customer = client.ask("CustomerOverview", orders=100)["customer"]

    assert customer["customerNumber"] == company
    assert {address["type"] for address in customer["addresses"]} == {"CONTACT", "BILLING"}
    assert customer["orders"]["totalCount"] == len(source)
    assert customer["orders"]["pageInfo"]["hasNextPage"] is False
    assert_same(customer["orders"]["nodes"], source)


def test_hans_sees_his_addresses_orders_and_cards(url: str) -> None:
    source = hans_orders()
    client = Client(url, "paloma").signed_in(HANS)

    customer = client.ask("CustomerOverview")["customer"]

    assert (customer["customerNumber"], customer["emailAddress"]) == ("10001", HANS)
    assert (customer["billing"]["street"], customer["billing"]["city"]) == ("Postfach 77", "Zürich")
    assert customer["orders"]["totalCount"] == 25
    assert customer["orders"]["pageInfo"]["hasNextPage"] is True
    assert_same(customer["orders"]["nodes"], source[:20])
    assert [card["maskedCardNumber"] for card in customer["paymentInstruments"]] == [
        "513659xxxxxx5354",
        "476325xxxxxx7800",
    ]


def test_hans_turns_the_pages_of_his_history(url: str) -> None:
    source = hans_orders()
    client = Client(url, "paloma").signed_in(HANS)

    for number in range(4):
        page = client.ask("OrderHistoryPage", page=number, size=10)["customer"]["orderPage"]
        expected = source[number * 10 : number * 10 + 10]
        assert [order["orderNumber"] for order in page["content"]] == [order.number for order in expected]
        for order, found in zip(expected, page["content"], strict=True):
            assert (money(found["total"]), found["itemCount"]) == ((order.total, order.currency), len(order.lines))
            assert money(found["itemsTotal"]) == (order.items_total, order.currency)
            assert money(found["shippingTotal"]) == (order.shipping_total, order.currency)
        assert (page["totalElements"], page["totalPages"], page["number"], page["size"]) == (
            25,
            ceil(25 / 10),
            number,
            10,
        )
        assert (page["first"], page["last"]) == (number == 0, number >= 2)


def test_hans_opens_order_123(url: str) -> None:
    order = Client(url, "paloma").signed_in(HANS).ask("OrderDetail", orderNumber="123")["customer"]["order"]

    assert (order["orderNumber"], order["orderDate"], order["locale"]) == ("123", "2018-03-14T10:07:26Z", "de_CH")
    assert (order["customer"]["customerNumber"], order["user"]["username"]) == ("10001", HANS)
    [source] = [each for each in hans_orders() if each.number == "123"]
    assert [(item["sku"], Decimal(item["linePrice"]["amount"])) for item in order["items"]] == [
        (sku, price) for sku, _, price in source.lines
    ]


def test_scrolling_by_total_shows_every_order_once(url: str) -> None:
    client = Client(url, "northwind").signed_in("savea@northwind.example")
    source = northwind_orders("SAVEA")
    totals: list[Decimal] = []
    numbers: set[str] = set()
    after = None
    while True:
        orders = client.ask("Infinite", first=7, after=after, withItems=True)["viewer"]["customer"]["orders"]
        assert orders["totalCount"] == len(source)
        totals += [Decimal(edge["node"]["total"]["amount"]) for edge in orders["edges"]]
        numbers |= {edge["node"]["orderNumber"] for edge in orders["edges"]}
        assert orders["pageInfo"]["hasPreviousPage"] is (after is not None)
        if not orders["pageInfo"]["hasNextPage"]:
            break
        after = orders["pageInfo"]["endCursor"]

    assert totals == sorted((order.total for order in source), reverse=True)
    assert numbers == {order.number for order in source}


def test_orders_are_searched_and_filtered(url: str) -> None:
    client = Client(url, "paloma").signed_in(HANS)
    shipped = {order.number for order in hans_orders() if order.status == "SHIPPED"}

    viewer = client.ask("Infinite", first=100, statuses=["SHIPPED"])["viewer"]
    crema = client.ask("Infinite", first=100, search="CRÈMA 239")["viewer"]["customer"]["orders"]

    assert {edge["node"]["orderNumber"] for edge in viewer["customer"]["orders"]["edges"]} == shipped
    assert [edge["node"]["orderNumber"] for edge in crema["edges"]] == ["239"]
    assert viewer["user"]["fullName"] == "Hans Muster"


def test_an_object_is_found_again_by_its_id(url: str) -> None:
    client = Client(url, "paloma").signed_in(HANS)
    customer = client.ask("CustomerOverview", orders=1)["customer"]
    stranger = Client(url, "northwind").signed_in("alfki@northwind.example")

    for id_ in (customer["id"], customer["orders"]["nodes"][0]["id"], customer["addresses"][0]["id"]):
        assert client.ask("Refetch", id=id_)["node"]["id"] == id_
        assert stranger.ask("Refetch", id=id_)["node"] is None


def test_who_registers_is_a_customer_with_a_number_and_can_sign_in(url: str) -> None:
    client = Client(url, "paloma")
    given = {
        "emailAddress": "vreni.berger@example.org",
        "user": {"password": "banana split"},
        "locale": "de_CH",
        "firstName": "Vreni",
        "lastName": "Berger",
    }

    registered = client.ask("Register", input=given)["registerCustomer"]
    signed_in = client.ask("Authenticate", input={"username": given["emailAddress"], "password": "banana split"})

    assert registered["__typename"] == "RegisterCustomerSuccess"
    assert (registered["customer"]["customerNumber"], registered["customer"]["orders"]["totalCount"]) == ("10002", 0)
    assert signed_in["authenticate"]["customer"]["id"] == registered["customer"]["id"]


def test_a_wrong_password_is_told(url: str) -> None:
    result = Client(url, "paloma").ask("Authenticate", input={"username": HANS, "password": "apple"})["authenticate"]

    assert result["__typename"] == "BadCredentialsError"


# ── README.md ─────────────────────────────────────────────────────────────────────────────────────


def readme_block(language: str) -> list[str]:
    text = (ROOT / "README.md").read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_readme_answers_its_query_truly(url: str) -> None:
    [query, _forgotten], [answer] = readme_block("graphql"), readme_block("json")

    assert {"data": Client(url, "paloma").signed_in(HANS).ask_text(query, orders=1)} == orjson.loads(answer)


def test_the_readme_has_a_link_mailed(url: str) -> None:
    [_query, forgotten] = readme_block("graphql")

    answer = Client(url, "paloma").ask_text(forgotten)
    assert answer == {"startPasswordReset": {"__typename": "StartPasswordResetSuccess"}}


def test_the_readme_signs_hans_in_as_the_demo_does() -> None:
    assert f"{curl('http://127.0.0.1:8000')}\n" in readme_block("bash")


# ── Processes ─────────────────────────────────────────────────────────────────────────────────────


def test_several_processes_serve_one_database(loaded_url: str, tmp_path: Path) -> None:
    with running(
        "serve", "--port=0", "--workers=2", directory=tmp_path, database_url=loaded_url, secret_key=SECRET_KEY
    ) as process:
        client = Client(process.url(), "paloma").signed_in(HANS)
        assert {client.ask("CustomerOverview")["customer"]["customerNumber"] for _ in range(8)} == {"10001"}
