"""The home of the mutations of passwords: decode, call, wrap."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.caller.opening import open_mutation, user_mutation
from resolvers.caller.signed_in import SignedInUser
from resolvers.context import Context
from resolvers.outcomes import (
    BadCredentialsError,
    ConfirmationBaseUrlNotAllowedError,
    InvalidInputError,
    RateLimitedError,
    TokenExpiredError,
    TokenInvalidError,
)
from resolvers.passwords import service
from resolvers.planner import planned
from resolvers.sdl.descriptions import api_input, api_type
from resolvers.sdl.secret import secret
from resolvers.sessions.types import AuthenticationToken
from resolvers.successes import AboutAddress, AboutCustomer, SignedInAgain


@api_input
class UpdatePasswordInput:
    """The current password and the new one."""

    current_password: str = secret()
    """The password that is replaced."""
    new_password: str = secret()
    """The password from now on; Channel.passwordMinLength says how long it must be."""


@planned()
class UpdatePasswordSuccess(SignedInAgain):
    """The password is changed. Every session has ended, this one too: use the new token."""


UpdatePasswordResult = Annotated[
    UpdatePasswordSuccess | BadCredentialsError | InvalidInputError | RateLimitedError,
    strawberry.union("UpdatePasswordResult", description="What updatePassword can answer."),
]


@api_input
class StartPasswordResetInput:
    """Who wants to reset the password."""

    email_address: str
    """The address that the user signs in with."""
    confirmation_base_url: str
    """The page of the shop that calls finishPasswordReset. The mailed token is appended as `?token=` or `&token=`."""


@api_type
class StartPasswordResetSuccess(AboutAddress):
    """If there is such a user, a mail is on its way. The answer is the same if there is none."""


StartPasswordResetResult = Annotated[
    StartPasswordResetSuccess | InvalidInputError | ConfirmationBaseUrlNotAllowedError | RateLimitedError,
    strawberry.union("StartPasswordResetResult", description="What startPasswordReset can answer."),
]


@api_input
class FinishPasswordResetInput:
    """The mailed token and the new password."""

    token: str = secret()
    """The token of the mailed link."""
    password: str = secret()
    """The password from now on; Channel.passwordMinLength says how long it must be."""


@planned()
class FinishPasswordResetSuccess(SignedInAgain, AboutCustomer):
    """The password is set and the user signed in. Every former session has ended."""


FinishPasswordResetResult = Annotated[
    FinishPasswordResetSuccess | InvalidInputError | TokenInvalidError | TokenExpiredError | RateLimitedError,
    strawberry.union("FinishPasswordResetResult", description="What finishPasswordReset can answer."),
]


@strawberry.type
class PasswordMutations:
    """What can be done to passwords."""

    @user_mutation(description="Change the own password. Every session ends, and a new one begins here.", repeats=False)
    async def update_password(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[UpdatePasswordInput, strawberry.argument(description="The current password and the new one.")],
        signed_in: SignedInUser,
    ) -> UpdatePasswordResult | None:
        """Change the own password."""
        changed = await service.update_password(info.context, signed_in, input.current_password, input.new_password)
        return UpdatePasswordSuccess(
            authentication=AuthenticationToken(token=changed.token, expires_at=changed.expires_at),
            user_id=changed.user_id,
        )

    @open_mutation(description="Have a link mailed by which the password can be set. For anyone.")
    async def start_password_reset(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[StartPasswordResetInput, strawberry.argument(description="Who wants to reset the password.")],
    ) -> StartPasswordResetResult | None:
        """Have a link mailed."""
        address = await service.start_password_reset(info.context, input.email_address, input.confirmation_base_url)
        return StartPasswordResetSuccess(email_address=address)

    @open_mutation(description="Set the password by a mailed token, and sign in. For anyone.", repeats=False)
    async def finish_password_reset(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[
            FinishPasswordResetInput, strawberry.argument(description="The mailed token and the new password.")
        ],
    ) -> FinishPasswordResetResult | None:
        """Set the password."""
        reset = await service.finish_password_reset(info.context, input.token, input.password)
        return FinishPasswordResetSuccess(
            authentication=AuthenticationToken(token=reset.token, expires_at=reset.expires_at),
            customer_id=reset.customer_id,
            user_id=reset.user_id,
        )
