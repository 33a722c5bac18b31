"""What is wrong with a request is found before anything runs, and is told without repeating what was sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from db import models
from db.errors import DatabaseUnavailableError
from resolvers.planner import Caller
from resolvers.rules.tokens import digest
from resolvers.schema import operations_on
from tests.api.services import PASSWORD, a_context, a_user, change, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.engine import Database
    from resolvers.context import Context
    from resolvers.operations import Operations

pytestmark = pytest.mark.anyio

ID = "cus_01HV2JCC9T33QXEAXPHCJEC4FA"
HANS = {"username": "hans.muster@corp.com", "password": PASSWORD}


@dataclass
class Asking:
    context: Context
    operations: Operations

    async def __call__(self, document: str, variables: dict[str, Any] | None = None, token: str | None = None) -> Any:
        caller = Caller(
            channel_id=self.context.channel_id,
            now=self.context.clock.now(),
            token_sha256=None if token is None else digest(token),
        )
        answer = await self.operations.answer(
            document, variables or {}, None, caller=caller, context=lambda: self.context
        )
        return json.loads(answer.body)

    async def signed_in(self) -> str:
        """Return a token of Hans."""
        answer = await self(
            "mutation($input: AuthenticateInput!) { authenticate(input: $input) {"
            " ... on AuthenticateSuccess { authentication { token } } } }",
            {"input": HANS},
        )
        return str(answer["data"]["authenticate"]["authentication"]["token"])


@pytest.fixture
async def ask(database: Database) -> Asking:
    context = await a_context(database)
    await a_user(context)
    return Asking(context, operations_on(database))


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", ())]


@pytest.mark.parametrize(
    "document",
    [
        "query($b: Boolean = true) { channel @include(if: $b) { id } }",
        "query($b: Boolean = true) { channel { id @skip(if: $b) } }",
        "query($b: Boolean = true) { channel { ... on Channel @include(if: $b) { id } } }",
        "query($b: Boolean = true) { ...Part @skip(if: $b) } fragment Part on Query { channel { id } }",
        "query($b: Boolean = true) { __schema { queryType @include(if: $b) { name } } }",
        'query($b: Boolean) { __type(name: "Query") { fields(includeDeprecated: $b) { name } } channel { code } }',
        "query($n: Int = 5) { channel { id } customer { orderPage(size: $n) { size } } }",
    ],
)
async def test_a_null_for_what_must_not_be_null_refuses_the_request(ask: Asking, document: str) -> None:
    answer = await ask(document, {"b": None, "n": None}, token=await ask.signed_in())

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert "data" not in answer


@pytest.mark.parametrize(
    ("declared", "selected"),
    [
        ("$b: Boolean = true", "authentication { token @include(if: $b) }"),
        ("$n: Int = 5", "customer { orderPage(size: $n) { size } }"),
        ("$n: Int", "customer { orders(first: 0, last: $n) { totalCount } }"),
        ("$n: Int", 'user { customer { orders(first: $n, after: "x") { totalCount } } }'),
    ],
)
async def test_a_mutation_whose_result_can_not_be_read_does_not_run(ask: Asking, declared: str, selected: str) -> None:
    document = (
        f"mutation({declared}, $input: AuthenticateInput!) {{ authenticate(input: $input) {{"
        f" ... on AuthenticateSuccess {{ {selected} }} }} }}"
    )

    answer = await ask(document, {"b": None, "n": None, "input": HANS})

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert "data" not in answer
    assert await rows(ask.context.database, models.Session) == []


async def test_a_null_for_the_default_of_an_input_refuses_the_mutation(ask: Asking) -> None:
    document = """mutation($input: AuthenticateInput = {username: "a", password: "b"}) {
      authenticate(input: $input) { __typename } }"""

    answer = await ask(document, {"input": None})

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert answer["errors"][0]["path"] == ["authenticate"]


@pytest.mark.parametrize("rank", ["2147483648", "-2147483649", "9223372036854775807"])
async def test_a_cursor_may_hold_any_64_bit_integer(ask: Asking, rank: str) -> None:
    token = await ask.signed_in()
    after = f'after: "STATUS:DESC:{rank}:{ID}"'
    document = f"{{ customer {{ orders(orderBy: {{field: STATUS}}, {after}) {{ totalCount nodes {{ id }} }} }} }}"

    assert await ask(document, token=token) == {"data": {"customer": {"orders": {"totalCount": 0, "nodes": []}}}}


@pytest.mark.parametrize(
    "given",
    [
        {"username": "a@b.ch", "password": ["hunter2"]},
        {"username": "a@b.ch", "password": {"hunter2": "hunter2"}},
        {"username": "a@b.ch", "passwort": "hunter2"},
        {"password": "hunter2"},
        {"username": 1, "password": "hunter2"},
        "hunter2",
        ["hunter2", {"password": "hunter2: found: hunter2"}],
    ],
)
async def test_a_refused_variable_is_not_repeated(ask: Asking, given: Any) -> None:
    document = "mutation($input: AuthenticateInput!) { authenticate(input: $input) { __typename } }"

    answer = await ask(document, {"input": given})

    assert set(codes(answer)) == {"BAD_USER_INPUT"}
    assert "hunter2" not in json.dumps(answer)


CARD = "4111 1111 1111 1111"
KEYS = [CARD, CARD.replace(" ", ""), f"x{CARD.replace(' ', '_')}", "hunter2 1111", "a', found: 1111', found: 1111"]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("place", ["AuthenticateInput", "RegisterCustomerInput", "CreateAddressInput", "OrderFilter"])
async def test_a_key_that_may_be_a_secret_is_not_repeated(ask: Asking, key: str, place: str) -> None:
    field = {
        "AuthenticateInput": "authenticate(input: $input) { __typename }",
        "RegisterCustomerInput": "registerCustomer(input: $input) { __typename }",
        "CreateAddressInput": "createAddress(input: $input) { __typename }",
        "OrderFilter": "customer { orders(filter: $input) { totalCount } }",
    }[place]
    document = f"{'query' if place == 'OrderFilter' else 'mutation'}($input: {place}) {{ {field} }}"
    if place != "OrderFilter":
        document = document.replace(place, f"{place}!")

    for given in ({key: 1}, {key: {key: key}}, {"user": {key: key}}, {"address": {key: key}}, {"password": {key: 1}}):
        answer = json.dumps(await ask(document, {"input": given}, token=await ask.signed_in()))
        assert "errors" in answer
        assert "1111" not in answer


async def test_a_name_that_there_is_not_is_told(ask: Asking) -> None:
    document = "mutation($input: AuthenticateInput!) { authenticate(input: $input) { __typename } }"

    answer = await ask(document, {"input": {**HANS, "passwort2": "hunter2"}})

    [error] = answer["errors"]
    assert error["message"].endswith("not to include unknown field 'passwort2'")


@pytest.mark.parametrize("name", ["x4111111111111111", "x4111_1111_1111_1111"])
async def test_no_name_tells_a_card_number(ask: Asking, name: str) -> None:
    for document in (
        f"{{ {name} }}",
        f"{{ channel(a: ${name}) {{ id }} }}",
        f"mutation {{ createAddress(input: {{{name}: 1}}) {{ __typename }} }}",
        f"{{ customer {{ orders(first: {name}) {{ totalCount }} }} }}",
        f"query {name}($a: Int) {{ channel {{ id }} }} query b {{ channel {{ id }} }}",
    ):
        answer = json.dumps(await ask(document))
        assert "errors" in answer
        assert "1111" not in answer


class OutageAfterTheCommit:
    """A database that can't be read once something was written."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.dialect = database.dialect

    async def read(self, *_asked: object) -> tuple[object, ...]:
        raise DatabaseUnavailableError


