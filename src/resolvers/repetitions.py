"""The home of Idempotency-Key: who sends a mutation again, not knowing whether it was done, finds it done once.

What was done is remembered in the unit of work that does it, and for successes alone: hashes of caller, key and body,
and the ids of the outcome. The answer is read again, as that caller.
"""

from __future__ import annotations

import hmac
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from graphql import GraphQLError
from sqlmodel import col, select

from db.columns import UtcDateTime
from db.models import Repetition
from db.upsert import Upsert
from resolvers.rules.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    import strawberry
    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database
    from resolvers.context import Context

KEPT: Final = timedelta(hours=24)
"""So long a key is remembered."""
SHORTEST: Final = 16
LONGEST: Final = 128

_NOT_AGAIN: Final = (
    "This mutation can't be repeated by a key: what it answers is shown once. Send it without Idempotency-Key."
)
_CONFLICT: Final = "This Idempotency-Key was used for another request. Use a new key for each thing that is to be done."
_TWIN: Final = "Another request with this Idempotency-Key is being done. Send it again in a moment."

_KEPT = Upsert(
    Repetition,
    # A key that is too old is as good as new.
    lambda insert: insert.on_conflict_do_update(
        index_elements=["key_hmac"],
        set_={name: insert.excluded[name] for name in ("body_hmac", "outcome", "done_at")},
        where=col(Repetition.done_at) <= sa.bindparam("forgotten", type_=UtcDateTime()),
    ).returning(col(Repetition.key_hmac)),
)


class _OvertakenError(Exception):
    """A twin with the same key was faster: all that this request has done is taken back."""


@dataclass(slots=True)
class Repeatable:
    """A request with an Idempotency-Key: *text* of the key, and *body*, which tells what is asked for.

    *secrets* are the keys of the hashes, the first for new ones: a body may hold a password.
    """

    text: str = field(repr=False)
    body: bytes = field(repr=False)
    secrets: Sequence[bytes] = field(repr=False)
    _held: tuple[AbstractAsyncContextManager[AsyncSession], AsyncSession] | None = None

    @asynccontextmanager
    async def unit_of_work(self, database: Database) -> AsyncIterator[AsyncSession]:
        """Yield a session whose unit of work is held until the outcome is known, and can be remembered in it."""
        work = database.unit_of_work()
        session = await work.__aenter__()
        try:
            yield session
        except BaseException:
            if not await work.__aexit__(*sys.exc_info()):
                raise
        else:
            self._held = work, session

    async def do(
        self, context: Context, info: strawberry.Info[Any, Any], caller_id: str, resolve: Callable[[], Awaitable[Any]]
    ) -> Any:  # noqa: ANN401 - a success object
        """Return what *resolve* returns, or what came of it when it was done before.

        Raises `GraphQLError` where the key was used for something else, and whatever *resolve* raises.
        """
        if (done := await self._done(context, info, caller_id)) is not None:
            return done
        try:
            outcome = await resolve()
            await self._remember(context, caller_id, outcome)
        except (DomainError, _OvertakenError):
            # A twin may have been faster: what is taken now, such as an address, it has taken.
            if (done := await self._done(context, info, caller_id)) is not None:
                return done
            if isinstance(sys.exc_info()[1], _OvertakenError):
                raise GraphQLError(_TWIN, extensions={"code": "IDEMPOTENCY_CONFLICT"}) from None
            raise
        finally:
            await self.take_back()
        return outcome

    async def _done(self, context: Context, info: strawberry.Info[Any, Any], caller_id: str) -> Any:  # noqa: ANN401 - a success object
        hashes = {self._key(secret, context, caller_id): self._body(secret) for secret in self.secrets}
        known = select(Repetition).where(
            col(Repetition.key_hmac).in_(list(hashes)), col(Repetition.done_at) > context.clock.now() - KEPT
        )
        async with context.database.unit_of_work() as session:
            found = (await session.exec(known)).first()
        if found is None:
            return None
        if not hmac.compare_digest(found.body_hmac, hashes[found.key_hmac]):
            raise GraphQLError(_CONFLICT, extensions={"code": "IDEMPOTENCY_CONFLICT"})
        success: Any = info.schema.get_type_by_name(found.outcome["type"])
        return success.origin(**found.outcome["ids"])

    async def _remember(self, context: Context, caller_id: str, outcome: Any) -> None:  # noqa: ANN401 - a success object
        assert self._held is not None, "each mutation has one unit of work, by context.unit_of_work()"  # noqa: S101 - tried for each
        (work, session), self._held = self._held, None
        try:
            await self._write(session, context, caller_id, outcome)
        except BaseException:
            if not await work.__aexit__(*sys.exc_info()):
                raise
        else:
            await work.__aexit__(None, None, None)

    async def _write(self, session: AsyncSession, context: Context, caller_id: str, outcome: Any) -> None:  # noqa: ANN401 - a success object
        """Remember *outcome* in the unit of work that has done it. Raises `_OvertakenError`."""
        secret, now = self.secrets[0], context.clock.now()
        ids = {part.name: getattr(outcome, part.name) for part in fields(outcome) if part.init}
        kept = await _KEPT.execute(
            session,
            key_hmac=self._key(secret, context, caller_id),
            channel_id=context.channel_id,
            body_hmac=self._body(secret),
            outcome={"type": type(outcome).__name__, "ids": ids},
            done_at=now,
            forgotten=now - KEPT,
        )
        if kept.first() is None:
            raise _OvertakenError

    async def take_back(self) -> None:
        """Take back what is still held: whoever did it was cut off."""
        if self._held is not None:
            (work, _session), self._held = self._held, None
            await work.__aexit__(_OvertakenError, _OvertakenError(), None)

    def _key(self, secret: bytes, context: Context, caller_id: str) -> bytes:
        # Of who is not signed in, key and body together tell who that is: nobody learns of another's key.
        whose = caller_id.encode() if caller_id else self._body(secret)
        return _hmac(secret, b"key", context.channel_id.encode(), whose, self.text.encode())

    def _body(self, secret: bytes) -> bytes:
        return _hmac(secret, b"body", self.body)


def refuse_to_repeat() -> GraphQLError:
    """Return what is raised where a success holds what can't be read again."""
    return GraphQLError(_NOT_AGAIN, extensions={"code": "BAD_USER_INPUT"})


def _hmac(secret: bytes, *parts: bytes) -> bytes:
    # No part but the last holds NUL.
    return hmac.digest(secret, b"\0".join((b"idempotency", *parts)), "sha256")
