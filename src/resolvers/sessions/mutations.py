"""The home of the mutations of sessions: decode, call, wrap."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.caller.opening import open_mutation, session_mutation
from resolvers.caller.signed_in import SignedIn
from resolvers.context import Context
from resolvers.outcomes import BadCredentialsError, EmailAddressNotConfirmedError, NotFoundError, RateLimitedError
from resolvers.planner import planned
from resolvers.sdl.descriptions import api_input, api_type
from resolvers.sdl.secret import secret
from resolvers.sessions import authentication, service
from resolvers.sessions.types import AuthenticationToken
from resolvers.successes import AboutCustomer, SignedInAgain


@api_input
class AuthenticateInput:
    """Who signs in."""

    username: str
    """The e-mail address of the user."""
    password: str = secret()
    """The password."""


@planned()
class AuthenticateSuccess(SignedInAgain, AboutCustomer):
    """The user is signed in."""


AuthenticateResult = Annotated[
    AuthenticateSuccess | BadCredentialsError | EmailAddressNotConfirmedError | RateLimitedError,
    strawberry.union("AuthenticateResult", description="What authenticate can answer."),
]


@api_input
class SignOutInput:
    """Where to sign out."""

    everywhere: bool = False
    """Whether all sessions of the user end, and not just the one of this request."""


@api_type
class SignOutSuccess:
    """The user is signed out: the tokens are worthless from now on."""

    revoked_sessions: int
    """How many sessions were ended."""


SignOutResult = Annotated[SignOutSuccess, strawberry.union("SignOutResult", description="What signOut can answer.")]


@api_input
class RevokeSessionInput:
    """Which session to end."""

    session_id: strawberry.ID
    """One of Viewer.sessions."""


@api_type
class RevokeSessionSuccess:
    """The session has ended: its token is worthless from now on."""

    session_id: strawberry.ID
    """The session that was ended."""


RevokeSessionResult = Annotated[
    RevokeSessionSuccess | NotFoundError,
    strawberry.union("RevokeSessionResult", description="What revokeSession can answer."),
]


@strawberry.type
class SignInMutations:
    """What opens a session."""

    @open_mutation(description="Sign in with e-mail address and password. For anyone.", repeats=False)
    async def authenticate(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[AuthenticateInput, strawberry.argument(description="Who signs in.")],
    ) -> AuthenticateResult | None:
        """Sign in."""
        signed_in = await authentication.authenticate(info.context, input.username, input.password)
        return AuthenticateSuccess(
            authentication=AuthenticationToken(token=signed_in.token, expires_at=signed_in.expires_at),
            customer_id=signed_in.customer_id,
            user_id=signed_in.user_id,
        )


@strawberry.type
class SessionMutations:
    """What can be done to sessions."""

    @session_mutation(description="Sign out, here or everywhere.")
    async def sign_out(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[SignOutInput, strawberry.argument(description="Where to sign out.")],
        signed_in: SignedIn,
    ) -> SignOutResult | None:
        """Sign out."""
        revoked = await service.sign_out(info.context, signed_in, everywhere=input.everywhere)
        return SignOutSuccess(revoked_sessions=revoked)

    @session_mutation(description="End one of the viewer's sessions, such as that of a device that was lost.")
    async def revoke_session(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[RevokeSessionInput, strawberry.argument(description="Which session to end.")],
        signed_in: SignedIn,
    ) -> RevokeSessionResult | None:
        """End a session."""
        await service.revoke_session(info.context, signed_in, input.session_id)
        return RevokeSessionSuccess(session_id=input.session_id)
