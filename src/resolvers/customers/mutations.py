"""The home of the mutations of customers: decode, call, wrap."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry
from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from db import enums, models
from db.enums import AdminScope, Permission
from resolvers.caller.opening import open_mutation, shared_mutation, staff_mutation
from resolvers.caller.signed_in import SignedIn
from resolvers.context import Context
from resolvers.customers import changes, service
from resolvers.customers.types import Customer
from resolvers.outcomes import (
    ConfirmationBaseUrlNotAllowedError,
    EmailAddressTakenError,
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    RegistrationClosedError,
)
from resolvers.planner import one, planned
from resolvers.sdl.descriptions import api_input
from resolvers.sdl.inputs import sent
from resolvers.sdl.scalars import JSON
from resolvers.sdl.secret import secret
from resolvers.successes import AboutCustomer
from resolvers.users.types import User

_Text = strawberry.Maybe[str | None]


@api_input
class RegisterUserInput:
    """How the new user signs in."""

    password: str = secret()
    """The password; Channel.passwordMinLength says how long it must be."""


@api_input
class RegisterCustomerInput:
    """Who registers."""

    email_address: str
    """The address that the user signs in with."""
    first_name: str | None = None
    """First name, at most {NAME} characters."""
    last_name: str | None = None
    """Last name, at most {NAME} characters."""
    company: str | None = None
    """Company, at most {COMPANY} characters."""
    gender: enums.Gender | None = None
    """How the customer wishes to be addressed."""
    date_of_birth: date | None = None
    """Date of birth."""
    locale: str | None = None
    """Preferred language and country, such as de_CH; the channel's default if left out."""
    user: RegisterUserInput
    """How the new user signs in."""
    confirmation_base_url: str | None = None
    """The page of the shop that calls confirmEmailAddress; needed where the channel's registration is
    CONFIRM_EMAIL_ADDRESS. The mailed token is appended as `?token=` or `&token=`."""


@planned()
class RegisterCustomerSuccess:
    """The customer is registered; or will be, once the mailed link is followed, whoever has the address already."""

    confirmation_required: bool
    """Whether a mailed link must be followed before the user can sign in."""
    customer_id: strawberry.Private[str | None]
    user_id: strawberry.Private[str | None]

    @property
    def reads_as(self) -> str | None:
        """The new user reads the own data."""
        return self.user_id

    @one(Customer | None)
    def customer(row: RegisterCustomerSuccess) -> SelectOfScalar[models.Customer]:
        """The new customer; null while confirmation is required."""
        return select(models.Customer).where(models.Customer.id == row.customer_id)

    @one(User | None)
    def user(row: RegisterCustomerSuccess) -> SelectOfScalar[models.User]:
        """The new user, who is the customer's admin; null while confirmation is required."""
        return select(models.User).where(models.User.id == row.user_id)


RegisterCustomerResult = Annotated[
    RegisterCustomerSuccess
    | InvalidInputError
    | EmailAddressTakenError
    | RegistrationClosedError
    | ConfirmationBaseUrlNotAllowedError
    | RateLimitedError,
    strawberry.union("RegisterCustomerResult", description="What registerCustomer can answer."),
]


@api_input
class UpdateCustomerInput:
    """What is changed of a customer: what is left out stays; null empties, or is REQUIRED where it can not."""

    customer_id: strawberry.ID | None = None
    """The customer; a user's own if left out; admins and API keys must tell."""
    first_name: _Text
    """First name, at most {NAME} characters."""
    last_name: _Text
    """Last name, at most {NAME} characters."""
    company: _Text
    """Company, at most {COMPANY} characters."""
    gender: strawberry.Maybe[enums.Gender | None]
    """How the customer wishes to be addressed; UNKNOWN in place of null."""
    date_of_birth: strawberry.Maybe[date | None]
    """Date of birth."""
    locale: _Text
    """Preferred language and country, such as de_CH; the closest of the channel's is kept."""
    email_address: _Text
    """Where the customer is written to; in channels of kind B2C, where the customer's user signs in with it, it is
    NOT_ALLOWED: call changeEmailAddress."""
    price_groups: strawberry.Maybe[list[str] | None]
    """The shop's groups that decide prices: NOT_ALLOWED to users."""
    custom_data: strawberry.Maybe[JSON | None]
    """What the shop keeps with the customer: NOT_ALLOWED to users."""


@planned()
class UpdateCustomerSuccess(AboutCustomer):
    """The customer is changed."""


UpdateCustomerResult = Annotated[
    UpdateCustomerSuccess | InvalidInputError | NotFoundError,
    strawberry.union("UpdateCustomerResult", description="What updateCustomer can answer."),
]


@api_input
class CreateCustomerInput:
    """A customer without a user."""

    customer_number: str | None = None
    """The shop's number of the customer, at most {NUMBER} characters; the next free one if left out."""
    email_address: str | None = None
    """Where the customer is written to."""
    first_name: str | None = None
    """First name, at most {NAME} characters."""
    last_name: str | None = None
    """Last name, at most {NAME} characters."""
    company: str | None = None
    """Company, at most {COMPANY} characters."""
    gender: enums.Gender | None = None
    """How the customer wishes to be addressed."""
    date_of_birth: date | None = None
    """Date of birth."""
    locale: str | None = None
    """Preferred language and country, such as de_CH; the channel's default if left out."""
    price_groups: list[str] | None = None
    """The shop's groups that decide prices. The customer's users can read them."""
    custom_data: JSON | None = None
    """What the shop keeps with the customer. The customer's users can read it."""


@planned()
class CreateCustomerSuccess(AboutCustomer):
    """The customer is created. Nobody signs in for it yet."""


CreateCustomerResult = Annotated[
    CreateCustomerSuccess | InvalidInputError | EmailAddressTakenError,
    strawberry.union("CreateCustomerResult", description="What createCustomer can answer."),
]


@strawberry.type
class CustomerMutations:
    """What can be done to customers."""

    @open_mutation(description="Create a customer with its first user. For anyone, unless the channel is CLOSED.")
    async def register_customer(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[RegisterCustomerInput, strawberry.argument(description="Who registers.")],
    ) -> RegisterCustomerResult | None:
        """Register a customer."""
        registered = await service.register_customer(info.context, sent(input))
        return RegisterCustomerSuccess(
            confirmation_required=registered is None,
            customer_id=registered.customer_id if registered else None,
            user_id=registered.user_id if registered else None,
        )

    @shared_mutation(
        description="Change a customer.", needs=Permission.CUSTOMER_UPDATE, scope=AdminScope.CUSTOMERS_WRITE
    )
    async def update_customer(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[UpdateCustomerInput, strawberry.argument(description="What is changed of a customer.")],
        signed_in: SignedIn,
    ) -> UpdateCustomerResult | None:
        """Change a customer."""
        changed = await changes.update_customer(info.context, signed_in, sent(input), input.customer_id or None)
        return UpdateCustomerSuccess(customer_id=changed)

    @staff_mutation(
        description="Create a customer without a user. For the shop's own systems and staff.",
        scope=AdminScope.CUSTOMERS_WRITE,
    )
    async def create_customer(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[CreateCustomerInput, strawberry.argument(description="A customer without a user.")],
        signed_in: SignedIn,  # noqa: ARG002 - the gate has judged
    ) -> CreateCustomerResult | None:
        """Create a customer."""
        return CreateCustomerSuccess(customer_id=await changes.create_customer(info.context, sent(input)))
