"""The payload of a mutation shows what the policy entitles its user to, whoever sent the request."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from graphql import GraphQLField, GraphQLObjectType, GraphQLUnionType, get_named_type
from sqlmodel import col

from db import models
from db.enums import RegistrationPolicy, TokenPurpose
from db.ids import new_id
from resolvers.caller.visibility import visible
from resolvers.context import Context
from tests.api.services import CountingHasher, StandingClock
from tests.authorization.asking import Gateway, Switched, opened
from tests.authorization.matrix import Matrix, Request
from tests.authorization.paths import SCHEMA, TABLES, Builder, Probe, Selected, printed
from tests.authorization.planting import NOW, canaries
from tests.authorization.population import PASSWORD, Asker, Population
from tests.conftest import BACKENDS, FreshDatabase

FRESH = "fresh"
INPUTS = {
    "authenticate": "{username: $username, password: $password}",
    "registerCustomer": "{emailAddress: $username, user: {password: $password}}",
    "updatePassword": "{currentPassword: $password, newPassword: $password}",
    "finishPasswordReset": "{token: $token, password: $password}",
    "updateUser": "{}",
    "updateCustomer": "{}",
    "createAddress": '{address: {type: CONTACT, firstName: "A", lastName: "B", street: "C", city: "D", country: "AO"}}',
    "updateAddress": "{addressId: $addressId, address: {isDefault: true}}",
    "deleteAddress": "{addressId: $addressId}",
    "authenticateAdmin": "{username: $username, password: $password}",
    "createCustomer": '{company: "Muster AG"}',
    "storePaymentInstrument": """{customerNumber: $customerNumber, type: "VISA", maskedCardNumber: "513659xxxxxx5354",
        expirationMonth: "12", expirationYear: "24", providerReference: "tok_1"}""",
    "recordOrders": """{orders: [{orderNumber: "fresh", customerNumber: $customerNumber, locale: "de_CH", items: [],
        status: SHIPPED, orderDate: "2024-01-01T00:00:00Z", currency: "CHF"}]}""",
    "deletePaymentInstrument": "{paymentInstrumentId: $paymentInstrumentId}",
    "setDefaultAddress": "{addressId: $addressId}",
}
"""What each mutation whose payload shows rows is called with."""


def selected(name: str) -> Selected:
    builder = Builder()
    assert SCHEMA.mutation_type
    definition = SCHEMA.mutation_type.fields[name]
    result = get_named_type(definition.type)
    assert isinstance(result, GraphQLUnionType)
    success = next(type_.name for type_ in result.types if type_.name.endswith("Success"))
    selected = Selected(name, name, definition, printed({"input": INPUTS[name]}), name)
    selected.below = {success: builder.everything(success, name, frozenset(), 1)}
    return selected


def document_of(part: Selected) -> str:
    text = part.text()
    declared = {
        "username": "String!",
        "password": "String!",
        "token": "String!",
        "addressId": "ID!",
        "customerNumber": "String!",
        "paymentInstrumentId": "ID!",
        "orderNumber": 'String = ""',
    }
    used = ", ".join(f"${name}: {type_}" for name, type_ in declared.items() if f"${name}" in text)
    return f"mutation{f'({used})' if used else ''} {{ {text} }}"


def test_every_payload_with_rows_is_tried() -> None:
    mutation = SCHEMA.mutation_type
    assert isinstance(mutation, GraphQLObjectType)
    assert {name for name, field in mutation.fields.items() if _shows_rows(field)} == INPUTS.keys()


def _shows_rows(field: GraphQLField) -> bool:
    result = get_named_type(field.type)
    assert isinstance(result, GraphQLUnionType)
    parts = [part for type_ in result.types for part in type_.fields.values()]
    return any(get_named_type(part.type).name in TABLES for part in parts)


def context_of(gateway: Gateway, asker: Asker) -> Context:
    clock = StandingClock(NOW)
    return Context(
        database=gateway.database,
        clock=clock,
        hasher=CountingHasher(),
        channel_id=asker.channel.id,
        token=asker.bearer,
        api_key=asker.api_key,
    )


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
                await _sign_in(gateway, matrix, asker, sender, "authenticate")
                await _sign_in(gateway, matrix, asker, sender, "finishPasswordReset")
            await _sign_in(gateway, matrix, asker, replace(asker, token=FRESH), "updatePassword")
    assert matrix.problems == []
    shown = {name for seen in matrix.seen.values() for name, _row in seen}
    for success, names in (
        ("AuthenticateSuccess", ("user", "customer", "authentication")),
        ("FinishPasswordResetSuccess", ("user", "customer", "authentication")),
        ("UpdatePasswordSuccess", ("user", "authentication")),
    ):
        assert {f"{success}.{name}" for name in names} <= shown
    assert {"Order.orderNumber", "PaymentInstrument.maskedCardNumber", "Address.street", "User.username"} <= shown


async def _sign_in(gateway: Gateway, matrix: Matrix, asker: Asker, sender: Asker, name: str) -> None:
    assert asker.user
    for part in selected(name).parts():
        await _supply(gateway, asker.user, matrix.population.accounts[asker.user.id])
        variables = {
            "username": matrix.population.accounts[asker.user.id].canonical_email_address,
            "password": PASSWORD,
            "token": FRESH,
        }
        document = document_of(part)
        used = {key: value for key, value in variables.items() if f"${key}" in document}
        body = await gateway.ask(sender, document, used, context_of(gateway, sender))
        assert '"errors"' not in body, body
        request = Request(Probe(part, {}, None), used, None, "payload", root="Mutation")
        matrix.note(replace(asker, name=f"{asker.name} by {name}"), request, body)


async def _supply(gateway: Gateway, user: models.User, account: models.Account) -> None:
    """Give *user* a session and a mailed token, both `FRESH`: what they are used for ends them."""
    sha256 = hashlib.sha256(FRESH.encode()).digest()
    session = models.Session(
        id=new_id(models.Session.letters, NOW), channel_id=user.channel_id, account_id=account.id, user_id=user.id,
        token_sha256=sha256, created_at=NOW, last_used_at=NOW, expires_at=NOW + timedelta(days=1),
    )  # fmt: skip
    mailed = models.MailedToken(
        id=new_id(models.MailedToken.letters, NOW), channel_id=user.channel_id, purpose=TokenPurpose.PASSWORD_RESET,
        subject_id=account.id, email_address=account.canonical_email_address, salt=bytes(32), token_sha256=sha256,
        created_at=NOW, expires_at=NOW + timedelta(hours=1),
    )  # fmt: skip
    async with gateway.database.unit_of_work() as writing:
        for model in (models.Session, models.MailedToken):
            await writing.exec(sa.delete(model).where(col(model.token_sha256) == sha256))
        writing.add_all([session, mailed])
        # A planted address is none that a mail could be written to.
        proper = sa.update(models.Account).where(col(models.Account.id) == account.id)
        await writing.exec(proper.values(email_address=account.canonical_email_address))


@pytest.mark.anyio
@pytest.mark.parametrize("backend", BACKENDS)
async def test_who_registers_is_shown_nothing_of_anybody_else(
    backend: str, fresh_database: FreshDatabase, population: Population
) -> None:
    sender = next(asker for asker in population.askers if asker.name == "A customer-admin")
    allowed = {number for number, row in population.planting.owner_of.items() if _is_of_the_channel(row, sender)}
    async with opened(fresh_database, backend, population.planting.rows) as database:
        gateway = Gateway(Switched(database), visible)
        for number, part in enumerate(selected("registerCustomer").parts()):
            variables = {"username": f"new{number}@example.com", "password": PASSWORD}
            body = await gateway.ask(sender, document_of(part), variables, context_of(gateway, sender))
            success = orjson.loads(body)["data"]["registerCustomer"]
            assert success["__typename"] == "RegisterCustomerSuccess", body
            assert canaries(body) <= allowed
    assert sender.channel.registration is RegistrationPolicy.OPEN


def _is_of_the_channel(row: Any, sender: Asker) -> bool:
    return row is sender.channel or (isinstance(row, models.Role) and row.channel_id == sender.channel.id)
