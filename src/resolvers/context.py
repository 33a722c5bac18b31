"""The home of what an operation is given: the world's supplies and the circumstances of one request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from resolvers.planner import Caller
from resolvers.rules.networks import networks_of
from resolvers.rules.tokens import OF_ADMIN, OF_API_KEY, digest
from resolvers.throttling.counters import TryLimits
from resolvers.throttling.waiting import WaitingRoom

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager, AbstractContextManager
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database
    from resolvers.ports import Clock, Hasher
    from resolvers.repetitions import Repeatable
    from resolvers.rules.errors import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One request: to which channel it came, with which bearer token or API key, from where."""

    database: Database
    clock: Clock
    hasher: Hasher
    channel_id: str
    limits: TryLimits = field(default_factory=TryLimits)
    waiting: WaitingRoom = field(default_factory=WaitingRoom)
    token: str | None = None
    api_key: str | None = None
    user_agent: str | None = None
    ip_address: str | None = None
    locales: Sequence[str] = ("en",)
    """Of what people read, the most wanted first: those that the request asks for, then the channel's."""
    is_for_many: bool = False
    """Whether the address is one that the operator has listed, of a server that calls for many people."""
    repeatable: Repeatable | None = None
    """The request, if it has an Idempotency-Key."""
    on_session: Callable[[str], None] | None = None
    """Told the session of the caller, if its use is to be marked once the request is answered."""
    on_limit: Callable[[str], None] | None = None
    """Told which limit has closed, for the log."""

    def unit_of_work(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Open the unit of work of a mutation, in which it becomes true; counts of tries have others."""
        if self.repeatable is not None:
            return self.repeatable.unit_of_work(self.database)
        return self.database.unit_of_work()

    def place(self, canonical: str = "") -> AbstractContextManager[None]:
        """Take a place among those who wait for the hasher, from the network of the request; before anything is read.

        With *canonical*, for the account that has the address. Raises `RateLimited`. A network is the widest that one
        subscriber may have: the places are few.
        """
        network = networks_of(self.ip_address)[-1]
        account = (self.channel_id, canonical, network) if canonical else None
        return self.waiting.place(account, None if self.is_for_many else network)

    def place_of_account(self, canonical: str) -> AbstractContextManager[None]:
        """Take a place of an account, wherever its sign-ins come from; once the try is counted. Raises `RateLimited`.

        Not before: whoever is refused by the throttles, again and again, would take the places of its owner.
        """
        return self.waiting.place((self.channel_id, canonical) if canonical else None, None)

    def caller(self) -> Caller:
        """Return who calls now, as the request tells it."""
        return caller_of(self.channel_id, self.token, self.api_key, self.clock.now())

    def closed(self, limit: Limit | None) -> None:
        """Have the log say which *limit* this was, also where the caller learns nothing of it."""
        if self.on_limit is not None and limit is not None:
            self.on_limit(limit)


def caller_of(channel_id: str, token: str | None, api_key: str | None, now: datetime) -> Caller:
    """Return who calls a channel with a bearer *token* or an *api_key*; the database finds out what it is worth.

    The token says who calls, if there is one.
    """
    if token is None:
        is_key = api_key is not None and api_key.startswith(OF_API_KEY)
        return Caller(channel_id, now, staff_sha256=digest(api_key) if api_key and is_key else None)
    if token.startswith(OF_ADMIN):
        return Caller(channel_id, now, staff_sha256=digest(token))
    return Caller(channel_id, now, token_sha256=digest(token))
