"""The home of the header X-Api-Key: what a key is good for beside a bearer token, and how much may be sent with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from db.enums import AdminScope
from gateway.http.forwarded import visit
from gateway.http.responses import Refusal
from resolvers.caller.signed_in import SignedInStaff, looked_up
from resolvers.planner import Caller
from resolvers.rules.rights import WRITING
from resolvers.rules.tokens import OF_FORWARDING, digest

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.types import Scope

    from db.engine import Database

HEADER: Final = "x-api-key"


async def require_use(  # noqa: PLR0913, PLR0917 - one request
    database: Database, channel_id: str, api_key: str, token: str | None, scope: Scope, now: datetime
) -> None:
    """Let a key be used as it may: a forwarding one has the request come from the visitor whom it names.

    Raises `Refusal` for a forwarding key that is none, or names nobody, and for any other key beside a bearer token:
    which of the two calls would not be clear.
    """
    if api_key.startswith(OF_FORWARDING):
        caller = Caller(channel_id, now, staff_sha256=digest(api_key))
        found = await looked_up(database, caller)
        if not isinstance(found, SignedInStaff) or AdminScope.CLIENT_FORWARDING not in found.scopes:
            raise Refusal(400, "BAD_USER_INPUT", "There is no such API key here. Check X-Api-Key, or leave it out.")
        visit(scope)
    elif token is not None:
        message = "Beside a bearer token only an API key with CLIENT_FORWARDING counts. Send either of the two."
        raise Refusal(400, "BAD_USER_INPUT", message)


async def may_send_much(database: Database, caller: Caller) -> bool:
    """Tell whether the caller, of whom a key came, writes much at once."""
    found = await looked_up(database, caller)
    return isinstance(found, SignedInStaff) and not WRITING.isdisjoint(found.scopes)
