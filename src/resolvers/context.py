"""The home of what an operation is given: the world's supplies and the circumstances of one request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from resolvers.counters import Limits
from resolvers.planner import Caller
from resolvers.tokens import digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from db.engine import Database
    from resolvers.ports import Clock, Hasher


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One request: to which channel it came, with which bearer token, from where."""

    database: Database
    clock: Clock
    hasher: Hasher
    channel_id: str
    limits: Limits = field(default_factory=Limits)
    token: str | None = None
    user_agent: str | None = None
    ip_address: str | None = None
    on_session: Callable[[str], None] | None = None
    """Told the session of the caller, if its use is to be marked once the request is answered."""

    def caller(self) -> Caller:
        """Return who calls now, as the request tells it."""
        return caller_of(self.channel_id, self.token, self.clock.now())


def caller_of(channel_id: str, token: str | None, now: datetime) -> Caller:
    """Return who calls a channel with a bearer *token*; the database finds out what it is worth."""
    return Caller(channel_id=channel_id, now=now, token_sha256=None if token is None else digest(token))
