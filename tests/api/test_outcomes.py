from __future__ import annotations

from typing import Annotated

import pytest
import strawberry
from graphql import GraphQLEnumType

from resolvers import outcomes
from resolvers.rules import errors
from resolvers.rules.violations import Violation, ViolationCode

pytestmark = pytest.mark.anyio

RAISED: dict[str, errors.DomainError] = {
    "InvalidInputError": errors.InvalidInput([Violation(("user", "password"), ViolationCode.TOO_SHORT, 8)]),
    "NotFoundError": errors.NotFound(("sessionId",)),
    "EmailAddressTakenError": errors.EmailAddressTaken(),
    "RegistrationClosedError": errors.RegistrationClosed(),
    "BadCredentialsError": errors.BadCredentials(),
    "EmailAddressNotConfirmedError": errors.EmailAddressNotConfirmed(),
    "TokenInvalidError": errors.TokenInvalid(),
    "TokenExpiredError": errors.TokenExpired(),
    "ConfirmationBaseUrlNotAllowedError": errors.ConfirmationBaseUrlNotAllowed("its path is not listed"),
    "RateLimitedError": errors.RateLimited(7),
}


@strawberry.type
class Success:
    ok: bool


Result = Annotated[
    Success
    | outcomes.InvalidInputError
    | outcomes.NotFoundError
    | outcomes.EmailAddressTakenError
    | outcomes.RegistrationClosedError
    | outcomes.BadCredentialsError
    | outcomes.EmailAddressNotConfirmedError
    | outcomes.TokenInvalidError
    | outcomes.TokenExpiredError
    | outcomes.ConfirmationBaseUrlNotAllowedError
    | outcomes.RateLimitedError,
    strawberry.union("Result"),
]


@strawberry.type
class Query:
    @strawberry.field
    async def attempt(self, name: str) -> Result:
        raise RAISED[name]


schema = strawberry.Schema(Query, exception_handlers=outcomes.exception_handlers)


async def answer(name: str) -> dict[str, object]:
    result = await schema.execute(
        """query ($name: String!) { attempt(name: $name) {
            __typename
            ... on UserError { message }
            ... on InvalidInputError { violations { field code limit message } }
            ... on NotFoundError { field }
            ... on RateLimitedError { retryAfterSeconds }
        } }""",
        {"name": name},
    )
    assert result.errors is None
    assert result.data is not None
    attempt: dict[str, object] = result.data["attempt"]
    return attempt


@pytest.mark.parametrize("name", RAISED)
async def test_what_a_service_raises_is_the_member_of_the_result_that_says_it(name: str) -> None:
    answered = await answer(name)

    assert (answered["__typename"], answered["message"]) == (name, str(RAISED[name]))


async def test_the_facts_come_along() -> None:
    assert (await answer("RateLimitedError"))["retryAfterSeconds"] == 7
    assert (await answer("NotFoundError"))["field"] == ["sessionId"]
    assert (await answer("InvalidInputError"))["violations"] == [
        {"field": ["user", "password"], "code": "TOO_SHORT", "limit": 8, "message": "Use at least 8 characters."}
    ]


def test_every_exception_has_its_member() -> None:
    assert {type(error) for error in RAISED.values()} == set(errors.DomainError.__subclasses__())


def test_everything_is_described() -> None:
    types = schema._schema.type_map  # noqa: SLF001 - Strawberry shows graphql-core's schema nowhere else
    mine = [types[name] for name in ("UserError", "Violation", "ViolationCode", *RAISED)]
    parts = [
        part
        for type_ in mine
        for part in (type_.values if isinstance(type_, GraphQLEnumType) else getattr(type_, "fields", {})).values()
    ]

    assert len(parts) == 1 + 4 + 9 + len(RAISED) + 3
    assert all(part.description for part in (*mine, *parts))
