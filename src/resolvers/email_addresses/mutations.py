"""The home of the mutations of e-mail addresses: decode, call, wrap."""

from __future__ import annotations

from typing import Annotated

import sqlalchemy as sa
import strawberry
from sqlmodel import select

from db.models import MailedToken
from resolvers.caller.opening import open_mutation, user_mutation
from resolvers.caller.signed_in import SignedInUser
from resolvers.context import Context
from resolvers.email_addresses import service
from resolvers.outcomes import (
    BadCredentialsError,
    ConfirmationBaseUrlNotAllowedError,
    EmailAddressTakenError,
    InvalidInputError,
    RateLimitedError,
    TokenExpiredError,
    TokenInvalidError,
)
from resolvers.planner import planned, value
from resolvers.sdl.descriptions import api_input, api_type
from resolvers.sdl.secret import secret
from resolvers.successes import AboutAddress


@api_input
class ConfirmEmailAddressInput:
    """What proves the address."""

    token: str = secret()
    """The token of the mailed link."""


@planned()
class ConfirmEmailAddressSuccess:
    """The address is proved. Who registered it or moved to it may sign in with it now; a move ends every session."""

    token_id: strawberry.Private[str]

    @value(str)
    def email_address(row: ConfirmEmailAddressSuccess) -> sa.ColumnElement[str]:
        """The address."""
        return select(MailedToken.email_address).where(MailedToken.id == row.token_id).scalar_subquery()


ConfirmEmailAddressResult = Annotated[
    ConfirmEmailAddressSuccess | TokenInvalidError | TokenExpiredError | EmailAddressTakenError | RateLimitedError,
    strawberry.union("ConfirmEmailAddressResult", description="What confirmEmailAddress can answer."),
]


@api_input
class ResendConfirmationInput:
    """Whose address is to be proved."""

    email_address: str
    """The address that was registered."""
    confirmation_base_url: str
    """The page of the shop that calls confirmEmailAddress. The mailed token is appended as `?token=` or `&token=`."""


@api_type
class ResendConfirmationSuccess(AboutAddress):
    """If a registered address is to be proved, a mail is on its way. The answer is the same if there is none."""


ResendConfirmationResult = Annotated[
    ResendConfirmationSuccess | InvalidInputError | ConfirmationBaseUrlNotAllowedError | RateLimitedError,
    strawberry.union("ResendConfirmationResult", description="What resendConfirmation can answer."),
]


@api_input
class ChangeEmailAddressInput:
    """The new address, and the password that entitles to it."""

    email_address: str
    """The address to sign in with once it is proved."""
    current_password: str = secret()
    """The password."""
    confirmation_base_url: str
    """The page of the shop that calls confirmEmailAddress. The mailed token is appended as `?token=` or `&token=`."""


@api_type
class ChangeEmailAddressSuccess(AboutAddress):
    """A link is on its way to the new address, and the old one is told. Once it is followed, every session ends."""

    email_address: str
    """The new address."""


ChangeEmailAddressResult = Annotated[
    ChangeEmailAddressSuccess
    | InvalidInputError
    | BadCredentialsError
    | ConfirmationBaseUrlNotAllowedError
    | RateLimitedError,
    strawberry.union("ChangeEmailAddressResult", description="What changeEmailAddress can answer."),
]


@strawberry.type
class EmailAddressMutations:
    """What can be done to e-mail addresses."""

    @open_mutation(
        description="Prove an e-mail address by a mailed token, which works once. Nobody is signed in. For anyone."
    )
    async def confirm_email_address(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[ConfirmEmailAddressInput, strawberry.argument(description="What proves the address.")],
    ) -> ConfirmEmailAddressResult | None:
        """Prove an address."""
        return ConfirmEmailAddressSuccess(token_id=await service.confirm_email_address(info.context, input.token))

    @open_mutation(description="Have the link mailed again that proves an address which was registered. For anyone.")
    async def resend_confirmation(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[ResendConfirmationInput, strawberry.argument(description="Whose address is to be proved.")],
    ) -> ResendConfirmationResult | None:
        """Have the link mailed again."""
        address = await service.resend_confirmation(info.context, input.email_address, input.confirmation_base_url)
        return ResendConfirmationSuccess(email_address=address)

    @user_mutation(description="Sign in with another address from now on, once a mailed link has proved it.")
    async def change_email_address(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[
            ChangeEmailAddressInput,
            strawberry.argument(description="The new address, and the password that entitles to it."),
        ],
        signed_in: SignedInUser,
    ) -> ChangeEmailAddressResult | None:
        """Ask for another address."""
        address = await service.change_email_address(
            info.context, signed_in, input.email_address, input.current_password, input.confirmation_base_url
        )
        return ChangeEmailAddressSuccess(email_address=address)
