"""What each mutation sends, statement by statement: none more than it must, and none that depends on what there is."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from graphql import GraphQLObjectType

from db.engine import Database
from db.enums import TokenPurpose
from resolvers.schema import schema
from tests.api.services import PASSWORD, verbs
from tests.conftest import Statements
from tests.statements.shop import ADMIN_TOKEN, EMAIL_ADDRESS, MAILED_TOKENS, PAGE, TOKEN, Shop, a_shop

pytestmark = pytest.mark.anyio

MUTATION = schema._schema.mutation_type  # noqa: SLF001 - Strawberry offers no other way to graphql-core's schema


class Write(NamedTuple):
    """A mutation that succeeds, and how many statements of each kind that takes."""

    field: str
    input: dict[str, Any]
    sent: dict[str, int]
    token: str = TOKEN


NEW_PASSWORD = f"{PASSWORD} too"
TWO_TRANSACTIONS = {"BEGIN": 2, "COMMIT": 2}
ONE_TRANSACTION = {"BEGIN": 1, "COMMIT": 1}
A_BOOK = {**ONE_TRANSACTION, "WITH": 1, "SELECT": 4}
WRITTEN = {
    "type": "BILLING", "firstName": "Anna", "lastName": "Beispiel",
    "street": "Weg 1", "zipCode": "8005", "city": "Zürich", "country": "CH",
}  # fmt: skip
CARD = {
    "customerId": "Customer", "type": "VISA", "maskedCardNumber": "513659xxxxxx5354",
    "expirationMonth": "12", "expirationYear": "24", "providerReference": "tok_1",
}  # fmt: skip
ORDER: dict[str, Any] = {
    # The number of the customer is its id.
    "orderNumber": "N0", "customerNumber": "Customer", "orderDate": "2024-01-01T00:00:00Z", "locale": "en_GB",
    "status": "SHIPPED", "currency": "GBP",
    "items": [{"sku": "S", "name": "Tea", "quantity": 1, "unitPrice": "1", "linePrice": "1"}],
}  # fmt: skip
WRITES = {
    # Inserted: throttles of account and network, those of each alone, a session. Updated: account and user, and the
    # throttles, which get their counts back. Deleted: sessions beyond the fiftieth.
    "authenticate": Write(
        "authenticate",
        {"username": EMAIL_ADDRESS, "password": PASSWORD},
        {**TWO_TRANSACTIONS, "SELECT": 1, "INSERT": 2 + 1, "UPDATE": 2 + 1, "WITH": 1, "DELETE": 1},
    ),
    # Read: the rules, and whether the number is free. Inserted: a throttle; customer, account, user,
    # role. Updated: the number.
    "registerCustomer": Write(
        "registerCustomer",
        {"emailAddress": "new@example.com", "password": PASSWORD},
        {**TWO_TRANSACTIONS, "SELECT": 2, "INSERT": 1 + 4, "UPDATE": 1},
    ),
    # The same, whether it is the owner who asks, throttles of mails by network and address, and a mail.
    "registerCustomer with a page": Write(
        "registerCustomer",
        {"emailAddress": "new@example.com", "password": PASSWORD, "confirmationBaseUrl": PAGE},
        {**TWO_TRANSACTIONS, "SELECT": 3, "INSERT": 1 + 4 + 3, "UPDATE": 1},
    ),
    # With: who calls, and what that user may. Read: the account, and whom it acts as. Inserted: as by authenticate; the
    # mail that tells of it, its throttle, the network that is known from now on. Updated: the user, mails, tokens and
    # repetitions that are void now, throttles, networks.
    "updatePassword": Write(
        "updatePassword",
        {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD},
        {**TWO_TRANSACTIONS, "SELECT": 2, "INSERT": 2 + 1 + 3, "UPDATE": 1 + 3 + 1 + 1, "WITH": 1 + 1, "DELETE": 1 + 1},
    ),
    # Read: where mails may link to, and whether it is the owner who asks. Inserted: throttles of mails by network and
    # address, and a mail.
    "startPasswordReset": Write(
        "startPasswordReset",
        {"emailAddress": EMAIL_ADDRESS, "confirmationBaseUrl": PAGE},
        {**ONE_TRANSACTION, "SELECT": 2, "INSERT": 3},
    ),
    # Read: the account, its lock, and whom it acts as. Inserted: the throttle of the network, a session; the rest as by
    # updatePassword. Updated: mails, the token, the user, mails, tokens and repetitions that are void now, networks,
    # the throttle.
    "finishPasswordReset": Write(
        "finishPasswordReset",
        {"token": MAILED_TOKENS[TokenPurpose.PASSWORD_RESET], "password": NEW_PASSWORD},
        {**TWO_TRANSACTIONS, "SELECT": 3, "INSERT": 2 + 3, "UPDATE": 7, "WITH": 1, "DELETE": 1 + 1},
    ),
    # Read: whom it is about, who is locked before the tokens. Updated: the token, all others like it, the throttle.
    "confirmEmailAddress": Write(
        "confirmEmailAddress",
        {"token": MAILED_TOKENS[TokenPurpose.EMAIL_CONFIRMATION]},
        {**TWO_TRANSACTIONS, "SELECT": 3, "INSERT": 1, "UPDATE": 1 + 1 + 1, "WITH": 1},
    ),
    "resendConfirmation": Write(
        "resendConfirmation",
        {"emailAddress": EMAIL_ADDRESS, "confirmationBaseUrl": PAGE},
        {**ONE_TRANSACTION, "SELECT": 2, "INSERT": 3},
    ),
    # Read: who calls, the account, where mails may link to, whose the new address is. Inserted: throttles of passwords
    # and of mails, a mail to each address. Updated: the user, the throttles.
    "changeEmailAddress": Write(
        "changeEmailAddress",
        {"emailAddress": "new@example.com", "currentPassword": PASSWORD, "confirmationBaseUrl": PAGE},
        {**TWO_TRANSACTIONS, "SELECT": 3, "INSERT": 2 + 3 + 2, "UPDATE": 1 + 1, "WITH": 1 + 1},
    ),
    # As authenticate, of which no registration is part.
    "authenticateAdmin": Write(
        "authenticateAdmin",
        {"username": EMAIL_ADDRESS, "password": PASSWORD},
        {**TWO_TRANSACTIONS, "SELECT": 1, "INSERT": 2 + 1, "UPDATE": 1 + 1, "WITH": 1, "DELETE": 1},
    ),
    # Read: the channel, which is locked, whether somebody signs in with the address, whether the number is free.
    "createCustomer": Write(
        "createCustomer",
        {"customerNumber": "N1", "emailAddress": "new@example.com"},
        {**ONE_TRANSACTION, "WITH": 1, "SELECT": 2, "INSERT": 1},
        ADMIN_TOKEN,
    ),
    "createCustomer by count": Write(
        "createCustomer", {}, {**ONE_TRANSACTION, "WITH": 1, "SELECT": 2, "INSERT": 1, "UPDATE": 1}, ADMIN_TOKEN
    ),
    # Read: the customer, who is locked, and how many instruments there are.
    "storePaymentInstrument": Write(
        "storePaymentInstrument", CARD, {**ONE_TRANSACTION, "WITH": 1, "SELECT": 2, "INSERT": 1}, ADMIN_TOKEN
    ),
    # Read: the channel, which orders are there, whose they are. Inserted: orders and items.
    "recordOrders": Write(
        "recordOrders",
        {"orders": [ORDER, ORDER | {"orderNumber": "new"}]},
        {**ONE_TRANSACTION, "WITH": 1, "SELECT": 3, "DELETE": 1, "INSERT": 2 + 2},
        ADMIN_TOKEN,
    ),
    "deletePaymentInstrument": Write(
        "deletePaymentInstrument",
        {"paymentInstrumentId": "PaymentInstrument"},
        {**ONE_TRANSACTION, "WITH": 1, "SELECT": 1, "DELETE": 1},
    ),
    "signOut of an admin": Write("signOut", {}, {**ONE_TRANSACTION, "WITH": 1, "DELETE": 1}, ADMIN_TOKEN),
    "signOut": Write("signOut", {}, {**ONE_TRANSACTION, "WITH": 1, "DELETE": 1}),
    "revokeSession": Write("revokeSession", {"sessionId": "Session"}, {**ONE_TRANSACTION, "WITH": 1, "DELETE": 1}),
    # Read: the user, who is locked, and the channel, whose locales decide.
    "updateUser": Write("updateUser", {"locale": "de_CH"}, {**ONE_TRANSACTION, "WITH": 1, "SELECT": 2}),
    # Read: the customer, who is locked, the channel, and the addresses by which the customer is found.
    "updateCustomer": Write(
        "updateCustomer", {"company": "Muster AG"}, {**ONE_TRANSACTION, "WITH": 1, "SELECT": 3, "UPDATE": 1}
    ),
    # With: who calls, and what that user may. Read: the customer, who is locked; whether the channel judges by country;
    # the whole book; the users by whom the customer is found. Updated: what the customer is found by.
    "createAddress": Write("createAddress", {"address": WRITTEN}, {**A_BOOK, "INSERT": 1, "UPDATE": 1}),
    "updateAddress": Write(
        "updateAddress", {"addressId": "Address", "address": {"street": "A"}}, {**A_BOOK, "UPDATE": 1 + 1}
    ),
    "deleteAddress": Write("deleteAddress", {"addressId": "Address"}, {**A_BOOK, "DELETE": 1, "UPDATE": 1}),
    "setDefaultAddress": Write("setDefaultAddress", {"addressId": "Address"}, {**A_BOOK, "UPDATE": 1}),
}


def test_every_mutation_is_counted() -> None:
    assert isinstance(MUTATION, GraphQLObjectType)
    assert {write.field for write in WRITES.values()} == MUTATION.fields.keys()


async def _sent(shop: Shop, field: str, given: dict[str, Any], **asked: Any) -> tuple[list[str], dict[str, Any]]:
    given = _with_ids(shop, given)
    nested = {"user": {"password": given.pop("password")}} if field == "registerCustomer" else {}
    assert MUTATION
    type_ = MUTATION.fields[field].args["input"].type
    document = f"mutation($input: {type_}) {{ {field}(input: $input) {{ __typename }} }}"
    sent, answer = await shop.sent(document, {"input": {**given, **nested}}, **asked)
    result = answer["data"] and answer["data"][field]
    return sent, result or answer["errors"][0]["extensions"]


def _with_ids(shop: Shop, given: Any) -> Any:
    """Return *given* with the id of the shop's row of a table in place of the table's name."""
    if isinstance(given, dict):
        return {name: _with_ids(shop, value) for name, value in given.items()}
    if isinstance(given, list):
        return [_with_ids(shop, value) for value in given]
    return shop.ids.get(given, given) if isinstance(given, str) else given


@pytest.mark.parametrize("name", WRITES)
async def test_a_mutation_sends_what_it_must(name: str, database: Database, statements: Statements) -> None:
    shop = await a_shop(database, statements)
    field, given, expected, token = WRITES[name]
    if field == "recordOrders" and database.dialect.name == "postgresql":
        # Who records takes turns with who imports, by a statement; rows come by COPY.
        expected = {verb: count for verb, count in expected.items() if verb != "INSERT"} | {"SELECT": 4}

    sent, result = await _sent(shop, field, given, token=token)

    assert result == {"__typename": f"{field[0].upper()}{field[1:]}Success"}
    assert verbs(sent) == expected


@pytest.mark.parametrize("field", ["startPasswordReset", "resendConfirmation"])
async def test_a_mail_to_nobody_costs_the_same(field: str, database: Database, statements: Statements) -> None:
    shop = await a_shop(database, statements)

    for address in (EMAIL_ADDRESS, "nobody@example.com"):
        sent, result = await _sent(shop, field, {"emailAddress": address, "confirmationBaseUrl": PAGE})
        assert result == {"__typename": f"{field[0].upper()}{field[1:]}Success"}
        assert verbs(sent) == WRITES[field].sent


SIGNED_IN = (
    "updatePassword",
    "changeEmailAddress",
    "signOut",
    "revokeSession",
    "updateUser",
    "updateCustomer",
    "createAddress",
    "updateAddress",
    "deleteAddress",
    "setDefaultAddress",
    "createCustomer",
    "storePaymentInstrument",
    "deletePaymentInstrument",
    "recordOrders",
)


@pytest.mark.parametrize(("token", "expected"), [(None, {}), ("unknown", {"WITH": 1})])
@pytest.mark.parametrize("field", SIGNED_IN)
async def test_who_is_not_signed_in_costs_one_statement_at_most(
    field: str, token: str | None, expected: dict[str, int], database: Database, statements: Statements
) -> None:
    shop = await a_shop(database, statements)

    sent, extensions = await _sent(shop, field, WRITES[field].input, token=token)

    assert extensions["code"] == "UNAUTHENTICATED"
    assert verbs(sent) == expected


@pytest.mark.parametrize("field", ["finishPasswordReset", "confirmEmailAddress"])
async def test_a_token_that_is_no_good_is_counted_and_changes_nothing(
    field: str, database: Database, statements: Statements
) -> None:
    shop = await a_shop(database, statements)

    sent, result = await _sent(shop, field, WRITES[field].input | {"token": "unknown"})

    assert result == {"__typename": "TokenInvalidError"}
    # The throttle is inserted; no row is updated by the statement that would spend the token, and a read tells why.
    assert verbs(sent) == {"BEGIN": 2, "COMMIT": 1, "ROLLBACK": 1, "SELECT": 2, "INSERT": 1, "UPDATE": 1}
