"""The home of to whom mutations are open, and which may be repeated: what the SDL shows is what refuses all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension

from db.enums import AdminScope, Permission
from resolvers.caller.signed_in import SignedIn, SignedInStaff, SignedInUser, looked_up
from resolvers.context import Context
from resolvers.planner import gates
from resolvers.planner.gates import lacking_scope
from resolvers.repetitions import Asked, refuse_to_repeat

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    _Resolve = Callable[[], Awaitable[Any]]

_AS = "signed_in"


class _Opening(NamedTuple):
    """To whom a mutation is open."""

    to_users: bool
    permission: Permission | None = None
    scope: AdminScope | None = None
    to_sessions: bool = False
    """Of whomever they are."""

    def refusal(self, caller: SignedIn) -> str | None:
        """Return what is told to who may not call."""
        if isinstance(caller, SignedInUser):
            if self.permission is not None and self.permission not in caller.permissions:
                return f"This needs the permission {self.permission}, which no role of yours grants. Ask your admin."
            is_open = self.to_users
        else:
            scopes = caller.scopes if isinstance(caller, SignedInStaff) else ()
            is_open = self.scope in scopes or (self.to_sessions and caller.session_id is not None)
        if is_open:
            return None
        if self.scope is not None:
            return lacking_scope(self.scope)
        return "An API key has no session." if self.to_sessions else "This is for users alone: no admin, no API key."


class _LookUp(FieldExtension):
    """Looks the caller up before the mutation runs, and hands it over if it may."""

    def __init__(self, opening: _Opening, *, repeats: bool) -> None:
        self._opening = opening
        self._repeats = repeats

    def apply(self, field: Any) -> None:  # noqa: ANN401 - Strawberry's
        # It is no argument of the API.
        field.arguments = [argument for argument in field.arguments if argument.python_name != _AS]

    async def resolve_async(
        self,
        next_: Callable[..., Awaitable[Any]],
        source: Any,  # noqa: ANN401 - Strawberry's
        info: strawberry.Info[Context, None],
        **arguments: Any,  # noqa: ANN401 - Strawberry's
    ) -> Any:  # noqa: ANN401 - Strawberry's
        caller = await looked_up(info.context.database, info.context.caller(), info.context.on_session)
        if caller is None:
            told = gates.SIGN_IN_FIRST if self._opening.to_users else gates.STAFF_FIRST
            raise GraphQLError(told, extensions={"code": "UNAUTHENTICATED"})
        if refusal := self._opening.refusal(caller):
            raise GraphQLError(refusal, extensions={"code": "FORBIDDEN"})
        asked = Asked(info, caller, arguments, is_of_session=self._opening.to_sessions)
        return await _done_once(asked, lambda: next_(source, info, **arguments, **{_AS: caller}), repeats=self._repeats)


class _Open(FieldExtension):
    """Runs a mutation for anyone."""

    def __init__(self, *, repeats: bool) -> None:
        self._repeats = repeats

    async def resolve_async(
        self,
        next_: Callable[..., Awaitable[Any]],
        source: Any,  # noqa: ANN401 - Strawberry's
        info: strawberry.Info[Context, None],
        **arguments: Any,  # noqa: ANN401 - Strawberry's
    ) -> Any:  # noqa: ANN401 - Strawberry's
        asked = Asked(info, None, arguments)
        return await _done_once(asked, lambda: next_(source, info, **arguments), repeats=self._repeats)


async def _done_once(asked: Asked, resolve: _Resolve, *, repeats: bool) -> Any:  # noqa: ANN401 - a result
    repeatable = asked.info.context.repeatable
    if repeatable is None:
        return await resolve()
    if not repeats:
        raise refuse_to_repeat()
    return await repeatable.do(asked, resolve)


def open_mutation(description: str, *, repeats: bool = True) -> Any:  # noqa: ANN401 - Strawberry's decorator
    """Declare a mutation for anyone; one that does not *repeat* answers what is shown once, and takes no key."""
    return strawberry.mutation(description=description, extensions=[_Open(repeats=repeats)])


def user_mutation(description: str, *, needs: Permission | None = None, repeats: bool = True) -> Any:  # noqa: ANN401 - Strawberry's decorator
    """Declare a mutation for users, who hold the permission that it *needs*; its resolver gets `signed_in`.

    It answers UNAUTHENTICATED to who is not signed in, and FORBIDDEN to all others. *repeats*: see `open_mutation`.
    """
    return _mutation(description, _Opening(to_users=True, permission=needs), repeats=repeats)


def shared_mutation(description: str, *, needs: Permission | None = None, scope: AdminScope) -> Any:  # noqa: ANN401 - Strawberry's decorator
    """Declare a mutation as `user_mutation` does, which admins and API keys with *scope* may call as well."""
    return _mutation(description, _Opening(to_users=True, permission=needs, scope=scope))


def staff_mutation(description: str, *, scope: AdminScope) -> Any:  # noqa: ANN401 - Strawberry's decorator
    """Declare a mutation for admins and API keys with *scope* alone."""
    return _mutation(description, _Opening(to_users=False, scope=scope))


def session_mutation(description: str) -> Any:  # noqa: ANN401 - Strawberry's decorator
    """Declare a mutation for whoever has a session: users and admins."""
    return _mutation(description, _Opening(to_users=True, to_sessions=True))


def _mutation(description: str, opening: _Opening, *, repeats: bool = True) -> Any:  # noqa: ANN401 - Strawberry's decorator
    directives: list[object] = [gates.NeedsSignIn()] if opening.to_users else []
    if opening.permission is not None:
        directives.append(gates.Needs(permission=opening.permission))
    if opening.scope is not None:
        directives.append(gates.NeedsScope(scope=opening.scope))
    return strawberry.mutation(
        description=description, directives=directives, extensions=[_LookUp(opening, repeats=repeats)]
    )
