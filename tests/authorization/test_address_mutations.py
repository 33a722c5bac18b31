"""Address books are changed by those who may, and are their own customer's alone."""

from __future__ import annotations

from itertools import product
from typing import Any

import orjson
import pytest

from db import models
from resolvers.caller.visibility import visible
from tests.api.services import rows
from tests.authorization.asking import Gateway, Switched, opened
from tests.authorization.gates import acts_for, refusal
from tests.authorization.matrix import Matrix, Request
from tests.authorization.paths import Probe
from tests.authorization.population import Asker, Population
from tests.authorization.test_mutations import context_of, document_of, selected
from tests.conftest import BACKENDS, FreshDatabase

pytestmark = pytest.mark.anyio

OF_AN_ADDRESS = ["updateAddress", "deleteAddress", "setDefaultAddress"]


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
            for name, address in product(OF_AN_ADDRESS, before):
                refused = refusal(asker, name)
                if refused or not acts_for(asker, address.customer_id):
                    assert await outcome(gateway, asker, name, address.id) == (refused or "NotFoundError"), (
                        asker,
                        name,
                    )
        assert await rows(database, models.Address) == before


@pytest.mark.parametrize("backend", BACKENDS)
async def test_who_may_is_shown_what_the_policy_entitles_to(
    backend: str, fresh_database: FreshDatabase, population: Population
) -> None:
    matrix = Matrix(population)
    may = [asker for asker in population.askers if refusal(asker, "updateAddress") is None]
    async with opened(fresh_database, backend, population.planting.rows) as database:
        gateway = Gateway(Switched(database), visible)
        for asker in may:
            address = next(row for row in population.of(models.Address) if acts_for(asker, row.customer_id))
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
