"""The home of Idempotency-Key: who sends a mutation again, not knowing whether it was done, finds it done once.

What was done is remembered in the unit of work that does it, and for successes alone: hashes of caller, key and body,
and the ids of the outcome. The answer is read again, as that caller; what the request itself says is not kept.
"""

from __future__ import annotations

import hmac
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, runtime_checkable

import orjson
import sqlalchemy as sa
from graphql import GraphQLError
from sqlalchemy.orm import aliased
from sqlmodel import col

from db.columns import UtcDateTime
from db.models import Repetition, User
from db.row_query import RowQuery
from db.upsert import Upsert
from resolvers.rules.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    import strawberry
    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database
    from resolvers.caller.signed_in import SignedIn
    from resolvers.context import Context

KEPT: Final = timedelta(hours=24)
"""So long a key is remembered."""
SHORTEST: Final = 16
LONGEST: Final = 128
MOST: Final = 1_000
"""Keys of a user or an admin that are remembered at a time: each is a row, and nothing else bounds them."""

_NOT_AGAIN: Final = (
    "This mutation can't be repeated by a key: what it answers is shown once. Send it without Idempotency-Key."
)
_CONFLICT: Final = "This Idempotency-Key was used for another request. Use a new key for each thing that is to be done."
_TWIN: Final = "Another request with this Idempotency-Key is being done. Send it again in a moment, with the same key."
_GONE: Final = "This was done, and is not told any more: the password or the address was changed since. Sign in."
_TOO_MANY: Final = f"You have used {MOST:,} Idempotency-Keys within a day. Send this without one, or later."

_Other = aliased(Repetition, name="others")

_KEPT = Upsert(
    Repetition,
    # A key that is too old is as good as new.
    lambda insert: insert.on_conflict_do_update(
        index_elements=["key_hmac"],
        set_={name: insert.excluded[name] for name in ("caller_id", "reads_as", "body_hmac", "outcome", "done_at")},
        where=col(Repetition.done_at) <= sa.bindparam("forgotten", type_=UtcDateTime()),
    ).returning(col(Repetition.key_hmac)),
)


_SINCE = sa.bindparam("since", type_=UtcDateTime())
_DONE = RowQuery(
    sa.select(
        col(Repetition.body_hmac),
        col(Repetition.outcome),
        col(Repetition.reads_as),
        # The oldest of as many as there may be, if there are so many.
        sa.select(col(_Other.done_at))
        .where(col(_Other.caller_id) == sa.bindparam("caller_id", type_=sa.Text), col(_Other.done_at) > _SINCE)
        .order_by(col(_Other.done_at).desc())
        .offset(MOST - 1)
        .limit(1)
        .scalar_subquery(),
    ).select_from(
        sa.select(sa.literal_column("1").label("one"))
        .subquery("request")
        .outerjoin(
            Repetition,
            sa.and_(
                col(Repetition.key_hmac) == sa.bindparam("key_hmac", type_=sa.LargeBinary),
                col(Repetition.done_at) > _SINCE,
            ),
        )
    )
)


class _OvertakenError(Exception):
    """A twin with the same key was faster: all that this request has done is taken back."""