async def test_what_was_done_is_not_told_as_an_outage_to_retry(ask: Asking) -> None:
    broken: Any = OutageAfterTheCommit(ask.context.database)
    asking = Asking(ask.context, operations_on(broken))
    document = """mutation($input: AuthenticateInput!) {
      authenticate(input: $input) { ... on AuthenticateSuccess { user { id } } } }"""

    answer = await asking(document, {"input": HANS})

    assert codes(answer) == ["INTERNAL_SERVER_ERROR"]
    assert answer["data"] == {"authenticate": None}
    assert len(await rows(ask.context.database, models.Session)) == 1


async def test_a_user_who_is_disabled_in_between_costs_the_payload_not_the_answer(ask: Asking) -> None:
    (user,) = await rows(ask.context.database, models.User)
    document = """mutation($input: AuthenticateInput!) {
      authenticate(input: $input) { ... on AuthenticateSuccess { user { id } } } }"""

    class Disabling:
        """Disables the user before the payload is read."""

        dialect = ask.context.database.dialect

        async def read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
            await change(ask.context.database, models.User, user.id, enabled=False)
            return await ask.context.database.read(sql, parameters)

    disabling: Any = Disabling()
    answer = await Asking(ask.context, operations_on(disabling))(document, {"input": HANS})

    assert codes(answer) == ["NOT_FOUND"]
    assert answer["data"] == {"authenticate": None}
