"""The home of the mutations of users: decode, call, wrap."""

from __future__ import annotations

from typing import Annotated

import strawberry

from db.enums import AdminScope
from resolvers.caller.opening import shared_mutation
from resolvers.caller.signed_in import SignedIn
from resolvers.context import Context
from resolvers.outcomes import InvalidInputError, NotFoundError
from resolvers.planner import planned
from resolvers.sdl.descriptions import api_input
from resolvers.sdl.inputs import sent
from resolvers.successes import AboutUser
from resolvers.users import service


@api_input
class UpdateUserInput:
    """What is changed of a user: what is left out stays; null empties, or is REQUIRED where it can not."""

    user_id: strawberry.ID | None = None
    """The user; oneself if left out; admins and API keys must tell. Others of the own customer need USERS_MANAGE."""
    first_name: strawberry.Maybe[str | None]
    """First name; at most {NAME} characters."""
    last_name: strawberry.Maybe[str | None]
    """Last name; at most {NAME} characters."""
    locale: strawberry.Maybe[str | None]
    """Preferred language and country, such as de_CH; the closest of the channel's is kept."""
    time_zone: strawberry.Maybe[str | None]
    """The user's time zone, such as Europe/Zurich."""


@planned()
class UpdateUserSuccess(AboutUser):
    """The user is changed."""


UpdateUserResult = Annotated[
    UpdateUserSuccess | InvalidInputError | NotFoundError,
    strawberry.union("UpdateUserResult", description="What updateUser can answer."),
]


@strawberry.type
class UserMutations:
    """What can be done to users."""

    @shared_mutation(
        description="Change the own profile, or that of another user of the own customer.",
        scope=AdminScope.CUSTOMERS_WRITE,
    )
    async def update_user(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[UpdateUserInput, strawberry.argument(description="What is changed of a user.")],
        signed_in: SignedIn,
    ) -> UpdateUserResult | None:
        """Change a user."""
        changed = await service.update_user(info.context, signed_in, sent(input), input.user_id or None)
        return UpdateUserSuccess(user_id=changed)
