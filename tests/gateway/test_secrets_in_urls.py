"""A query of what takes a secret needs a POST, as browsers and proxies keep URLs; any other does not."""

from __future__ import annotations

import json
from typing import Annotated, Any, cast

import pytest
import sqlalchemy as sa
import strawberry
from sqlmodel.sql.expression import SelectOfScalar
from starlette.applications import Starlette
from starlette.routing import Route

from db import models
from db.engine import Database
from gateway.adapters.clock import SystemClock
from gateway.http.channel_ids import Channels, Known
from gateway.http.graphql import GraphQL
from resolvers.caller.signed_in import caller_id
from resolvers.operations.operation import Operations
from resolvers.planner import many, planned
from resolvers.planner.plans import Planner
from resolvers.ports import Hasher
from resolvers.schema import GUARD
from resolvers.sdl.descriptions import api_input
from resolvers.sdl.secret import Secret, secret
from resolvers.users.types import Role
from tests.gateway.asgi import assert_refused, bounded, over

pytestmark = [pytest.mark.anyio, pytest.mark.either_database]


@api_input
class Proof:
    """What proves something."""

    name: str | None = None
    """Of whom."""
    token: str | None = secret()
    """The secret."""
    more: list[Proof] | None = None
    """Others."""


def nothing() -> SelectOfScalar[models.Role]:
    return cast("SelectOfScalar[models.Role]", sa.select(models.Role).where(sa.false()))


@planned()
class Query:
    """Reads nothing."""

    @many(Role)
    def plain(row: object, text: str | None = None) -> SelectOfScalar[models.Role]:  # noqa: ARG002, N805 - a body
        """Take a text that is no secret."""
        return nothing()

    @many(Role)
    def guarded(
        row: object,  # noqa: N805 - a body
        token: Annotated[str | None, strawberry.argument(directives=[Secret()])] = None,  # noqa: ARG002 - read by nothing
        proof: Proof | None = None,  # noqa: ARG002 - read by nothing
        proofs: list[Proof] | None = None,  # noqa: ARG002 - read by nothing
    ) -> SelectOfScalar[models.Role]:
        """Take secrets."""
        return nothing()


class OneChannel:
    async def find(self, _code: str) -> Known:
        return Known("chn_1", "en_US")


@pytest.fixture
def app(database: Database) -> Starlette:
    schema = strawberry.Schema(query=Query)
    graphql = GraphQL(
        operations=Operations(schema, database, Planner(database.dialect, GUARD), caller_id),
        channels=cast("Channels", OneChannel()),
        database=database,
        clock=SystemClock(),
        hasher=cast("Hasher", None),
        default_channel="any",
    )

    return bounded(Route("/graphql", graphql, methods=["GET", "POST"]))


TAKEN: list[tuple[str, dict[str, Any]]] = [
    ('{ guarded(token: "x") { id } }', {}),
    ('{ plain { id } ... on Query { guarded(token: "x") { id } } }', {}),
    ('{ ...F } fragment F on Query { guarded(token: "x") { id } }', {}),
    ('{ plain: guarded(proof: {token: "x"}) { id } }', {}),
    ("query($t: String) { guarded(token: $t) { id } }", {"t": "x"}),
    ("query($p: Proof) { guarded(proof: $p) { id } }", {"p": {"token": "x"}}),
    ("query($p: [Proof!]) { guarded(proofs: $p) { id } }", {"p": [{"more": [{"token": "x"}]}]}),
    ("{ guarded { id } }", {}),
    ("{ guarded(token: null) { id } }", {}),
    ("query($s: Boolean = true) { plain { id } guarded @skip(if: $s) { id } }", {}),
]
NOT_TAKEN: list[tuple[str, dict[str, Any]]] = [
    ('{ plain(text: "x") { id } }', {}),
    ("query($t: String) { plain(text: $t) { id } }", {"t": "x"}),
    ('{ plain(text: "guarded") { id } }', {}),
    ("{ guarded: plain { id } }", {}),
]


@pytest.mark.parametrize(("document", "variables"), TAKEN)
async def test_a_secret_in_a_url_is_refused(app: Starlette, document: str, variables: dict[str, Any]) -> None:
    body = {"query": document, "variables": variables}
    async with over(app) as client:
        got = await client.get("/graphql", params={"query": document, "variables": json.dumps(variables)})
        posted = await client.post("/graphql", json=body)

    assert_refused(got, 405, "METHOD_NOT_ALLOWED")
    assert got.headers["allow"] == "POST"
    assert posted.status_code == 200


@pytest.mark.parametrize(("document", "variables"), NOT_TAKEN)
async def test_what_takes_no_secret_may_be_got(app: Starlette, document: str, variables: dict[str, Any]) -> None:
    async with over(app) as client:
        got = await client.get("/graphql", params={"query": document, "variables": json.dumps(variables)})

    assert (got.status_code, set(got.json())) == (200, {"data"})


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ('query A { plain { id } } query B { guarded(token: "x") { id } }', [405, 405]),
        ("query A { plain { id } } query B($t: String) { guarded(token: $t) { id } }", [200, 405]),
    ],
)
async def test_the_text_is_judged_as_a_whole_and_fields_by_the_operation(
    app: Starlette, document: str, expected: list[int]
) -> None:
    async with over(app) as client:
        answers = [
            await client.get("/graphql", params={"query": document, "operationName": name, "variables": '{"t": "x"}'})
            for name in ("A", "B")
        ]

    assert [answer.status_code for answer in answers] == expected
