"""The endpoint: what it takes, what it refuses, and what every answer looks like."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx2
import orjson
import pytest
from pydantic import SecretStr

from db.engine import Database, open_database
from gateway.adapters.clock import SystemClock
from gateway.app import create_app
from gateway.http.channel_ids import Channels
from gateway.http.requests import MAX_BODY
from gateway.http.responses import LEGACY, MODERN
from gateway.operator.settings import Settings
from resolvers.channels.service import create_channel
from tests.conftest import Statements
from tests.gateway.asgi import DOCUMENT, assert_never_kept, assert_refused, over

pytestmark = pytest.mark.anyio

MUTATION = 'mutation { authenticate(input: {username: "a@b.example", password: "x"}) { __typename } }'
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
async def client(shared_database_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    await create(shared_database_url, "first", "second")
    settings = Settings(database_url=shared_database_url, secret_key=(SecretStr("k" * 32),), default_channel="first")
    app = create_app(settings)
    async with app.router.lifespan_context(app), over(app) as client:
        yield client


async def create(url: str, *codes: str) -> None:
    database = await open_database(url)
    async with database.unit_of_work() as session:
        for code in codes:
            await create_channel(session, now=SystemClock().now(), code=code, name=code)
    await database.close()


# ── Channels ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "code"), [("/graphql", "first"), ("/first/graphql", "first"), ("/second/graphql", "second")]
)
async def test_the_path_names_the_channel(client: httpx2.AsyncClient, path: str, code: str) -> None:
    posted = await client.post(path, json={"query": DOCUMENT})
    got = await client.get(path, params={"query": DOCUMENT})

    for response in (posted, got):
        assert (response.status_code, response.json()) == (200, {"data": {"channel": {"code": code}}})
        assert_never_kept(response)


@pytest.mark.parametrize(
    "path",
    [
        "/third/graphql",
        "/%00/graphql",
        "/%ff/graphql",
        f"/{'x' * 500}/graphql",
        "/",
        "/first",
        "/graphql/",
        "/graphql%0a",
        "/first/graphql%0a",
        "/first%0a/graphql",
        "/healthz%0a",
        "/a/b/graphql",
    ],
)
async def test_an_unknown_channel_or_path_is_not_found(client: httpx2.AsyncClient, path: str) -> None:
    assert_refused(await client.post(path, json={"query": DOCUMENT}), 404, "NOT_FOUND")


async def test_a_channel_is_found_as_soon_as_it_is_made(database_url: str) -> None:
    database = await open_database(database_url)
    channels = Channels(database)
    assert await channels.id_of("new") is None

    await create(database_url, "new")

    assert str(await channels.id_of("new")).startswith("chn_")
    await database.close()


async def test_a_known_channel_is_not_read_again(database: Database, database_url: str, statements: Statements) -> None:
    await create(database_url, "known")
    channels = Channels(database)
    first = await channels.id_of("known")
    await statements.taken()

    assert await channels.id_of("known") == first
    assert await statements.taken() == []


async def test_without_a_default_channel_graphql_is_not_found(database_url: str) -> None:
    app = create_app(Settings(database_url=database_url, secret_key=(SecretStr("k" * 32),)))
    async with app.router.lifespan_context(app), over(app) as client:
        assert_refused(await client.post("/graphql", json={"query": DOCUMENT}), 404, "NOT_FOUND")


# ── POST ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"'],
)
async def test_json_is_taken(client: httpx2.AsyncClient, content_type: str) -> None:
    response = await client.post(
        "/graphql", content=orjson.dumps({"query": DOCUMENT}), headers={"content-type": content_type}
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/plain;application/json",
        "text/plain,application/json",
        "application/json,text/plain",
        "foo/application/json",
        "application/jsonp",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; boundary=x",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "",
    ],
)
async def test_no_other_content_type_is_taken(client: httpx2.AsyncClient, content_type: str) -> None:
    response = await client.post(
        "/graphql", content=orjson.dumps({"query": DOCUMENT}), headers={"content-type": content_type}
    )
    assert_refused(response, 400, "BAD_USER_INPUT")


async def test_two_content_types_are_none(client: httpx2.AsyncClient) -> None:
    headers = [("content-type", "application/json"), ("content-type", "text/plain")]
    response = await client.post("/graphql", content=orjson.dumps({"query": DOCUMENT}), headers=headers)
    assert_refused(response, 400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"5",
        b"null",
        b'"x"',
        b"[]",
        b"{",
        b'{"query": "\xff"}',
        b"[" * 30_000,
        b'{"query": "\\ud800"}',
        b"{}",
        b'{"query": null}',
        b'{"query": ""}',
        b'{"query": 5}',
        b'{"query": "{ __typename }", "variables": [1]}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "operationName": 5}',
        b'{"query": "{ __typename }", "extensions": 5}',
        b'{"query": "{ __typename }", "variables": {"x": NaN}}',
    ],
)
async def test_a_body_of_another_shape_is_refused(client: httpx2.AsyncClient, body: bytes) -> None:
    assert_refused(await client.post("/graphql", content=body, headers=JSON), 400, "BAD_USER_INPUT")


async def test_members_that_are_null_or_unknown_are_ignored(client: httpx2.AsyncClient) -> None:
    body = {"query": DOCUMENT, "variables": None, "operationName": None, "extensions": None, "more": 1}
    assert (await client.post("/graphql", json=body)).status_code == 200


async def test_a_body_of_64_kib_is_taken_and_one_byte_more_is_not(client: httpx2.AsyncClient) -> None:
    body = orjson.dumps({"query": DOCUMENT})
    fitting = body + b" " * (MAX_BODY - len(body))

    assert (await client.post("/graphql", content=fitting, headers=JSON)).status_code == 200
    assert_refused(await client.post("/graphql", content=fitting + b" ", headers=JSON), 413, "BAD_USER_INPUT")


async def test_a_body_in_pieces_is_counted_too(client: httpx2.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1024

    assert_refused(await client.post("/graphql", content=pieces(), headers=JSON), 413, "BAD_USER_INPUT")


async def test_the_named_operation_runs_with_its_variables(client: httpx2.AsyncClient) -> None:
    document = "query A { __typename } query B($yes: Boolean!) { channel { code @include(if: $yes) kind } }"
    body = {"query": document, "operationName": "B", "variables": {"yes": False}}

    assert (await client.post("/graphql", json=body)).json() == {"data": {"channel": {"kind": "B2C"}}}


# ── GET and other methods ─────────────────────────────────────────────────────────────────────────


async def test_a_url_may_hold_all_that_a_body_does(client: httpx2.AsyncClient) -> None:
    document = "query A { __typename } query B($yes: Boolean!) { channel { code @include(if: $yes) kind } }"
    params = {"query": document, "operationName": "B", "variables": '{"yes": false}', "extensions": "{}"}
    assert (await client.get("/graphql", params=params)).json() == {"data": {"channel": {"kind": "B2C"}}}

    blank = {"query": DOCUMENT, "operationName": "", "variables": "", "extensions": ""}
    assert (await client.get("/graphql", params=blank)).status_code == 200


@pytest.mark.parametrize(
    "query_string",
    [
        "",
        "query=",
        "query=%FF",
        "query={__typename}&query={__typename}",
        "query={__typename}&variables={",
        "query={__typename}&variables=[1]",
        "query={__typename}&extensions=5",
        "&".join(f"x{number}=1" for number in range(50)),
    ],
)
async def test_a_url_of_another_shape_is_refused(client: httpx2.AsyncClient, query_string: str) -> None:
    assert_refused(await client.get(f"/graphql?{query_string}"), 400, "BAD_USER_INPUT")


@pytest.mark.parametrize("accept", [LEGACY, MODERN])
async def test_a_mutation_needs_a_post(client: httpx2.AsyncClient, accept: str) -> None:
    response = await client.get("/graphql", params={"query": MUTATION}, headers={"accept": accept})

    assert_refused(response, 405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_not_allowed(client: httpx2.AsyncClient, method: str) -> None:
    response = await client.request(method, "/graphql", json={"query": DOCUMENT})

    assert_refused(response, 405, "METHOD_NOT_ALLOWED")
    assert set(re.split(r",\s*", response.headers["allow"])) == {"GET", "HEAD", "POST"}


async def test_head_is_get_without_the_body(client: httpx2.AsyncClient) -> None:
    read, changed = [await client.head("/graphql", params={"query": document}) for document in (DOCUMENT, MUTATION)]

    assert read.status_code == 200
    assert (changed.status_code, changed.headers["allow"]) == (405, "POST")


# ── Statuses and media types ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("accept", "media_type", "status"), [("*/*", LEGACY, 200), (LEGACY, LEGACY, 200), (MODERN, MODERN, 400)]
)
@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ('{ node(id: "x") { id } }', "BAD_USER_INPUT"),
    ],
)
async def test_what_is_not_executed_is_400_for_who_knows_the_media_type(  # noqa: PLR0913, PLR0917 - a table
    client: httpx2.AsyncClient, document: str, code: str, accept: str, media_type: str, status: int
) -> None:
    response = await client.post("/graphql", json={"query": document}, headers={"accept": accept})

    assert_refused(response, status, code)
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"


async def test_what_is_executed_is_200_also_with_errors(client: httpx2.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": "{ customer { id } }"}, headers={"accept": MODERN})

    assert response.status_code == 200
    assert response.json()["data"] == {"customer": None}
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


# ── Who calls ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("authorization", ["Bearer nobody", "Bearer \xff\xfe", "Basic x"])
async def test_a_strange_token_is_anonymous(client: httpx2.AsyncClient, authorization: str) -> None:
    response = await client.post(
        "/graphql",
        json={"query": "{ viewer { user { id } } }"},
        headers=[(b"authorization", authorization.encode("latin-1"))],
    )
    assert response.json() == {"data": {"viewer": None}}
