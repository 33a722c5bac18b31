"""What docs/rest-map.md tells to send answers what it prints, and the map names every call of the REST API."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx2
import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.engine import open_database
from db.models import Account
from gateway.adapters.clock import SystemClock
from resolvers.mails import outbox
from resolvers.mails.composition import Keys, compose
from tests.gateway.hans import SECRET_KEY, signed_in
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
HANS = col(Account.canonical_email_address) == "hans.muster@astina.io"


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
async def password_hash(demo_url: str) -> str:
    """The hash of the password that Hans begins with."""
    async with at(demo_url) as session:
        return str((await session.exec(select(Account.password_hash).where(HANS))).one())


@pytest.fixture
async def client(demo_url: str, password_hash: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Hans as the demo has him, whatever the section before has made of his password."""
    async with at(demo_url) as session:
        await session.exec(sa.update(Account).where(HANS).values(password_hash=password_hash))
    async with signed_in(demo_url) as client:
        yield client


@pytest.mark.anyio
@pytest.mark.parametrize("title", SECTIONS)
async def test_an_operation_of_the_map_answers_what_is_printed(
    client: httpx2.AsyncClient, demo_url: str, title: str
) -> None:
    _document, variables, expected = SECTIONS[title]
    given = variables
    if variables.get("input", {}).get("token") == ANY_TEXT:
        await ask(client, "Start a password reset")
        given = {"input": variables["input"] | {"token": await mailed_token(demo_url)}}

    answer = await ask(client, title, given)

    assert masked(answer, expected) == expected


async def ask(client: httpx2.AsyncClient, title: str, variables: dict[str, Any] | None = None) -> Any:
    """Send the operation of a section, with its own variables unless others are given."""
    section = SECTIONS[title]
    sent = {"query": section.document, "variables": section.variables if variables is None else variables}
    return (await client.post("/graphql", json=sent)).json()


async def mailed_token(url: str) -> str:
    """Compose the mails that wait; return the token of the newest link."""
    now = SystemClock().now()
    async with at(url) as session:
        claims = await outbox.claim(session, now, 99)
        letters = [await compose(session, claim.id, Keys([SECRET_KEY.encode()]), now) for claim in claims]
    *_older, link = [letter.link for letter in letters if letter and letter.link]
    return link.removeprefix("https://mywebshop.com/security/password-reset?token=")


@asynccontextmanager
async def at(url: str) -> AsyncIterator[AsyncSession]:
    """Yield a unit of work in the database at *url*."""
    database = await open_database(url)
    try:
        async with database.unit_of_work() as session:
            yield session
    finally:
        await database.close()


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
