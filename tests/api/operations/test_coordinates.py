"""What is wrong with an argument is told with its coordinate in the schema, in the words of GraphQL."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.operations.test_refusals import Asking, ask

__all__ = ["ask"]

pytestmark = [pytest.mark.anyio, pytest.mark.either_database]

NOT_AN_ID = "This is not an id of the gateway. Pass the id of an object as it was answered."
NUL = "A text must not contain the character NUL."
COUNT = "Ask for 1 to 100 elements."
SEARCH = "Search for at most 200 characters."


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("orders(first: 0) { totalCount }", f"Customer.orders(first:): {COUNT}"),
        ("orders(last: 101) { totalCount }", f"Customer.orders(last:): {COUNT}"),
        ("a: orders(first: -1) { totalCount }", f"Customer.orders(first:): {COUNT}"),
        ("users(first: 1000) { totalCount }", f"Customer.users(first:): {COUNT}"),
        ("orderPage(size: 0) { size }", f"Customer.orderPage(size:): {COUNT}"),
        ("orderPage(page: -1) { size }", "Customer.orderPage(page:): Pages are numbered from 0."),
        ("orders(first: 1, last: 1) { totalCount }", "Customer.orders(first:): Pass first or last, not both."),
        ('order(orderNumber: "\\u0000") { id }', f"Customer.order(orderNumber:): {NUL}"),
        ('orders(filter: {search: "\\u0000"}) { totalCount }', f"OrderFilter.search: {NUL}"),
        (f'orders(filter: {{search: "{"x" * 201}"}}) {{ totalCount }}', f"OrderFilter.search: {SEARCH}"),
        ('orders(after: "x") { totalCount }', "Customer.orders(after:): This cursor was not made for this list"),
    ],
)
async def test_an_argument_of_a_query_is_named(ask: Asking, selection: str, message: str) -> None:
    token = await ask.signed_in()

    literal = await ask(f"{{ customer {{ {selection} }} }}", token=token)

    assert [error["message"][: len(message)] for error in literal["errors"]] == [message]
    assert literal["errors"][0]["path"][0] == "customer"


@pytest.mark.parametrize(
    ("document", "variables", "message"),
    [
        (
            "query($n: Int) { customer { orders(first: $n) { totalCount } } }",
            {"n": 0},
            f"Customer.orders(first:): {COUNT}",
        ),
        (
            "query($f: OrderFilter) { customer { orders(filter: $f) { totalCount } } }",
            {"f": {"search": "x" * 201}},
            f"OrderFilter.search: {SEARCH}",
        ),
        ("query($i: ID!) { node(id: $i) { id } }", {"i": "x"}, f"Query.node(id:): {NOT_AN_ID}"),
        ("query($i: ID!) { node(id: $i) { ... on Order { id } } }", {"i": "x"}, f"Query.node(id:): {NOT_AN_ID}"),
        (
            "query($n: Int = 5) { customer { orderPage(size: $n) { size } } }",
            {"n": None},
            "Customer.orderPage(size:) has invalid value: Expected variable '$n' provided to non-null type 'Int!' not",
        ),
        (
            "mutation($i: RevokeSessionInput!) { revokeSession(input: $i) { __typename } }",
            {"i": {"sessionId": "x"}},
            f"RevokeSessionInput.sessionId: {NOT_AN_ID}",
        ),
        (
            "query($i: ID!) { node(id: $i) { id } }",
            {"i": None},
            "Variable '$i' has invalid value: Expected value of non-null",
        ),
    ],
)
async def test_an_argument_that_is_a_variable_is_named(
    ask: Asking, document: str, variables: dict[str, Any], message: str
) -> None:
    answer = await ask(document, variables, await ask.signed_in())

    [error] = answer["errors"]
    assert error["message"].startswith(message)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "None" not in error["message"]


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("{ node(id: null) { id } }", {}),
        ("query($i: ID!) { node(id: $i) { id } }", {"i": None}),
        ("query($s: [OrderStatus!]) { customer { orders(filter: {statuses: $s}) { totalCount } } }", {"s": [None]}),
        ("mutation { authenticate(input: {username: null, password: null}) { __typename } }", {}),
        ("{ __type(name: null) { name } }", {}),
        ("{ channel @skip(if: null) { id } }", {}),
    ],
)
async def test_null_is_called_null(ask: Asking, document: str, variables: dict[str, Any]) -> None:
    for error in (await ask(document, variables))["errors"]:
        assert error["message"].endswith("not to be null.")
