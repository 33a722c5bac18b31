"""Hostile documents are refused before anything is read, and the refusal gives nothing away."""

from __future__ import annotations

import httpx2
import pytest

from gateway.http.responses import MODERN
from tests.hostile.answers import assert_answered, codes
from tests.hostile.documents import LARGE, WRONG, about_schema

pytestmark = [pytest.mark.anyio, pytest.mark.either_database]

DOCUMENTS = LARGE | WRONG


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_hostile_document_is_refused(client: httpx2.AsyncClient, name: str) -> None:
    text, code = DOCUMENTS[name]

    posted = await client.post("/graphql", json={"query": text}, headers={"accept": MODERN})

    assert codes(assert_answered(posted.status_code, posted.content)) == {code}
    assert (posted.status_code, "data" in posted.json()) == (400, False)


@pytest.mark.parametrize("name", [name for name, document in DOCUMENTS.items() if len(document.text) < 8_000])
async def test_it_is_refused_in_a_url_too(client: httpx2.AsyncClient, name: str) -> None:
    text, code = DOCUMENTS[name]

    got = await client.get("/graphql", params={"query": text}, headers={"accept": MODERN})

    assert codes(assert_answered(got.status_code, got.content)) == {code}
    assert (got.status_code, "data" in got.json()) == (400, False)


@pytest.mark.parametrize("start", ["__schema { types", '__type(name: "Customer")'])
@pytest.mark.parametrize("depth", range(2, 13))
async def test_the_schema_is_told_to_a_depth(client: httpx2.AsyncClient, start: str, depth: int) -> None:
    text = about_schema(depth, start) + (" }" if start.startswith("__schema") else "")

    answer = await client.post("/graphql", json={"query": text})

    refused = codes(assert_answered(answer.status_code, answer.content))
    assert refused == set() if depth == 2 else refused & {"GRAPHQL_VALIDATION_FAILED", "QUERY_TOO_EXPENSIVE"}


async def test_20000_fields_are_more_than_a_body_may_hold(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": "{" + "__typename " * 20_000 + "}"})

    assert (answer.status_code, codes(assert_answered(answer.status_code, answer.content))) == (413, {"BAD_USER_INPUT"})


def test_there_are_at_least_40_documents() -> None:
    assert len(DOCUMENTS) >= 40
