"""The payload of a mutation shows what the policy entitles its user to, whoever sent the request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from graphql import GraphQLObjectType, GraphQLUnionType, get_named_type

from db import models
from db.enums import RegistrationPolicy
from resolvers.context import Context
from resolvers.permissions import visible
from tests.api.services import CountingHasher, StandingClock
from tests.authorization.asking import Gateway, Switched, opened
from tests.authorization.matrix import Matrix, Request
from tests.authorization.paths import SCHEMA, Builder, Probe, Selected, printed
from tests.authorization.planting import NOW, canaries
from tests.authorization.population import PASSWORD, Asker, Population
from tests.conftest import BACKENDS, FreshDatabase

INPUTS = {
    "authenticate": "{username: $username, password: $password}",
    "registerCustomer": "{emailAddress: $username, user: {password: $password}}",
}
"""What each mutation is called with."""


def _selected(name: str) -> Selected:
    builder = Builder()
    assert SCHEMA.mutation_type
    definition = SCHEMA.mutation_type.fields[name]
    result = get_named_type(definition.type)
    assert isinstance(result, GraphQLUnionType)
    success = next(type_.name for type_ in result.types if type_.name.endswith("Success"))
    selected = Selected(name, name, definition, printed({"input": INPUTS[name]}), name)
    selected.below = {success: builder.everything(success, name, frozenset(), 1)}
    return selected


def _document(part: Selected) -> str:
    text = part.text()
    order = ', $orderNumber: String = ""' if "$orderNumber" in text else ""
    return f"mutation($username: String!, $password: String!{order}) {{ {text} }}"


def test_every_mutation_is_tried() -> None:
    mutation = SCHEMA.mutation_type
    assert isinstance(mutation, GraphQLObjectType)
    assert mutation.fields.keys() == INPUTS.keys()


def _context(gateway: Gateway, asker: Asker) -> Context:
    clock = StandingClock(NOW)
    return Context(database=gateway.database, clock=clock, hasher=CountingHasher(), channel_id=asker.channel.id)


@pytest.mark.anyio
@pytest.mark.parametrize("backend", BACKENDS)
async def test_who_signs_in_is_shown_the_own_rows_whoever_was_signed_in_before(
    backend: str, fresh_database: FreshDatabase, population: Population
) -> None:
    matrix = Matrix(population)
    async with opened(fresh_database, backend, population.planting.rows) as database:
        gateway = Gateway(Switched(database), visible)
        for asker in [asker for asker in population.askers if asker.user and "all but" not in asker.name]:
            stranger = next(
                one for one in population.askers if one.channel is asker.channel and one.name[0] != asker.name[0]
            )
            for sender in (stranger, replace(asker, token=None)):
                await _sign_in(gateway, matrix, asker, sender)
    assert matrix.problems == []
    shown = {name for seen in matrix.seen.values() for name, _row in seen}
    assert {f"AuthenticateSuccess.{name}" for name in ("user", "customer", "authentication")} <= shown
    assert {"Order.orderNumber", "PaymentInstrument.maskedCardNumber", "Address.street", "User.username"} <= shown


async def _sign_in(gateway: Gateway, matrix: Matrix, asker: Asker, sender: Asker) -> None:
    assert asker.user
    for part in _selected("authenticate").parts():
        variables = {"username": asker.user.canonical_email_address, "password": PASSWORD}
        body = await gateway.ask(sender, _document(part), variables, _context(gateway, sender))
        assert '"errors"' not in body, body
        matrix.note(asker, Request(Probe(part, {}, None), variables, None, "payload", root="Mutation"), body)


@pytest.mark.anyio
@pytest.mark.parametrize("backend", BACKENDS)
async def test_who_registers_is_shown_nothing_of_anybody_else(
    backend: str, fresh_database: FreshDatabase, population: Population
) -> None:
    sender = next(asker for asker in population.askers if asker.name == "A customer-admin")
    allowed = {number for number, row in population.planting.owner_of.items() if _is_of_the_channel(row, sender)}
    async with opened(fresh_database, backend, population.planting.rows) as database:
        gateway = Gateway(Switched(database), visible)
        for number, part in enumerate(_selected("registerCustomer").parts()):
            variables = {"username": f"new{number}@example.com", "password": PASSWORD}
            body = await gateway.ask(sender, _document(part), variables, _context(gateway, sender))
            success = orjson.loads(body)["data"]["registerCustomer"]
            assert success["__typename"] == "RegisterCustomerSuccess", body
            assert canaries(body) <= allowed
    assert sender.channel.registration is RegistrationPolicy.OPEN


def _is_of_the_channel(row: Any, sender: Asker) -> bool:
    return row is sender.channel or (isinstance(row, models.Role) and row.channel_id == sender.channel.id)
