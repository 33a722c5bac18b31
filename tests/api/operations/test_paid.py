"""What is new to a process is paid for, and what strangers send takes nothing away from who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.dialects import sqlite

from resolvers.operations.cache import Documents
from resolvers.operations.reading import RefusedError
from resolvers.operations.spending import Spending
from resolvers.planner.arguments import Audience
from resolvers.planner.plans import Planner
from resolvers.schema import GUARD, operations_on, schema
from tests.api.operations.test_refusals import Asking, codes
from tests.api.services import a_context, a_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.engine import Database

pytestmark = pytest.mark.anyio

CORE = schema._schema  # noqa: SLF001 - Strawberry offers no other way
CHANNEL = "{ channel { code } } # %s"


def ticking() -> Iterator[float]:
    """Tell the time of a processor that takes a second between two looks."""
    at = 0.0
    while True:
        yield at
        at += 1.0


async def an_asking(database: Database, each: float, strangers: float = 20.0) -> Asking:
    """Return who asks a gateway where each new document costs a second."""
    context = await a_context(database)
    await a_user(context)
    ticks = ticking()
    spending = Spending(each=each, strangers=strangers, clock=lambda: 0.0, processor=lambda: next(ticks))
    return Asking(context, operations_on(database, spending=spending))


async def test_a_network_that_has_spent_all_is_told_when_to_come_again(database: Database) -> None:
    ask = await an_asking(database, each=2.0)
    token = await ask.signed_in()

    assert "data" in await ask(CHANNEL % 1)
    refused = await ask(CHANNEL % 2)

    assert codes(refused) == ["RATE_LIMITED"]
    assert refused["errors"][0]["extensions"]["retryAfterSeconds"] == 1
    assert "data" in await ask(CHANNEL % 1), "it is known"
    assert "data" in await ask(CHANNEL % 2, token=token), "of a purse of one's own"


async def test_a_token_that_is_no_good_has_no_purse_of_its_own(database: Database) -> None:
    ask = await an_asking(database, each=1.0)

    answers = [await ask(CHANNEL % at, token=f"nonsense {at}") for at in range(2)]

    assert [codes(answer) for answer in answers] == [[], ["RATE_LIMITED"]]


async def test_the_schema_is_told_for_the_same_price(database: Database) -> None:
    ask = await an_asking(database, each=3.0)
    document = "{ __schema { queryType { name } } }"

    answers = [await ask(document) for _ in range(3)]

    assert [codes(answer) for answer in answers] == [[], [], ["RATE_LIMITED"]]


async def test_what_is_refused_for_want_of_a_sign_in_is_not_planned(database: Database) -> None:
    ask = await an_asking(database, each=100.0)
    document = "{ customer { orders(first: 0) { nodes { id } } } channel { code } }"

    answer = await ask(document)

    assert codes(answer) == ["UNAUTHENTICATED"], "the argument was not looked at"
    assert list(answer["data"]) == ["customer", "channel"]
    assert answer["data"]["customer"] is None
    assert codes(await ask(document, token=await ask.signed_in())) == ["BAD_USER_INPUT"]


async def test_nobody_pays_for_the_name_of_the_root(database: Database) -> None:
    ask = await an_asking(database, each=3.0, strangers=3.0)
    document = "{ viewer { user { id } } __typename }"
    token = await ask.signed_in()
    await ask(document)
    assert codes((await ask(CHANNEL % 1), await ask(CHANNEL % 2))[1]) == ["RATE_LIMITED"]

    for _ in range(2):
        assert (await ask(document))["data"] == {"viewer": None, "__typename": "Query"}
    assert codes(await ask("{ __schema { queryType { name } } }", token=token)) == []


async def test_no_payer_pushes_out_what_others_have_sent(database: Database) -> None:
    documents = Documents(CORE, Planner(database.dialect, GUARD))
    kept = documents.get(CHANNEL % 0, None, "a neighbour")

    for at in range(2_000):
        documents.get(CHANNEL % f"{at}, longer: {'x' * 7_000}", None, "a stranger")

    assert documents.get(CHANNEL % 0, None, "anybody") is kept


async def test_what_can_not_be_null_is_no_fault_of_ours(database: Database) -> None:
    ask = await an_asking(database, each=1e9)

    answer = await ask("mutation($e: Boolean) { signOut(input: {everywhere: $e}) { __typename } }", {"e": None})

    assert codes(answer) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "document", ['{ a: __type(name: "Query") { fields { type { isOneOf } } } }', "{ __schema { types { isOneOf } } }"]
)
async def test_the_schema_tells_of_every_type_whether_one_field_is_wanted(database: Database, document: str) -> None:
    ask = await an_asking(database, each=1e9)

    assert codes(await ask(document)) == []


@pytest.mark.parametrize("again", ["startPasswordReset", "signOut"])
async def test_what_anybody_may_do_needs_a_request_of_its_own(database: Database, again: str) -> None:
    ask = await an_asking(database, each=1e9)
    written = {
        "startPasswordReset": 'startPasswordReset(input: {emailAddress: "a@b.ch", confirmationBaseUrl: "https://b.ch"})',
        "signOut": "signOut(input: {everywhere: false})",
    }[again]

    answer = await ask(f"mutation {{ a: {written} {{ __typename }} b: {written} {{ __typename }} }}")

    assert codes(answer) == (["BAD_USER_INPUT"] if again == "startPasswordReset" else ["UNAUTHENTICATED"] * 2)


async def test_a_long_name_of_a_variable_is_not_searched_for_an_echo(database: Database) -> None:
    ask = await an_asking(database, each=1e9)
    name = "cannot represent " * 3_700 + ":x"

    answer = await ask("mutation($i: AuthenticateInput!) { authenticate(input: $i) { __typename } }", {"i": {name: 1}})

    assert set(codes(answer)) == {"BAD_USER_INPUT"}
    assert all(len(error["message"]) <= 1_000 for error in answer["errors"])


async def test_strangers_do_not_evict_what_members_have_sent(database: Database) -> None:
    ask = await an_asking(database, each=1e9, strangers=1e9)
    token = await ask.signed_in()
    await ask(CHANNEL % 0, token=token)
    members: Documents = ask.operations._documents[Audience.USERS]  # noqa: SLF001 - what is kept shows nowhere else
    kept = members.get(CHANNEL % 0, None)

    for at in range(1_000):
        await ask(CHANNEL % at)
        await ask(CHANNEL % at, token="nonsense")

    assert members.get(CHANNEL % 0, None) is kept


class Talkative:
    """A database whose rows are long."""

    dialect = sqlite.dialect()

    def __init__(self, length: int) -> None:
        self.length = length

    async def read(self, *_asked: object) -> tuple[object, ...]:
        return (None, None, '"' + "x" * (self.length - 2) + '"')


@pytest.mark.parametrize(("length", "expected"), [(2_500_000, []), (2_500_001, ["QUERY_TOO_EXPENSIVE"])])
async def test_an_answer_of_more_than_5_mb_is_refused(database: Database, length: int, expected: list[str]) -> None:
    talkative: Any = Talkative(length)
    ask = Asking(await a_context(database), operations_on(talkative))

    assert codes(await ask("{ a: channel { code } b: channel { code } }")) == expected


@pytest.fixture
def documents() -> Documents:
    return Documents(CORE, Planner(sqlite.dialect(), GUARD))


@pytest.mark.parametrize(
    "text",
    [
        'mutation { authenticate(input: {username: "a@b.example", password: "hunter2"}) { __typename } }',
        'mutation($p: String = "hunter2") { authenticate(input: {username: "a", password: $p}) { __typename } }',
        'query { passwordResetToken(token: "hunter2") { __typename } }',
        'mutation { authenticate(input: {username: "a@b.example", password: "hunter2"}) { __typenam } }',
        'mutation { authenticate(input: {username: "a@b.example", password: """hunter2"""}) { __typename ',
        'query A { viewer { __typename } } query B { passwordResetToken(token: "hunter2") { __typename } }',
    ],
)
def test_a_document_with_a_secret_in_its_text_is_not_kept(documents: Documents, text: str) -> None:
    for _ in range(2):
        try:
            found = documents.get(text, "A" if text.startswith("query A") else None)
            assert not found.is_safe_in_url
        except RefusedError as refused:
            assert "hunter2" not in str(refused)  # noqa: PT017 - both may be

    assert "hunter2" not in repr(documents._kept._entries)  # noqa: SLF001 - what is kept shows nowhere else


@pytest.mark.parametrize(
    "text",
    [
        '{ node(id: "cus_01HV2JCC9T33QXEAXPHCJEC4FA") { id } }',
        'mutation($p: String!) { authenticate(input: {username: "a@b.example", password: $p}) { __typename } }',
        'query($i: ID = "cus_1", $t: String!) { node(id: $i) { id } passwordResetToken(token: $t) { __typename } }',
    ],
)
def test_other_strings_are_kept(documents: Documents, text: str) -> None:

    assert documents.get(text, None) is documents.get(text, None)
