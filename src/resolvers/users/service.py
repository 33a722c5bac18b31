"""The home of what operations on users do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.enums import Permission
from db.models import Channel, User
from resolvers.caller.signed_in import SignedInUser
from resolvers.rules import locales
from resolvers.rules.errors import InvalidInput, NotFound
from resolvers.rules.violations import Violation, ViolationCode
from resolvers.users.rules import checked_change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.caller.signed_in import SignedIn
    from resolvers.context import Context


async def update_user(
    context: Context, caller: SignedIn, typed: Mapping[str, object], user_id: str | None = None
) -> str:
    """Change what *typed*, in the shape of `UpdateUserInput`, names; of the caller if no user is named; return the id.

    Raises `NotFound` for whom the caller may not change, or `InvalidInput`, also where staff name none.
    """
    wanted = user_id or (caller.id if isinstance(caller, SignedInUser) else None)
    if wanted is None:
        raise InvalidInput([Violation(("userId",), ViolationCode.REQUIRED)])
    columns = checked_change(typed)
    async with context.unit_of_work() as session:
        user = await session.get(User, wanted, with_for_update=True)
        if user is None or user.channel_id != context.channel_id or not _may_change(caller, user):
            raise NotFound(("userId",))
        if "locale" in columns:
            channel = await session.get_one(Channel, user.channel_id)
            columns["locale"] = locales.best_fit(columns["locale"], channel.locales, channel.default_locale)
        user.sqlmodel_update(columns)
        session.add(user)
    return wanted


def _may_change(caller: SignedIn, user: User) -> bool:
    if not isinstance(caller, SignedInUser):
        return True
    manages = Permission.USERS_MANAGE in caller.permissions and user.customer_id == caller.customer_id
    return user.id == caller.id or manages
