"""The home of the GraphQL endpoint: from an HTTP request to an operation, and back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from db.errors import DatabaseUnavailableError
from gateway.http import api_keys, idempotency_keys, responses
from gateway.http.forwarded import IS_PROXY, address_of
from gateway.http.request_log import Exchange
from gateway.http.requests import in_url, posted
from gateway.http.responses import Refusal
from gateway.operator.doubtful import absent
from gateway.operator.notices import Notice
from resolvers.context import Context, caller_of
from resolvers.operations.answers import Answer
from resolvers.operations.operation import UnsafeOperationError
from resolvers.rules.locales import asked_for
from resolvers.rules.networks import networks_of
from resolvers.sessions.service import mark_use
from resolvers.throttling.counters import TryLimits
from resolvers.throttling.waiting import WaitingRoom

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Receive, Scope, Send

    from db.engine import Database
    from gateway.http.channel_ids import Channels, Known
    from resolvers.operations.operation import Operations
    from resolvers.ports import Clock, Hasher

_HUNG_UP = ({"extensions": {"code": "CLIENT_HUNG_UP"}},)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQL:
    """Answers the requests of a route, whose parameter `channel` says to which shop; holds what operations need."""

    operations: Operations
    channels: Channels
    database: Database
    clock: Clock
    hasher: Hasher
    limits: TryLimits = field(default_factory=TryLimits)
    waiting: WaitingRoom = field(default_factory=WaitingRoom)
    secrets: Sequence[bytes] = field(default=(), repr=False)
    """The secret keys: the first makes hashes of idempotency keys, all know them again."""
    default_channel: str | None = None
    notice: Notice = field(default_factory=Notice)
    """Of a default channel that is none."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request. Raises `Refusal`, and whatever goes wrong: see `gateway.http.boundary`."""
        headers = Headers(scope=scope)
        exchange = Exchange.of(scope)
        try:
            answer = await self._answer(scope, headers, receive, exchange)
        except ClientDisconnect:
            exchange.errors = _HUNG_UP
            await Response(status_code=400)(scope, receive, send)  # nobody is there to read it
            return
        response = responses.of_answer(answer, responses.negotiated(headers.getlist("accept")))
        exchange.answers(response)
        await response(scope, receive, send)
        if exchange.unmarked_session_id:
            # After the answer, which shall not wait for a write; if it fails, the next request tries again.
            with suppress(DatabaseUnavailableError):
                await mark_use(self.database, exchange.unmarked_session_id, self.clock.now())

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive, exchange: Exchange) -> Answer:
        channel_code = scope["path_params"].get("channel", self.default_channel)
        channel = await self._channel(channel_code)
        exchange.channel, exchange.path = channel_code, scope["path"]
        is_post = scope["method"] == "POST"
        token, api_key = bearer_token(headers.get("authorization")), headers.get(api_keys.HEADER) or None
        now = self.clock.now()
        caller = caller_of(channel.id, token, api_key, now)
        may_send_much = partial(api_keys.may_send_much, self.database, caller) if api_key and token is None else None
        asked = await posted(headers, receive, may_send_much) if is_post else in_url(scope["query_string"])
        if isinstance(asked, Answer):
            return asked
        if api_key is not None:
            await api_keys.require_use(self.database, channel.id, api_key, token, scope, now)
        repeatable = idempotency_keys.repeatable(headers.get(idempotency_keys.HEADER), asked, self.secrets)
        try:
            return await self.operations.answer(
                asked.document,
                asked.variables,
                asked.operation_name,
                caller=caller,
                context=lambda: replace(self._context(scope, headers, channel, token), repeatable=repeatable),
                # The widest that one subscriber may have: who has many networks has one purse.
                network=None if scope.get(IS_PROXY) else networks_of(address_of(scope))[-1],
                queries_only=not is_post,
                one_mutation=repeatable is not None,
                on_operation=exchange.runs,
                on_session=exchange.uses,
                on_limit=exchange.meets,
            )
        except UnsafeOperationError as unsafe:
            raise Refusal(405, "METHOD_NOT_ALLOWED", str(unsafe), {"allow": "POST"}) from None

    async def _channel(self, code: str | None) -> Known:
        if code is None:
            raise Refusal(404, "NOT_FOUND", "Name the channel in the path: /{channel}/graphql.")
        channel = await self.channels.find(code)
        if channel is None:
            if code == self.default_channel:
                self.notice.tell(absent(code))
            raise Refusal(404, "NOT_FOUND", "There is no such channel.")
        return channel

    def _context(self, scope: Scope, headers: Headers, channel: Known, token: str | None) -> Context:
        return Context(
            database=self.database,
            clock=self.clock,
            hasher=self.hasher,
            limits=self.limits,
            waiting=self.waiting,
            channel_id=channel.id,
            token=token,
            api_key=headers.get(api_keys.HEADER) or None,
            locales=[*asked_for(headers.get("accept-language", "")), channel.locale],
            user_agent=headers.get("user-agent"),
            ip_address=address_of(scope),
            is_for_many=scope.get(IS_PROXY, False),
            on_session=Exchange.of(scope).uses,
            on_limit=Exchange.of(scope).meets,
        )


def bearer_token(authorization: str | None) -> str | None:
    """Return the token of the header; what is no bearer token leaves the caller anonymous."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
