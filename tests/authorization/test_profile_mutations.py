"""Profiles are changed by those who may, and each is shown what it is entitled to."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from db import models
from db.enums import Permission
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

OF_OTHERS: dict[str, tuple[str, Any]] = {
    "updateUser": ("userId", models.User),
    "updateCustomer": ("customerId", models.Customer),
}


def may(asker: Asker, name: str, row: Any) -> bool:
    """Tell whether *asker*, whom no gate refuses, may change *row* by the mutation *name*."""
    customer_id = row.id if name == "updateCustomer" else row.customer_id
    if not acts_for(asker, customer_id):
        return False
    manages = asker.user is None or Permission.USERS_MANAGE in asker.permissions
    return name == "updateCustomer" or manages or row is asker.user


async def outcome(gateway: Gateway, asker: Asker, name: str, row_id: str) -> Any:
    """Return the type of the outcome, or the code of the error, of a change that changes nothing."""
    argument, _model = OF_OTHERS[name]
    text = f"mutation($id: ID!) {{ {name}(input: {{{argument}: $id}}) {{ __typename }} }}"
    answer = orjson.loads(await gateway.ask(asker, text, {"id": row_id}, context_of(gateway, asker)))
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else answer["data"][name]["__typename"]


@pytest.mark.parametrize("backend", BACKENDS)
async def test_everybody_changes_what_they_may_and_nothing_else(
    backend: str, fresh_database: FreshDatabase, population: Population
) -> None:
    async with opened(fresh_database, backend, population.planting.rows) as database:
        gateway = Gateway(Switched(database), visible)
        before = [await rows(database, model) for _argument, model in OF_OTHERS.values()]
        allowed = 0
        for asker in population.askers:
            for name, (_argument, model) in OF_OTHERS.items():
                for row in population.of(model):
                    success = f"{name[0].upper()}{name[1:]}Success"
                    expected = refusal(asker, name) or (success if may(asker, name, row) else "NotFoundError")
                    allowed += expected == success
                    assert await outcome(gateway, asker, name, row.id) == expected, (asker, name, row)
        assert [await rows(database, model) for _argument, model in OF_OTHERS.values()] == before
    assert allowed >= 10


@pytest.mark.parametrize("backend", BACKENDS)
async def test_who_may_is_shown_what_the_policy_entitles_to(
    backend: str, fresh_database: FreshDatabase, population: Population
) -> None:
    matrix = Matrix(population)
    async with opened(fresh_database, backend, population.planting.rows) as database:
        gateway = Gateway(Switched(database), visible)
        for asker in [asker for asker in population.askers if Permission.CUSTOMER_UPDATE in asker.permissions]:
            for name in OF_OTHERS:
                for part in selected(name).parts():
                    body = await gateway.ask(asker, document_of(part), {}, context_of(gateway, asker))
                    assert '"errors"' not in body, body
                    matrix.note(asker, Request(Probe(part, {}, None), {}, None, "payload", root="Mutation"), body)

    assert matrix.problems == []
    shown = {name for seen in matrix.seen.values() for name, _row in seen}
    assert {"UpdateUserSuccess.user", "UpdateCustomerSuccess.customer", "Order.orderNumber"} <= shown
