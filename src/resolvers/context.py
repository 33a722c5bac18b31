"""The home of what an operation is given: the world's supplies and the circumstances of one request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.engine import Database
    from resolvers.ports import Clock, Hasher


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One request: to which channel it came, with which bearer token, from where."""

    database: Database
    clock: Clock
    hasher: Hasher
    channel_id: str
    token: str | None = None
    user_agent: str | None = None
    ip_address: str | None = None
