"""A read is one statement for each root field, whatever there is and whatever is selected."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, OperationType, get_named_type, is_leaf_type, parse, validate

from db.engine import Database
from db.enums import TokenPurpose
from resolvers.planner.declare import TYPE_OF_MODEL
from resolvers.schema import schema
from tests.api.services import PASSWORD, verbs
from tests.conftest import Statements
from tests.statements.shop import ADMIN_TOKEN, EMAIL_ADDRESS, MAILED_TOKENS, TOKEN, a_shop

pytestmark = pytest.mark.anyio

CORE = schema._schema  # noqa: SLF001 - Strawberry offers no other way to graphql-core's schema
OPERATIONS = Path(__file__).parents[1] / "operations"
VARIABLES: dict[str, Any] = {
    "first": 20,
    "orderNumber": "N0",
    "page": 0,
    "size": 20,
    "search": "article",
    "token": "unknown",
}


def _reads() -> list[tuple[str, str]]:
    """Return file and name of each query that front-ends send and the schema has."""
    found = []
    for file in sorted(OPERATIONS.glob("*.graphql")):
        document = parse(file.read_text())
        if not validate(CORE, document):
            for operation in document.definitions:
                if isinstance(operation, OperationDefinitionNode) and operation.operation is OperationType.QUERY:
                    assert operation.name
                    found.append((file.name, operation.name.value))
    return found


def _root_fields(text: str, name: str) -> int:
    operations = [node for node in parse(text).definitions if isinstance(node, OperationDefinitionNode)]
    (operation,) = [node for node in operations if node.name and node.name.value == name]
    return len(operation.selection_set.selections)


def test_there_are_operations_of_front_ends() -> None:
    assert len(_reads()) >= 5


@pytest.mark.parametrize("orders", [0, 1, 60])
@pytest.mark.parametrize(("file", "name"), _reads())
async def test_an_operation_of_a_front_end_is_one_statement_for_each_root_field(
    file: str, name: str, orders: int, database: Database, statements: Statements
) -> None:
    shop = await a_shop(database, statements, orders)
    text = (OPERATIONS / file).read_text()
    variables = VARIABLES | {"id": shop.ids["Customer"], "orders": 20}

    for _ in range(3):
        sent, answer = await shop.sent(text, variables, name)

        assert "errors" not in answer
        assert len(sent) == _root_fields(text, name)
        assert all(statement.startswith("WITH") for statement in sent)


NESTED = """
query($id: ID!) { customer(id: $id) {
  orders(first: 100) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node {
    items { unitPrice { amount } } user { roles { permissions } customer { users { nodes { id } totalCount } } }
    customer { orderPage(size: 100) { totalPages content { itemCount } } } } } }
} }
"""


@pytest.mark.parametrize("orders", [0, 1, 60])
async def test_connections_in_connections_are_one_statement(
    orders: int, database: Database, statements: Statements
) -> None:
    shop = await a_shop(database, statements, orders)

    sent, answer = await shop.sent(NESTED, {"id": shop.ids["Customer"]})

    assert answer["data"]["customer"]["orders"]["totalCount"] == orders
    # SQLite begins the long one of 6,000 orders again, in a thread.
    assert len(sent) == 1 or (database.dialect.name == "sqlite" and orders == 60 and sent == [sent[0]] * 2)


@pytest.mark.parametrize("type_", sorted(model.__name__ for model in TYPE_OF_MODEL if "id" in model.model_fields))
async def test_a_node_of_any_type_is_one_statement(type_: str, database: Database, statements: Statements) -> None:
    shop = await a_shop(database, statements)
    shown_as = "Session" if type_ == "AdminSession" else type_
    fields = CORE.type_map[shown_as].fields  # type: ignore[attr-defined]  # an object type
    leaves = " ".join(name for name, field in fields.items() if is_leaf_type(get_named_type(field.type)))

    sent, answer = await shop.sent(
        f"query($id: ID!) {{ node(id: $id) {{ ... on {shown_as} {{ {leaves} }} }} }}",
        {"id": shop.ids[type_]},
        token=ADMIN_TOKEN if type_.startswith("Admin") else TOKEN,
    )

    assert answer["data"]["node"]["id"] == shop.ids[type_]
    assert len(sent) == 1


EVERYBODY_S = "query($id: ID!) { customer(id: $id) { id priceGroups orders { totalCount nodes { orderNumber } } } }"


@pytest.mark.parametrize(
    ("token", "others"),
    [(TOKEN, ("admins", "admin_sessions", "api_keys")), (ADMIN_TOKEN, ("users", "sessions"))],
    ids=["a user's", "an admin's"],
)
async def test_a_statement_looks_for_the_caller_only_among_those_who_the_token_says_it_is(
    token: str, others: tuple[str, ...], database: Database, statements: Statements
) -> None:
    shop = await a_shop(database, statements)

    [sent], answer = await shop.sent(EVERYBODY_S, {"id": shop.ids["Customer"]}, token=token)

    assert answer["data"]["customer"]["orders"]["totalCount"] == 1
    assert not set(re.findall(r"\b[a-z_]+\b", sent)) & set(others)


@pytest.mark.parametrize("token", [*MAILED_TOKENS.values(), "unknown", ""])
async def test_what_a_mailed_token_is_worth_is_one_statement(
    token: str, database: Database, statements: Statements
) -> None:
    shop = await a_shop(database, statements)
    document = "query($token: String!) { passwordResetToken(token: $token) { valid expiresAt emailAddress } }"

    sent, answer = await shop.sent(document, {"token": token}, token=None)

    is_good = token == MAILED_TOKENS[TokenPurpose.PASSWORD_RESET]
    assert answer["data"]["passwordResetToken"]["emailAddress"] == (EMAIL_ADDRESS if is_good else None)
    assert len(sent) == 1
    assert sent[0].startswith("WITH")


async def test_several_root_fields_are_as_many_statements(database: Database, statements: Statements) -> None:
    shop = await a_shop(database, statements)

    sent, answer = await shop.sent(
        "{ a: customer { id } b: customer { id } viewer { user { id } } channel { id } roles { id } __typename }"
    )

    assert list(answer["data"]) == ["a", "b", "viewer", "channel", "roles", "__typename"]
    assert len(sent) == 5


@pytest.mark.parametrize(("token", "expected"), [(None, 0), ("unknown", 1)])
@pytest.mark.parametrize("is_known", [True, False])
async def test_a_refused_caller_costs_one_statement_at_most(
    token: str | None, expected: int, *, is_known: bool, database: Database, statements: Statements
) -> None:
    shop = await a_shop(database, statements, 60)

    sent, answer = await shop.sent("{ customer { orders { nodes { id } } } }", token=token, is_known=is_known)

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert len(sent) == expected


async def test_a_document_that_nobody_has_sent_costs_one_statement_more_once(
    database: Database, statements: Statements
) -> None:
    shop = await a_shop(database, statements, 60)
    document = "query($n: Int) { customer { orders(first: $n) { nodes { id } } } }"

    sent = [len((await shop.sent(document, {"n": number}, is_known=False))[0]) for number in (1, 2, None, None)]

    # The last but one has another shape, which is not planned for somebody who is not there either.
    assert sent == [2, 1, 2, 1]


async def test_what_strangers_send_is_kept_apart(database: Database, statements: Statements) -> None:
    shop = await a_shop(database, statements)
    document = "{ channel { id } }"
    for token in (None, "unknown"):
        await shop.sent(document, token=token, is_known=False)

    sent, _answer = await shop.sent(document, is_known=False)

    assert len(sent) == 2


@pytest.mark.parametrize(
    "document",
    [
        "{ customer { orders(first: 0) { totalCount } } }",
        "{ customer { orders(first: 1, last: 1) { totalCount } } viewer { user { id } } }",
        '{ customer { orders(after: "x") { totalCount } } }',
        '{ node(id: "x") { id } channel { id } }',
        "{ customer { orderPage(page: 1000000, size: 100) { totalPages } } }",
        "{ customer { missing } }",
        "{ customer(id: 1, id: 2) { id } }",
        "{ customer",
        "query($id: ID!) { node(id: $id) { id } }",
        "mutation { authenticate(input: {username: 1}) { __typename } }",
        (
            "mutation($p: String!) { authenticate(input: {username: $p, password: $p}) "
            "{ ... on AuthenticateSuccess { customer { orders(first: 0) { totalCount } } } } }"
        ),
    ],
)
async def test_a_request_that_is_refused_for_what_it_says_reads_nothing_but_its_caller(
    document: str, database: Database, statements: Statements
) -> None:
    shop = await a_shop(database, statements)

    sent, answer = await shop.sent(document, {"p": "a"})

    assert "data" not in answer
    assert answer["errors"]
    assert len(sent) <= 1
    assert all(statement.startswith("WITH viewer AS") for statement in sent)


async def test_making_a_plan_sends_nothing(database: Database, statements: Statements) -> None:
    shop = await a_shop(database, statements)
    document = "query($a: String) { customer { orders(after: $a, filter: {search: $a}) { nodes { id user { id } } } } }"

    sent, _answer = await shop.sent(document, {"a": "not a cursor"})
    assert len(sent) == 1, "the look-up of the caller"

    first, _answer = await shop.sent(document)
    second, _answer = await shop.sent(document)
    assert len(first) == 1
    assert first == second


async def test_introspection_alone_sends_nothing(database: Database, statements: Statements) -> None:
    shop = await a_shop(database, statements)

    sent, answer = await shop.sent("{ __schema { queryType { name } } __typename }", token=None)

    assert "errors" not in answer
    assert sent == []


CUSTOMER = "customer { id addresses { id } orders { totalCount nodes { id items { sku } } } }"
BOTH = f"user {{ id roles {{ code }} }} {CUSTOMER}"


@pytest.mark.parametrize(
    "asked",
    [
        ("authenticate", f'{{username: "{EMAIL_ADDRESS}", password: "{PASSWORD}"}}', BOTH),
        ("registerCustomer", f'{{emailAddress: "new@example.com", user: {{password: "{PASSWORD}"}}}}', BOTH),
        (
            "updatePassword",
            f'{{currentPassword: "{PASSWORD}", newPassword: "{PASSWORD} too"}}',
            f"user {{ id {CUSTOMER} }}",
        ),
        (
            "finishPasswordReset",
            f'{{token: "{MAILED_TOKENS[TokenPurpose.PASSWORD_RESET]}", password: "{PASSWORD} too"}}',
            BOTH,
        ),
    ],
    ids=lambda asked: asked[0],
)
@pytest.mark.parametrize("orders", [0, 60])
async def test_a_payload_is_one_statement_after_the_commit(
    asked: tuple[str, str, str], orders: int, database: Database, statements: Statements
) -> None:
    field, given, payload = asked
    shop = await a_shop(database, statements, orders)
    success = f"{field[0].upper()}{field[1:]}Success"
    document = f"mutation {{ {field}(input: {given}) {{ __typename ... on {success} {{ %s }} }} }}"

    with_payload, answer = await shop.sent(document % payload)

    assert answer["data"][field]["__typename"] == success
    written = _last_commit(with_payload)
    assert len(with_payload) - written == 2, "one statement after the COMMIT"
    assert with_payload[-1].startswith("WITH")


async def test_a_payload_that_is_not_asked_for_is_not_read(database: Database, statements: Statements) -> None:
    shop = await a_shop(database, statements)
    document = (
        f'mutation {{ authenticate(input: {{username: "{EMAIL_ADDRESS}", password: "{PASSWORD}"}}) {{ __typename }} }}'
    )

    sent, _answer = await shop.sent(document)

    assert _last_commit(sent) == len(sent) - 1


async def test_a_failed_sign_in_reads_no_payload(database: Database, statements: Statements) -> None:
    shop = await a_shop(database, statements)
    document = (
        'mutation { authenticate(input: {username: "%s", password: "wrong"}) '
        "{ __typename ... on AuthenticateSuccess { user { id } } } }"
    )

    known, _answer = await shop.sent(document % EMAIL_ADDRESS, token=None)
    unknown, _answer = await shop.sent(document % "nobody@example.com", token=None)

    # The try is counted by network, by account and by both; then the account is read.
    assert verbs(known) == verbs(unknown) == {"BEGIN": 1, "INSERT": 2, "COMMIT": 1, "SELECT": 1}


def _last_commit(sent: list[str]) -> int:
    return max(number for number, statement in enumerate(sent) if statement.rstrip(";") == "COMMIT")
