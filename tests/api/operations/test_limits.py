"""What is too large is refused before it is validated, in a time that does not grow with what it would expand to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from graphql import get_introspection_query, parse

from resolvers.operations.limits import LIMITS
from resolvers.schema import operations_on
from tests.api.operations.test_refusals import ID, Asking, codes
from tests.api.services import a_context, a_user

if TYPE_CHECKING:
    from db.engine import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ask(database: Database) -> Asking:
    context = await a_context(database)
    await a_user(context)
    return Asking(context, operations_on(database))


def chain(links: int) -> str:
    """Return a chain of fragments that each spread the next one twice."""
    middle = " ".join(f"fragment F{at} on Query {{ ...F{at + 1} ...F{at + 1} }}" for at in range(links))
    return f"{{ ...F0 }} {middle} fragment F{links} on Query {{ channel {{ id }} }}"


def nested(levels: int) -> str:
    """Return a document that leads from customer to order and back, *levels* deep."""
    names = ["customer", *["orders(first: 1)", "nodes", "customer"] * levels][: levels - 1]
    return "{ " + " { ".join(names) + " { __typename " + "} " * len(names) + "}"


TOO_LARGE = {
    "a chain of 12 doubling fragments": chain(12),
    "a chain of 14 doubling fragments": chain(14),
    "501 fields": "{ channel { " + "id " * 500 + "} }",
    "fields behind fragments": "{ "
    + " ".join(["channel { ...P }"] * 10)
    + " } fragment P on Channel { "
    + "id " * 50
    + "}",
    "31 aliases": "{ " + " ".join(f"a{at}: __typename" for at in range(31)) + " }",
    "aliases behind fragments": "{ channel { ...P } c: channel { ...P } } fragment P on Channel { "
    + " ".join(f"a{at}: id" for at in range(20))
    + " }",
    "51 directives": "{ channel { " + "id @skip(if: false) " * 51 + "} }",
    "depth 13": nested(13),
    "2,001 tokens": "{ " + "a " * 2000 + "}",
    "the schema 12 times": "{ "
    + " ".join(
        f"a{at}: __schema {{ types {{ fields {{ name args {{ name type {{ name }} }} type {{ name kind }} }} }} }}"
        for at in range(12)
    )
    + " }",
    "every field of the schema 30 times": "{ __schema { types { "
    + " ".join(f"a{at}: fields {{ args {{ name }} type {{ name }} }}" for at in range(29))
    + " } } }",
    "90 objects at one place": "{ " + "channel { id } " * 90 + "}",
    "150 equal leaves": "{ channel { " + "id " * 150 + "} }",
    "150 equal leaves of a fragment that nothing spreads": "{ __typename } fragment F on Channel { "
    + "id " * 150
    + "}",
    "90 objects at one place, in fragments": "{ "
    + " ".join(f"...F{at}" for at in range(90))
    + "} "
    + " ".join(f"fragment F{at} on Query {{ channel {{ id }} }}" for at in range(90)),
    "520 fields in 20 operations": " ".join(
        f"query Q{at} {{ channel {{ {'id code name kind locales ' * 5} }} }}" for at in range(20)
    ),
    "501 fields in fragments that nothing spreads": "{ __typename } "
    + " ".join(f"fragment F{at} on Channel {{ {'id code name kind locales ' * 5} }}" for at in range(20)),
    "51 directives of variables": "query(" + "$a: Int @x " * 51 + ") { __typename }",
    "501 list items": "{ customer { orders(filter: {statuses: [" + "SHIPPED " * 500 + "]}) { totalCount } } }",
    "101 fragments": "{ ...F0 } "
    + " ".join(f"fragment F{at} on Query {{ ...F{at + 1} }}" for at in range(100))
    + " fragment F100 on Query { __typename }",
    "49 tables": "{ channel { id } " + " ".join(f'a{at}: node(id: "{ID}") {{ id }}' for at in range(6)) + " }",
    "fragments in a circle": "{ ...A } fragment A on Query { ...B "
    + "channel { id } " * 300
    + "} fragment B on Query { ...A }",
}


@pytest.mark.parametrize("document", TOO_LARGE.values(), ids=TOO_LARGE)
async def test_what_is_too_large_is_refused(database: Database, document: str) -> None:
    ask = Asking(await a_context(database), operations_on(database))

    answer = await ask(document)

    assert codes(answer) == ["QUERY_TOO_EXPENSIVE"]
    assert "data" not in answer


@pytest.mark.parametrize(
    "document",
    [
        chain(5),
        nested(12),
        "{ " + " ".join(f"a{at}: channel {{ {'id code name kind locales ' * 3} }}" for at in range(30)) + "}",
        "{ channel { " + "id " * 140 + "} }",
        "{ " + " ".join(f"a{at}: __typename" for at in range(30)) + " }",
        "{ " + "channel { id } " * 80 + "}",
        "{ customer { orders(filter: {statuses: [" + "SHIPPED " * 490 + "]}) { totalCount } } }",
        "{ __schema { types { fields { type { ofType { ofType { ofType { ofType { ofType { name } } } } } } } } } }",
    ],
)
async def test_what_is_just_small_enough_is_answered(database: Database, document: str) -> None:
    answer = await Asking(await a_context(database), operations_on(database))(document)

    assert "data" in answer


def test_the_introspection_of_tools_is_not_measured() -> None:
    assert LIMITS.excess(parse(get_introspection_query())) is None


PAGES = """{ customer { users(first: %s) { nodes { customer { orderPage(size: %s) { content {
  customer { orders(%s) { nodes { id } } } } } } } } } }"""


@pytest.mark.parametrize(
    ("sizes", "code"),
    [
        (("100", "100", "first: 1"), None),
        (("100", "100", "last: 2"), "QUERY_TOO_EXPENSIVE"),
        (("23", "22", ""), "QUERY_TOO_EXPENSIVE"),
        (("25", "20", "first: 20"), None),
        (("100", "100", "first: 0"), "BAD_USER_INPUT"),
        (("1", "1", "first: 1"), None),
    ],
)
async def test_pages_inside_one_another_have_a_limit(ask: Asking, sizes: tuple[str, ...], code: str | None) -> None:
    answer = await ask((PAGES % sizes).replace("orders()", "orders"), token=await ask.signed_in())

    assert codes(answer) == ([code] if code else [])


@pytest.mark.parametrize(("times", "code"), [(3, None), (4, "QUERY_TOO_EXPENSIVE")])
async def test_lists_weigh_as_pages(ask: Asking, times: int, code: str | None) -> None:
    document = "{ customer { " + "addresses { customer { " * times + "id " + "} } " * times + "} }"

    answer = await ask(document, token=await ask.signed_in())

    assert codes(answer) == ([code] if code else [])
