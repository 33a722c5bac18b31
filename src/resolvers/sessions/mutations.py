"""The home of the mutations of sessions: decode, call, wrap."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.context import Context
from resolvers.descriptions import api_input, api_type
from resolvers.outcomes import NotFoundError
from resolvers.sessions import service
from resolvers.signed_in import SignedInUser, signed_in_mutation


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
class SessionMutations:
    """What can be done to sessions."""

    @signed_in_mutation(description="Sign out, here or everywhere.")
    async def sign_out(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[SignOutInput, strawberry.argument(description="Where to sign out.")],
        signed_in: SignedInUser,
    ) -> SignOutResult | None:
        """Sign out."""
        revoked = await service.sign_out(info.context, signed_in, everywhere=input.everywhere)
        return SignOutSuccess(revoked_sessions=revoked)

    @signed_in_mutation(description="End one of the viewer's sessions, such as that of a device that was lost.")
    async def revoke_session(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[RevokeSessionInput, strawberry.argument(description="Which session to end.")],
        signed_in: SignedInUser,
    ) -> RevokeSessionResult | None:
        """End a session."""
        await service.revoke_session(info.context, signed_in, input.session_id)
        return RevokeSessionSuccess(session_id=input.session_id)
