"""What docs/rest-map.md tells to send answers what it prints, and the map names every call of the REST API."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple

import httpx2
import pytest

from tests.gateway.hans import signed_in
from tests.gateway.processes import ROOT, load_demo_into

MAP = (ROOT / "docs" / "rest-map.md").read_text("utf-8")
CALLS = (
    "POST /{channel}/customers",
    "POST /{channel}/users/authenticate",
    "PUT /{channel}/users/{userId}/password",
    "POST /{channel}/users/password-reset",
    "PUT /{channel}/users/password-reset/{token}/password",
    "GET /{channel}/customers/{customerId}/addressbook",
    "GET /{channel}/{locale}/customers/{customerId}/orders",
    "GET /{channel}/{locale}/customers/{customerId}/payment-instruments",
    "DELETE /{channel}/{locale}/customers/{customerId}/payment-instruments/{paymentInstrumentId}",
)
ANY_TEXT = "…"


class Section(NamedTuple):
    document: str
    variables: dict[str, Any]
    answer: dict[str, Any]


def sections() -> Iterator[tuple[str, Section]]:
    for title, text in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", MAP, re.MULTILINE | re.DOTALL):
        blocks = re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL)
        if blocks:
            [document] = [block for language, block in blocks if language == "graphql"]
            *variables, answer = [json.loads(block) for language, block in blocks if language == "json"]
            yield title, Section(document, variables[0] if variables else {}, answer)


SECTIONS = dict(sections())


@pytest.fixture(scope="module")
def demo_url(shared_database_url: str) -> str:
    load_demo_into(shared_database_url)
    return shared_database_url


@pytest.fixture(scope="module")
async def client(demo_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with signed_in(demo_url) as client:
        yield client


@pytest.mark.anyio
@pytest.mark.parametrize("title", SECTIONS)
async def test_an_operation_of_the_map_answers_what_is_printed(client: httpx2.AsyncClient, title: str) -> None:
    document, variables, expected = SECTIONS[title]

    answer = await client.post("/graphql", json={"query": document, "variables": variables})

    assert masked(answer.json(), expected) == expected


def masked(found: Any, printed: Any) -> Any:
    """Return *found* with the mark for any text where it is *printed* and a text was found."""
    match found, printed:
        case dict(), dict():
            return {name: masked(value, printed.get(name)) for name, value in found.items()}
        case list(), list() if len(found) == len(printed):
            return [masked(*pair) for pair in zip(found, printed, strict=True)]
        case str(), str() if printed == ANY_TEXT and found:
            return ANY_TEXT
    return found


def test_every_section_is_in_the_table() -> None:
    anchors = set(re.findall(r"\]\(#([^)]+)\)", MAP))
    assert anchors == {title.lower().replace(" ", "-") for title in SECTIONS}


@pytest.mark.parametrize("call", CALLS)
def test_every_call_is_mapped_or_told_to_be_missing(call: str) -> None:
    method, path = call.split(" ")
    shortened = path.removeprefix("/{channel}").removeprefix("/{locale}").removeprefix("/customers/{customerId}")
    assert f"`{call}`" in MAP or f"`{method} …{shortened}`" in MAP