@runtime_checkable
class SaidByRequest(Protocol):
    """A success that tells what its request has said, and nothing else: nothing of it is kept."""

    @classmethod
    def said(cls, request: Any) -> Self:  # noqa: ANN401 - the input
        """Return the success, by the input."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A mutation that is asked for: by whom, if anybody is signed in, and with which arguments."""

    info: strawberry.Info[Context, None]
    caller: SignedIn | None
    arguments: Mapping[str, Any] = field(repr=False)
    is_of_session: bool = False
    """Whether it is about the session of the caller: another session asks for something else."""

    @property
    def whose(self) -> str:
        """Who may ask for it again."""
        if self.caller is None:
            return ""
        return f"{self.caller.id} {self.caller.session_id}" if self.is_of_session else self.caller.id

    @property
    def counted_id(self) -> str | None:
        """The user or admin whose keys are counted: a shop's own server may use as many as it has things to do."""
        return self.caller.id if self.caller is not None and self.caller.session_id is not None else None

    def told_again(self, outcome: Mapping[str, Any], reads_as: str | None) -> Any:  # noqa: ANN401 - a success object
        """Return the success of an *outcome*. Raises `GraphQLError` if it is nobody's any more."""
        definition: Any = self.info.schema.get_type_by_name(outcome["type"])
        success = definition.origin
        if issubclass(success, SaidByRequest):
            return success.said(self.arguments["input"])
        told = success(**outcome["ids"])
        if getattr(told, "reads_as", None) != reads_as:
            raise GraphQLError(_GONE, extensions={"code": "NOT_FOUND"})
        return told


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

    async def do(self, asked: Asked, resolve: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - a success object
        """Return what *resolve* returns, or what came of it when it was done before.

        Raises `GraphQLError` where the key was used for something else, and whatever *resolve* raises.
        """
        if (done := await self._done(asked)) is not None:
            return done
        try:
            outcome = await resolve()
            await self._remember(asked, outcome)
        except (DomainError, _OvertakenError):
            # A twin may have been faster: what is taken now, such as an address, it has taken.
            if (done := await self._done(asked)) is not None:
                return done
            if isinstance(sys.exc_info()[1], _OvertakenError):
                raise _conflict(_TWIN, retryAfterSeconds=1) from None
            raise
        finally:
            await self.take_back()
        return outcome

    async def _done(self, asked: Asked) -> Any:  # noqa: ANN401 - a success object
        database, since = asked.info.context.database, asked.info.context.clock.now() - KEPT
        oldest = None
        for secret in self.secrets:
            key = self._key(secret, asked)
            body, outcome, reads_as, oldest = await _DONE.read(
                database, key_hmac=key, caller_id=asked.counted_id, since=since
            )
            if body is not None:
                if not hmac.compare_digest(body, self._body(secret)):
                    raise _conflict(_CONFLICT)
                return asked.told_again(orjson.loads(outcome), reads_as)
        if oldest is not None:
            raise _too_many(datetime.fromisoformat(str(oldest)) - since)
        return None

    async def _remember(self, asked: Asked, outcome: Any) -> None:  # noqa: ANN401 - a success object
        assert self._held is not None, "each mutation has one unit of work, by context.unit_of_work()"  # noqa: S101 - tried for each
        (work, session), self._held = self._held, None
        try:
            await self._write(session, asked, outcome)
        except BaseException:
            if not await work.__aexit__(*sys.exc_info()):
                raise
        else:
            await work.__aexit__(None, None, None)

    async def _write(self, session: AsyncSession, asked: Asked, outcome: Any) -> None:  # noqa: ANN401 - a success object
        """Remember *outcome* in the unit of work that has done it. Raises `_OvertakenError`."""
        secret, now = self.secrets[0], asked.info.context.clock.now()
        said = isinstance(outcome, SaidByRequest)
        ids = {part.name: getattr(outcome, part.name) for part in fields(outcome) if part.init and not said}
        kept = await _KEPT.execute(
            session,
            key_hmac=self._key(secret, asked),
            channel_id=asked.info.context.channel_id,
            caller_id=asked.counted_id,
            reads_as=getattr(outcome, "reads_as", None),
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

    def _key(self, secret: bytes, asked: Asked) -> bytes:
        # Of who is not signed in, key and body together tell who that is: nobody learns of another's key.
        whose = asked.whose.encode() if asked.caller else self._body(secret)
        return _hmac(secret, b"key", asked.info.context.channel_id.encode(), whose, self.text.encode())

    def _body(self, secret: bytes) -> bytes:
        return _hmac(secret, b"body", self.body)


def refuse_to_repeat() -> GraphQLError:
    """Return what is raised where a success holds what can't be read again."""
    return GraphQLError(_NOT_AGAIN, extensions={"code": "BAD_USER_INPUT"})


async def forget_readers(session: AsyncSession, account_id: str) -> None:
    """Let nobody read as a user of an account any more who repeats what once signed it in."""
    its = col(Repetition.reads_as).in_(sa.select(col(User.id)).where(col(User.account_id) == account_id))
    await session.exec(sa.update(Repetition).where(its).values(reads_as=None))


def _conflict(told: str, **more: int) -> GraphQLError:
    return GraphQLError(told, extensions={"code": "IDEMPOTENCY_CONFLICT", **more})


def _too_many(wait: timedelta) -> GraphQLError:
    return GraphQLError(_TOO_MANY, extensions={"code": "RATE_LIMITED", "retryAfterSeconds": ceil(wait.total_seconds())})


def _hmac(secret: bytes, *parts: bytes) -> bytes:
    # No part but the last holds NUL.
    return hmac.digest(secret, b"\0".join((b"idempotency", *parts)), "sha256")
