"""The oracle itself, by cases small enough to be worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type

from db import models
from db.enums import AddressType, OrderAdjustmentType, OrderStatus, Permission, TokenPurpose
from tests.oracle.execution import Oracle
from tests.oracle.fields import knows
from tests.oracle.formats import fold, money, time_text
from tests.oracle.rows import MODELS, Stored
from tests.oracle.world import NOW, SDL, World, an_id, mailed_token, session, small_world, user


@pytest.fixture
def world() -> World:
    return small_world()


def test_it_knows_every_field_that_can_be_read(world: World) -> None:
    del world
    schema = Oracle(SDL.read_text(), Stored({model: [] for model in MODELS})).schema
    unknown: set[str] = set()
    seen: set[str] = set()
    waiting: list[Any] = [schema.query_type]
    while waiting:
        named = waiting.pop()
        if named.name in seen:
            continue
        seen.add(named.name)
        if isinstance(named, GraphQLInterfaceType):
            waiting += schema.get_possible_types(named)
        elif isinstance(named, GraphQLObjectType):
            paths = {f"{named.name}.{name}": field for name, field in named.fields.items()}
            unknown |= {path for path in paths if not knows(*path.split("."))}
            waiting += [get_named_type(field.type) for field in paths.values()]
    assert not unknown


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [("19.9", "CHF", "19.90"), ("1990", "JPY", "1990"), ("1.234", "KWD", "1.234"), ("-0.05", "EUR", "-0.05")],
)
def test_an_amount_has_the_digits_of_its_currency(amount: str, currency: str, text: str) -> None:
    assert money(Decimal(amount), currency) == {"amount": text, "currency": currency}


@pytest.mark.parametrize(
    ("microseconds", "text"), [(0, "26Z"), (500_000, "26.5Z"), (1, "26.000001Z"), (120_000, "26.12Z")]
)
def test_a_time_has_a_fraction_only_where_there_is_one(microseconds: int, text: str) -> None:
    assert time_text(datetime(900, 3, 14, 10, 7, 26, microseconds, tzinfo=UTC)) == f"0900-03-14T10:07:{text}"


@pytest.mark.parametrize(("text", "folded"), [("Café STRASSE", "cafe strasse"), ("İﬁ", "ifi"), ("ß", "ss")])
def test_folding_drops_case_accents_and_compatibility_forms(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_keys_stand_in_the_order_of_the_selection_and_merge(world: World) -> None:
    answered = world.ask("{ c: customer { gender } channel { code } c: customer { locale gender } }")
    assert answered == {"data": {"c": {"gender": "UNKNOWN", "locale": "de_CH"}, "channel": {"code": "shop"}}}
    assert list(answered["data"]) == ["c", "channel"]


def test_nobody_signed_in_gets_null_and_an_error_with_the_key(world: World) -> None:
    answered = world.ask("{ a: customer { id } viewer { permissions } roles { id } }", token=None)
    assert answered["data"] == {"a": None, "viewer": None, "roles": None}
    assert [(error["path"], error["extensions"]["code"]) for error in answered["errors"]] == [
        (["a"], "UNAUTHENTICATED"),
        (["roles"], "UNAUTHENTICATED"),
    ]


@pytest.mark.parametrize("expires_at", [NOW, NOW - timedelta(days=1)])
def test_a_session_that_has_ended_is_nobody(world: World, expires_at: datetime) -> None:
    world.add(session(9, 1, "ended", expires_at))
    assert world.ask("{ viewer { permissions } }", token="ended") == {"data": {"viewer": None}}


def test_a_disabled_user_is_nobody(world: World) -> None:
    world.add(*user(4, *Permission, enabled=False), session(4, 4, "disabled"))
    assert world.ask("{ viewer { permissions } }", token="disabled") == {"data": {"viewer": None}}


@pytest.mark.parametrize(("token", "seen"), [("admin", ["N3", "N2", "N1"]), ("own", ["N2"]), ("nothing", [])])
def test_orders_are_seen_by_permission(world: World, token: str, seen: list[str]) -> None:
    world.order(1)
    world.order(2, user_id=an_id("usr", 2))
    world.order(3, user_id=an_id("usr", 3))
    world.order(4, customer_id=an_id("cus", 2), user_id=an_id("usr", 2))
    orders = world.ask("{ customer { orders { nodes { orderNumber } totalCount } } }", token)["data"]["customer"][
        "orders"
    ]
    assert orders == {"nodes": [{"orderNumber": number} for number in seen], "totalCount": len(seen)}


@pytest.mark.parametrize(("token", "seen"), [("admin", 3), ("own", 1)])
def test_colleagues_are_seen_with_users_read(world: World, token: str, seen: int) -> None:
    assert world.ask("{ customer { users { totalCount } } }", token)["data"]["customer"]["users"]["totalCount"] == seen


@pytest.mark.parametrize(
    ("changes", "valid"),
    [
        ({}, True),
        ({"expires_at": NOW}, False),
        ({"spent_at": NOW}, False),
        ({"purpose": TokenPurpose.EMAIL_CONFIRMATION}, False),
        ({"email_address": "former@example.com"}, False),
        ({"subject_id": an_id("usr", 4)}, False),
        ({"subject_id": an_id("usr", 5)}, False),
        ({"channel_id": an_id("chn", 2)}, False),
    ],
)
@pytest.mark.parametrize("caller", [None, "admin"])
def test_a_token_tells_its_worth_to_whoever_holds_it(
    world: World,
    changes: dict[str, Any],
    valid: bool,  # noqa: FBT001
    caller: str | None,
) -> None:
    world.add(*user(4, enabled=False))
    world.add(mailed_token(1, "mailed", **changes))
    answered = world.ask('{ passwordResetToken(token: "mailed") { valid expiresAt emailAddress } }', caller)
    told = {"expiresAt": "2026-03-14T11:00:00Z", "emailAddress": "u1@example.com"}
    nothing = {"expiresAt": None, "emailAddress": None}
    assert answered["data"]["passwordResetToken"] == {"valid": valid, **(told if valid else nothing)}
    assert world.ask("query ($id: ID!) { node(id: $id) { id } }", id=an_id("tok", 1)) == {"data": {"node": None}}


def test_what_is_foreign_is_not_found(world: World) -> None:
    foreign = world.order(1, customer_id=an_id("cus", 2))
    answered = world.ask("query ($id: ID!) { customer(id: $id) { id } node(id: $id) { id } }", id=an_id("cus", 2))
    assert answered == {"data": {"customer": None, "node": None}}
    assert world.ask("query ($id: ID!) { node(id: $id) { id } }", id=foreign) == {"data": {"node": None}}


def page(world: World, arguments: str) -> tuple[list[str], bool, bool]:
    body = "nodes { orderNumber } pageInfo { hasPreviousPage hasNextPage }"
    orders = world.ask(f"{{ customer {{ orders({arguments}) {{ {body} }} }} }}")["data"]["customer"]["orders"]
    info = orders["pageInfo"]
    return [node["orderNumber"] for node in orders["nodes"]], info["hasPreviousPage"], info["hasNextPage"]


def cursor(number: int) -> str:
    return f"TOTAL:ASC:100000:{an_id('ord', number)}"


@pytest.mark.parametrize(
    ("window", "numbers", "previous", "following"),
    [
        ("first: 2", ["N1", "N2"], False, True),
        ("last: 2", ["N3", "N4"], True, False),
        ("first: 4", ["N1", "N2", "N3", "N4"], False, False),
        (f'first: 2, after: "{cursor(1)}"', ["N2", "N3"], True, True),
        (f'first: 2, after: "{cursor(2)}"', ["N3", "N4"], True, False),
        (f'first: 1, before: "{cursor(3)}"', ["N1"], False, True),
        (f'last: 1, before: "{cursor(3)}"', ["N2"], True, True),
        (f'last: 5, before: "{cursor(3)}"', ["N1", "N2"], False, True),
        (f'after: "{cursor(9)}"', [], True, False),
        (f'first: 1, after: "{cursor(0)}"', ["N1"], False, True),
    ],
)
def test_a_page_of_equal_totals_goes_by_id(
    world: World,
    window: str,
    numbers: list[str],
    previous: bool,  # noqa: FBT001
    following: bool,  # noqa: FBT001
) -> None:
    for number in (3, 1, 4, 2):
        world.order(number)
    assert page(world, f"orderBy: {{field: TOTAL, direction: ASC}}, {window}") == (numbers, previous, following)


def test_a_page_by_number_counts(world: World) -> None:
    for number in range(5):
        world.order(number)
    body = "content { orderNumber } totalPages totalElements first last number size"
    answered = world.ask(f"{{ customer {{ orderPage(page: 2, size: 2) {{ {body} }} }} }}")
    assert answered["data"]["customer"]["orderPage"] == {
        "content": [{"orderNumber": "N0"}],
        "totalPages": 3,
        "totalElements": 5,
        "first": False,
        "last": True,
        "number": 2,
        "size": 2,
    }


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ("{statuses: []}", []),
        ("{statuses: DRAFT}", ["N2"]),
        ("{statuses: null}", ["N2", "N1"]),
        ('{search: "%"}', []),
        ('{search: " n1 "}', ["N1"]),
        ('{orderedFrom: "2026-03-14T10:00:00Z"}', ["N2", "N1"]),
        ('{orderedUntil: "2026-03-14T11:00:00+01:00"}', []),
        ("{mine: true}", ["N1"]),
        ("{mine: false}", ["N2", "N1"]),
    ],
)
def test_filters(world: World, wanted: str, numbers: list[str]) -> None:
    world.order(1, user_id=an_id("usr", 1))
    world.order(2, status=OrderStatus.DRAFT)
    assert page(world, f"filter: {wanted}")[0] == numbers


@pytest.mark.parametrize(
    "arguments",
    [
        "first: 0", "last: 101", "first: 1, last: 1", 'after: ""', 'after: "ORDER_DATE:ASC:2026-03-14T10:00:00Z:x"',
        f'after: "{cursor(1)}"', 'filter: {search: "\\u0000"}',
    ],
)  # fmt: skip
def test_bad_arguments_are_reported_by_response_keys_and_nothing_is_read(world: World, arguments: str) -> None:
    answered = world.ask(f"{{ a: viewer {{ customer {{ b: orders({arguments}) {{ totalCount }} }} }} }}", token=None)
    assert "data" not in answered
    assert [(error["path"], error["extensions"]["code"]) for error in answered["errors"]] == [
        (["a", "customer", "b"], "BAD_USER_INPUT")
    ]


def test_what_is_skipped_is_not_looked_at(world: World) -> None:
    document = "query ($no: Boolean!) { customer { locale orders(first: 0) @skip(if: $no) { totalCount } } }"
    assert world.ask(document, no=True) == {"data": {"customer": {"locale": "de_CH"}}}
    assert "data" not in world.ask(document, no=False)


def test_a_page_too_far_is_too_expensive(world: World) -> None:
    answered = world.ask("{ customer { orderPage(page: 10001, size: 100) { number } } }")
    assert answered["errors"][0]["extensions"]["code"] == "QUERY_TOO_EXPENSIVE"


def test_an_order_adds_up_its_lines(world: World) -> None:
    order_id = world.order(1, "7.7", "EUR", billing_address={"zipCode": "8000"})
    for position, price in ((2, "1.50"), (1, "-0.25")):
        world.add(
            models.OrderItem(
                order_id=order_id, position=position, sku="s", name="n", quantity=Decimal(1), unit_price=Decimal(1),
                line_price=Decimal(price), currency="EUR",
            ),
            models.OrderAdjustment(
                order_id=order_id, position=position, type=list(OrderAdjustmentType)[position - 1], name="a",
                price=Decimal(price), currency="EUR",
            ),
        )  # fmt: skip
    body = """itemCount items { position linePrice { amount } originalPrice { amount } }
        itemsTotal { amount } shippingTotal { amount } billingAddress { zipCode city } shippingAddress { city }"""
    answered = world.ask(f'{{ customer {{ order(orderNumber: "N1") {{ {body} }} }} }}')
    assert answered["data"]["customer"]["order"] == {
        "itemCount": 2,
        "items": [
            {"position": 1, "linePrice": {"amount": "-0.25"}, "originalPrice": None},
            {"position": 2, "linePrice": {"amount": "1.50"}, "originalPrice": None},
        ],
        "itemsTotal": {"amount": "1.25"},
        "shippingTotal": {"amount": "-0.25"},
        "billingAddress": {"zipCode": "8000", "city": None},
        "shippingAddress": None,
    }


@pytest.mark.parametrize(("day", "expired"), [(date(2026, 3, 13), True), (date(2026, 3, 14), False), (None, False)])
def test_a_card_is_good_until_its_last_day(world: World, day: date | None, expired: bool) -> None:  # noqa: FBT001
    world.add(models.PaymentInstrument(id=an_id("pay", 1), customer_id=an_id("cus", 1), type="card", expires_on=day))
    answered = world.ask("{ customer { paymentInstruments { expired } } }")
    assert answered["data"]["customer"]["paymentInstruments"] == [{"expired": expired}]


def test_the_default_address_is_the_one_marked(world: World) -> None:
    for number, marked in ((1, False), (2, True)):
        world.add(
            models.Address(
                id=an_id("adr", number), customer_id=an_id("cus", 1), type=AddressType.BILLING, is_default=marked,
                street="s", city="c", country="CH", created_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip
    answered = world.ask(
        "{ customer { a: defaultAddress(type: BILLING) { id } b: defaultAddress(type: CONTACT) { id } } }"
    )
    assert answered["data"]["customer"] == {"a": {"id": an_id("adr", 2)}, "b": None}
