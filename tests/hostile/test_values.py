"""Whatever stands where a client may write a value, the answer is JSON with codes, and the same in all spellings."""

from __future__ import annotations

import httpx2
import orjson
import pytest
from graphql import GraphQLObjectType, build_schema, parse, validate

from db.engine import backend_of
from tests.hostile.answers import assert_answered
from tests.hostile.places import Place, places
from tests.hostile.values import NUMBERS, STRINGS, VALUES
from tests.schema import SDL

pytestmark = pytest.mark.anyio

SCHEMA = build_schema(SDL)
PLACES = {place.name: place for place in places(SCHEMA)}
HASHED = {
    "Mutation.authenticate.input.username",
    "Mutation.authenticate.input.password",
    "Mutation.updatePassword.input.currentPassword",
    "Mutation.updatePassword.input.newPassword",
}
STAFF = {
    f"{type_}.{name}"
    for type_ in ("Query", "Mutation")
    for name, field in SCHEMA.type_map[type_].fields.items()  # type: ignore[attr-defined]  # an object type
    if {found.name.value for found in field.ast_node.directives or ()} == {"needsScope"}
}
SIGNING_OUT = "Mutation.signOut.input.everywhere"
SIGNED_IN = b'{"query":"{ viewer { user { username } } }"}'
JSON = {"content-type": "application/json"}


def bodies(place: Place, value: str) -> list[bytes]:
    """Return requests with *value* in the document, in a variable, and in a variable that holds the whole argument."""
    document, given = place.with_input(value)
    sent = [(place.with_literal(value), "null"), (place.with_variable(), value), (document, given)]
    # Written by hand: no encoder writes NaN or half a surrogate.
    return [b'{"query":%s,"variables":{"v":%s}}' % (orjson.dumps(query), variable.encode()) for query, variable in sent]


@pytest.mark.parametrize("name", [name for name in PLACES if name != SIGNING_OUT])
async def test_a_hostile_value_is_answered(
    client: httpx2.AsyncClient, staff: dict[str, str], demo_url: str, name: str
) -> None:
    is_staffs = name.rsplit(".", name.count(".") - 1)[0] in STAFF
    await assert_all_answered(client, name, backend_of(demo_url), staff if is_staffs else {})

    # Else the next ones would be answered to nobody.
    viewer = (await client.post("/graphql", content=SIGNED_IN, headers=JSON)).json()["data"]["viewer"]
    assert viewer == {"user": {"username": "hans.muster@astina.io"}}


async def test_a_hostile_value_is_answered_to_who_signs_out(
    client_to_sign_out: httpx2.AsyncClient, demo_url: str
) -> None:
    await assert_all_answered(client_to_sign_out, SIGNING_OUT, backend_of(demo_url), {})


async def assert_all_answered(client: httpx2.AsyncClient, name: str, backend: str, headers: dict[str, str]) -> None:
    place = PLACES[name]
    # How a value is spelled is settled before a database sees it: one of them gets each value once. Each of some
    # is hashed and takes its time: once is enough.
    spellings = slice(2, 3) if name in HASHED or backend == "postgresql" else slice(None)
    for value in VALUES.values():
        for body in bodies(place, value)[spellings]:
            answer = await client.post("/graphql", content=body, headers=JSON | headers)
            assert answer.status_code in {200, 400}, body[:300]
            assert_answered(answer.status_code, answer.content)


@pytest.mark.either_database
@pytest.mark.parametrize("name", [name for name, place in PLACES.items() if "Int" in str(place.leaf)])
@pytest.mark.parametrize("number", [name for name in NUMBERS if name not in {"0", "-1"}])
async def test_a_number_that_is_no_int_is_refused(client: httpx2.AsyncClient, name: str, number: str) -> None:
    for body in bodies(PLACES[name], NUMBERS[number]):
        answer = await client.post("/graphql", content=body, headers=JSON)
        assert assert_answered(answer.status_code, answer.content), body[:300]


@pytest.mark.either_database
@pytest.mark.parametrize("name", [name for name, place in PLACES.items() if "String" in str(place.leaf)])
@pytest.mark.parametrize("string", ["a surrogate", "surrogates in the wrong order"])
async def test_half_a_surrogate_is_refused(client: httpx2.AsyncClient, name: str, string: str) -> None:
    for body in bodies(PLACES[name], STRINGS[string]):
        answer = await client.post("/graphql", content=body, headers=JSON)
        assert assert_answered(answer.status_code, answer.content), body[:300]


@pytest.mark.parametrize("name", PLACES)
def test_the_documents_are_valid_but_for_the_value(name: str) -> None:
    place = PLACES[name]
    for document in (place.with_variable(), place.with_input("null")[0]):
        assert [error.message for error in validate(SCHEMA, parse(document))] == []


def test_no_argument_is_forgotten() -> None:
    arguments = {
        f"{type_.name}.{field}.{argument}"
        for type_ in SCHEMA.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for field, definition in type_.fields.items()
        for argument in definition.args
    }
    assert arguments == {".".join(name.split(".")[:3]) for name in PLACES}
    assert len(PLACES) >= 40
