"""Mutations of who is signed in are for nobody else, and reach the caller's own rows alone."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from graphql import GraphQLObjectType

from db import models
from resolvers.caller.visibility import visible
from resolvers.context import Context
from tests.api.addresses.booking import ADDRESS
from tests.api.services import CountingHasher, StandingClock, rows
from tests.authorization.asking import Gateway, Switched, opened
from tests.authorization.gates import GATES, refusal
from tests.authorization.paths import SCHEMA
from tests.authorization.planting import NOW
from tests.authorization.policy import POLICY, anyone
from tests.authorization.population import PASSWORD, Asker, Population
from tests.conftest import BACKENDS, FreshDatabase

pytestmark = pytest.mark.anyio

NEVER = "ses_7ZZZZZZZZZZZZZZZZZZZZZZZZZ"
NO_CUSTOMER, NO_ADDRESS = f"cus{NEVER[3:]}", f"adr{NEVER[3:]}"
INPUTS: dict[str, dict[str, Any]] = {
    "updatePassword": {"currentPassword": PASSWORD, "newPassword": PASSWORD},
    "changeEmailAddress": {
        "emailAddress": "new@corp.example",
        "currentPassword": PASSWORD,
        "confirmationBaseUrl": "https://shop.example/",
    },
    "signOut": {"everywhere": True},
    "revokeSession": {"sessionId": NEVER},
    "updateUser": {},
    "updateCustomer": {},
    "createAddress": {"customerId": NO_CUSTOMER, "address": ADDRESS},
    "updateAddress": {"addressId": NO_ADDRESS, "address": {}},
    "deleteAddress": {"addressId": NO_ADDRESS},
    "setDefaultAddress": {"addressId": NO_ADDRESS},
    "createCustomer": {"company": "x" * 1000},
    "storePaymentInstrument": {
        "type": "VISA",
        "maskedCardNumber": "",
        "expirationMonth": "",
        "expirationYear": "",
        "providerReference": "",
    },
    "recordOrders": {"orders": []},
    "deletePaymentInstrument": {"paymentInstrumentId": "pay_7ZZZZZZZZZZZZZZZZZZZZZZZZZ"},
}


def test_every_mutation_for_who_is_signed_in_is_tried() -> None:
    mutation = SCHEMA.mutation_type
    assert isinstance(mutation, GraphQLObjectType)
    assert (
        {name for name in mutation.fields if POLICY[f"Mutation.{name}"] is not anyone} == GATES.keys() == INPUTS.keys()
    )


async def answered(gateway: Gateway, asker: Asker, name: str, given: dict[str, Any]) -> dict[str, Any]:
    context = Context(
        database=gateway.database,
        clock=StandingClock(NOW),
        hasher=CountingHasher(),
        channel_id=asker.channel.id,
        token=asker.bearer,
        api_key=asker.api_key,
    )
    type_ = f"{name[0].upper()}{name[1:]}Input"
    document = f"mutation($input: {type_}!) {{ {name}(input: $input) {{ __typename }} }}"
    answer: dict[str, Any] = orjson.loads(await gateway.ask(asker, document, {"input": given}, context))
    return answer


@pytest.mark.parametrize("backend", BACKENDS)
async def test_who_is_nobody_changes_nothing(
    backend: str, fresh_database: FreshDatabase, population: Population
) -> None:
    nobodies = [asker for asker in population.askers if asker.is_nobody]
    async with opened(fresh_database, backend, population.planting.rows) as database:
        gateway = Gateway(Switched(database), visible)
        before = [await rows(database, table) for table in (models.User, models.Session, models.Throttle)]
        for asker in nobodies:
            for name, given in INPUTS.items():
                answer = await answered(gateway, asker, name, given)
                codes = [error["extensions"]["code"] for error in answer["errors"]]
                assert (answer["data"], codes) == ({name: None}, ["UNAUTHENTICATED"]), asker
        after = [await rows(database, table) for table in (models.User, models.Session, models.Throttle)]

    assert len(nobodies) >= 8
    assert before == after


@pytest.mark.parametrize("backend", BACKENDS)
async def test_who_may_not_is_told(backend: str, fresh_database: FreshDatabase, population: Population) -> None:
    forbidden = 0
    async with opened(fresh_database, backend, population.planting.rows) as database:
        gateway = Gateway(Switched(database), visible)
        for asker in population.askers:
            for name in GATES.keys() - {"signOut", "updatePassword", "changeEmailAddress"}:
                answer = await answered(gateway, asker, name, INPUTS[name])
                codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
                assert (codes or [None]) == [refusal(asker, name)], (asker, name)
                forbidden += codes == ["FORBIDDEN"]
            if asker.staff is not None:
                for name in ("updatePassword", "changeEmailAddress"):
                    answer = await answered(gateway, asker, name, INPUTS[name])
                    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert forbidden > 50


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_session_of_anybody_else_is_none(
    backend: str, fresh_database: FreshDatabase, population: Population
) -> None:
    sessions = population.of(models.Session)
    async with opened(fresh_database, backend, population.planting.rows) as database:
        gateway = Gateway(Switched(database), visible)
        for asker in [asker for asker in population.askers if asker.user and "all but" not in asker.name]:
            never = await answered(gateway, asker, "revokeSession", {"sessionId": NEVER})
            assert never == {"data": {"revokeSession": {"__typename": "NotFoundError"}}}
            for session in sessions:
                if asker.user and session.user_id != asker.user.id:
                    assert await answered(gateway, asker, "revokeSession", {"sessionId": session.id}) == never
        assert len(await rows(database, models.Session)) == len(sessions)


@pytest.mark.parametrize("backend", BACKENDS)
async def test_who_signs_out_everywhere_ends_no_session_of_anybody_else(
    backend: str, fresh_database: FreshDatabase, population: Population
) -> None:
    async with opened(fresh_database, backend, population.planting.rows) as database:
        gateway = Gateway(Switched(database), visible)
        left = {session.id for session in population.of(models.Session)}
        for asker in [asker for asker in population.askers if asker.user and "all but" not in asker.name]:
            assert "errors" not in await answered(gateway, asker, "signOut", INPUTS["signOut"])
            user = asker.user
            left -= {session.id for session in population.of(models.Session) if user and session.user_id == user.id}
            assert {session.id for session in await rows(database, models.Session)} == left
            again = await answered(gateway, asker, "signOut", INPUTS["signOut"])
            assert again["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
