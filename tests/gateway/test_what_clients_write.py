"""What real clients write is understood, or refused in the words that they listen to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx2
import orjson
import pytest
from pydantic import SecretStr

from gateway.app import create_app
from gateway.http.responses import LEGACY, MODERN
from gateway.operator.settings import Settings
from tests.conftest import FreshDatabase
from tests.gateway.asgi import DOCUMENT, assert_never_kept, over
from tests.gateway.test_endpoint import create

pytestmark = pytest.mark.anyio

ANSWER = {"data": {"channel": {"code": "first"}}}
HASH = {"version": 1, "sha256Hash": "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38"}
APOLLO = {"clientLibrary": {"name": "@apollo/client", "version": "4.3.8"}}


@pytest.fixture(scope="module")
async def client(fresh_database: FreshDatabase) -> AsyncIterator[httpx2.AsyncClient]:
    with fresh_database("sqlite") as url:
        await create(url, "first")
        app = create_app(Settings(database_url=url, secret_key=(SecretStr("k" * 32),), default_channel="first"))
        async with app.router.lifespan_context(app), over(app) as client:
            yield client


async def asked(client: httpx2.AsyncClient, body: object, accept: str = MODERN) -> tuple[int, Any]:
    """Return status and JSON of the answer to *body*."""
    response = await client.post("/graphql", json=body, headers={"accept": accept})
    assert_never_kept(response)
    return response.status_code, response.json()


# ── Nothing ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["operationName", "variables", "extensions"])
@pytest.mark.parametrize("nothing", [None, "", []], ids=["null", "an empty text", "PHP's empty object"])
async def test_nothing_is_nothing_however_it_is_written(client: httpx2.AsyncClient, name: str, nothing: object) -> None:
    assert await asked(client, {"query": DOCUMENT, name: nothing}) == (200, ANSWER)

    written = orjson.dumps(nothing).decode() if name != "operationName" and nothing != "" else ""
    response = await client.get(f"/graphql?{urlencode({'query': DOCUMENT, name: written})}")
    assert (response.status_code, response.json()) == (200, ANSWER)


@pytest.mark.parametrize("extensions", [{}, APOLLO, APOLLO | {"persistedQuery": HASH}])
async def test_extensions_beside_a_document_change_nothing(client: httpx2.AsyncClient, extensions: Any) -> None:
    assert await asked(client, {"query": DOCUMENT, "variables": {}, "extensions": extensions}) == (200, ANSWER)


@pytest.mark.parametrize("key", ["documentId", "id", "doc_id", "queryId"])
async def test_a_key_beside_a_document_changes_nothing(client: httpx2.AsyncClient, key: str) -> None:
    assert await asked(client, {"query": DOCUMENT, key: "abc"}) == (200, ANSWER)


# ── Keys in place of documents ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "members",
    [
        {"extensions": APOLLO | {"persistedQuery": HASH}, "operationName": "Shop", "variables": {}},
        {"extensions": {"persistedQuery": HASH}, "query": ""},
        {"extensions": {"persistedQuery": HASH}, "query": None},
        {"documentId": "sha256:7dba4b", "variables": {}},
        {"id": "e4d7a9", "variables": {}},
        {"doc_id": "e4d7a9"},
        {"queryId": "e4d7a9", "query": ""},
    ],
)
async def test_a_key_without_its_document_is_refused_in_the_words_that_clients_listen_to(
    client: httpx2.AsyncClient, members: dict[str, Any]
) -> None:
    error = {"message": "PersistedQueryNotSupported", "extensions": {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}}

    assert await asked(client, members) == (400, {"errors": [error]})
    assert await asked(client, members, LEGACY) == (200, {"errors": [error]})

    written = {
        name: value if isinstance(value, str) else orjson.dumps(value) for name, value in members.items() if value
    }
    response = await client.get(f"/graphql?{urlencode(written)}", headers={"accept": MODERN})
    assert (response.status_code, response.json()) == (400, {"errors": [error]})


@pytest.mark.parametrize("members", [{}, {"documentId": ""}, {"id": None}, {"extensions": {"persistedQuery": None}}])
async def test_without_any_key_the_document_is_missing(client: httpx2.AsyncClient, members: dict[str, Any]) -> None:
    status, answer = await asked(client, members)

    assert status == 400
    assert answer["errors"][0]["message"] == '"query" must be the text of a GraphQL document.'


# ── Batches ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("accept", "status"), [(MODERN, 400), (LEGACY, 200)])
@pytest.mark.parametrize("count", [1, 2, 10, 50])
async def test_each_request_of_a_batch_is_refused_at_its_place(
    client: httpx2.AsyncClient, count: int, accept: str, status: int
) -> None:
    found, answers = await asked(client, [{"query": DOCUMENT}] * count, accept)

    assert (found, len(answers)) == (status, count)
    for answer in answers:
        [error] = answer["errors"]
        assert error["extensions"] == {"code": "BAD_USER_INPUT"}
        assert "Batches are not supported." in error["message"]
        assert set(answer) == {"errors"}


@pytest.mark.parametrize("batch", [[], [{"query": DOCUMENT}] * 51])
async def test_a_batch_of_nothing_or_too_much_is_refused_as_a_whole(client: httpx2.AsyncClient, batch: Any) -> None:
    status, answer = await asked(client, batch)

    assert status == 400
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


# ── What is not supported ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("defer", "{ ... @defer { channel { code } } }"),
        ("defer", '{ ...F @defer(label: "x", if: true) } fragment F on Query { channel { code } }'),
        ("stream", "{ channel { locales @stream(initialCount: 1) } }"),
    ],
)
async def test_an_answer_in_pieces_is_refused_in_words(client: httpx2.AsyncClient, name: str, document: str) -> None:
    status, answer = await asked(client, {"query": document})

    [error] = answer["errors"]
    assert (status, error["extensions"]["code"]) == (400, "GRAPHQL_VALIDATION_FAILED")
    assert error["message"] == f"@{name} is not supported: an answer comes in one piece. Leave it out."
    assert error["locations"]


@pytest.mark.parametrize(
    ("document", "name", "message"),
    [
        ("query A { __typename }", "B", "operationName names no operation of this document. It has A."),
        ("{ __typename }", "B", "operationName names no operation of this document. Its operation has no name."),
        (
            "query A { __typename } query B { __typename }",
            "a",
            "operationName names no operation of this document. It has A, B.",
        ),
        (
            "query A { __typename } query B { __typename }",
            None,
            "Name one operation of this document in operationName. It has A, B.",
        ),
        (
            " ".join(f"query {'Long' * 50}{number} {{ __typename }}" for number in range(20)),
            "x" * 5000,
            "operationName names no operation of this document. It has " + ", ".join(["Long" * 16] * 5) + ".",
        ),
    ],
)
async def test_a_name_that_is_not_in_the_document_is_told_as_such(
    client: httpx2.AsyncClient, document: str, name: str | None, message: str
) -> None:
    status, answer = await asked(client, {"query": document, "operationName": name})

    assert (status, answer) == (400, {"errors": [{"message": message, "extensions": {"code": "BAD_USER_INPUT"}}]})
