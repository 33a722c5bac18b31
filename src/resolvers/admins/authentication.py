"""The home of how admins sign in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlmodel import col

from db.models import Admin, AdminChannel
from db.row_query import RowQuery
from resolvers.rules.email_address import canonical_or_nobodys
from resolvers.rules.errors import BadCredentials
from resolvers.sessions import credentials
from resolvers.sessions.service import OpenedSession, open_session

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.context import Context
    from resolvers.throttling.attempts import Attempt

COUNTED_AS = "admins"
"""In place of a channel: tries at an admin are counted together, wherever they are made."""


_REFUSED: Final = "The password is wrong, or there is no such admin of this shop. Check it, or ask the operator."


async def authenticate_admin(context: Context, username: str, password: str) -> tuple[str, OpenedSession]:
    """Sign in the admin of the channel who has *username* and *password*; return the id and the session.

    Raises `BadCredentials` for every cause alike, after the same statements and hashes, or `RateLimited`.
    """
    canonical, counted = canonical_or_nobodys(username), replace(context, channel_id=COUNTED_AS)
    try:
        return await credentials.tried(
            counted, canonical, lambda attempt: _attempt(context, attempt, canonical, password)
        )
    except BadCredentials:
        raise BadCredentials(_REFUSED) from None


@dataclass(frozen=True, slots=True)
class _Found:
    admin_id: str | None
    password_hash: str | None = field(repr=False)


_CANDIDATE = RowQuery(
    sa.select(col(Admin.id), col(Admin.password_hash))
    .select_from(sa.select(sa.literal_column("1").label("one")).subquery("request"))
    .outerjoin(
        Admin,
        sa.and_(
            col(Admin.canonical_username) == sa.bindparam("canonical", type_=sa.Text),
            col(Admin.enabled),
            sa.exists().where(
                col(AdminChannel.admin_id) == Admin.id,
                col(AdminChannel.channel_id) == sa.bindparam("channel_id", type_=sa.Text),
            ),
        ),
    )
)


async def _attempt(
    context: Context, attempt: Attempt, canonical: str, password: str
) -> tuple[str, OpenedSession] | None:
    """Return None if the admin was changed while the password was judged."""
    found = await _CANDIDATE.read(context.database, channel_id=context.channel_id, canonical=canonical)
    admin = _Found(*found)
    verdict = await credentials.judged(context, admin.password_hash, password)
    if not verdict.matches:
        raise BadCredentials
    new_hash = await credentials.renewed(context, verdict, admin.password_hash, password)
    async with context.database.unit_of_work() as session:
        return await _sign_in(session, context, attempt, admin, new_hash)


_ADMIN: Any = sa.inspect(Admin).local_table
# Compare-and-set on what was judged: a password that was changed meanwhile, or an admin who was disabled, opens no
# session that the change would have ended.
_AUTHENTICATED = (
    sa.update(_ADMIN)
    .where(_ADMIN.c.id == sa.bindparam("admin_id"), _ADMIN.c.enabled, _ADMIN.c.password_hash == sa.bindparam("judged"))
    .values(last_authenticated_at=sa.bindparam("now"), password_hash=sa.bindparam("new_hash"))
    .returning(_ADMIN.c.id)
)


async def _sign_in(
    session: AsyncSession, context: Context, attempt: Attempt, admin: _Found, new_hash: str | None
) -> tuple[str, OpenedSession] | None:
    now = context.clock.now()
    given = {"admin_id": admin.admin_id, "judged": admin.password_hash, "now": now, "new_hash": new_hash}
    admin_id = await session.scalar(_AUTHENTICATED, params=given)
    if admin_id is None:
        return None
    await attempt.succeed(session, now, proved=True)
    return admin_id, await open_session(session, context, admin_id, now)
