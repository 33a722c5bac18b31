"""Address books are changed by those who may, and are their own customer's alone."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from db import models
from db.enums import Permission
from resolvers.caller.visibility import visible
from tests.api.services import rows
from tests.authorization.asking import Gateway, Switched, opened
from tests.authorization.matrix import Matrix, Request
from tests.authorization.paths import Probe
from tests.authorization.policy import POLICY, manager_of_addresses
from tests.authorization.population import Asker, Population
from tests.authorization.test_mutations import context_of, document_of, selected
from tests.conftest import BACKENDS, FreshDatabase

pytestmark = pytest.mark.anyio

NAMES = [field.partition(".")[2] for field, rule in POLICY.items() if rule is manager_of_addresses]
OF_AN_ADDRESS = [name for name in NAMES if name != "createAddress"]


def own_addresses(population: Population, asker: Asker) -> list[models.Address]:
    found: list[models.Address] = population.of(models.Address)
    return [row for row in found if asker.user and row.customer_id == asker.user.customer_id]


async def outcome(gateway: Gateway, asker: Asker, name: str, address_id: str) -> Any:
    """Return the type of the outcome, or the code of the error."""
    text = f"mutation($addressId: ID!) {{ {name}(input: {{addressId: $addressId"
    text += ", address: {}" if name == "updateAddress" else ""
    body = await gateway.ask(
        asker, f"{text}}}) {{ __typename }} }}", {"addressId": address_id}, context_of(gateway, asker)
    )
    answer = orjson.loads(body)
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else answer["data"][name]["__typename"]


@pytest.mark.parametrize("backend", BACKENDS)
async def test_nobody_changes_what_is_not_the_own_customer_s(
    backend: str, fresh_database: FreshDatabase, population: Population
) -> None:
    async with opened(fresh_database, backend, population.planting.rows) as database:
        gateway = Gateway(Switched(database), visible)
        before = await rows(database, models.Address)
        for asker in population.askers:
            own = {address.id for address in own_addresses(population, asker)}
            expected = "UNAUTHENTICATED" if asker.user is None else "NotFoundError"
            if asker.user and Permission.ADDRESSES_MANAGE not in asker.permissions:
                expected, own = "FORBIDDEN", set()
            for address in [address for address in before if address.id not in own]:
                for name in OF_AN_ADDRESS:
                    assert await outcome(gateway, asker, name, address.id) == expected, (asker, name)
        assert await rows(database, models.Address) == before


@pytest.mark.parametrize("backend", BACKENDS)
async def test_who_may_is_shown_what_the_policy_entitles_to(
    backend: str, fresh_database: FreshDatabase, population: Population
) -> None:
    matrix = Matrix(population)
    may = [asker for asker in population.askers if asker.user and Permission.ADDRESSES_MANAGE in asker.permissions]
    async with opened(fresh_database, backend, population.planting.rows) as database:
        gateway = Gateway(Switched(database), visible)
        for asker in may:
            [address, *_] = own_addresses(population, asker)
            for name in ("updateAddress", "setDefaultAddress"):
                for part in selected(name).parts():
                    given = {"addressId": address.id}
                    body = await gateway.ask(asker, document_of(part), given, context_of(gateway, asker))
                    assert '"errors"' not in body, body
                    matrix.note(asker, Request(Probe(part, {}, None), given, None, "payload", root="Mutation"), body)

    assert len(may) >= 2
    assert matrix.problems == []
    shown = {name for seen in matrix.seen.values() for name, _row in seen}
    assert {"UpdateAddressSuccess.address", "SetDefaultAddressSuccess.customer", "Address.street"} <= shown
