"""The home of mutations for callers who are signed in: the directive that the SDL shows is what refuses all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension

from db.enums import AdminScope, Permission
from resolvers.caller import viewer
from resolvers.context import Context
from resolvers.planner import gates, templates
from resolvers.planner.arguments import Inputs
from resolvers.planner.gates import lacking_scope
from resolvers.planner.templates import Statement

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.engine import Dialect

    from db.engine import Database
    from resolvers.planner import Caller
    from resolvers.planner.templates import Sql

_AS = "signed_in"
_STATEMENTS: dict[str, Statement] = {}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who calls, as the database knows it: a user, an admin or an API key."""

    id: str
    session_id: str | None
    """An API key has none."""


@dataclass(frozen=True, slots=True)
class SignedInUser(SignedIn):
    """A user who calls."""

    customer_id: str
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class SignedInStaff(SignedIn):
    """An admin who calls, or an API key."""

    scopes: frozenset[AdminScope]
    """With what they contain."""


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
        return "This is for users. Call it with the token of one." if self.scope is None else lacking_scope(self.scope)


class _LookUp(FieldExtension):
    """Looks the caller up before the mutation runs, and hands it over if it may."""

    def __init__(self, opening: _Opening) -> None:
        self._opening = opening

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
        caller = await _looked_up(info.context)
        if refusal := self._opening.refusal(caller):
            raise GraphQLError(refusal, extensions={"code": "FORBIDDEN"})
        return await next_(source, info, **arguments, **{_AS: caller})


def user_mutation(description: str, *, needs: Permission | None = None) -> Any:  # noqa: ANN401 - Strawberry's decorator
    """Declare a mutation for users, who hold the permission that it *needs*; its resolver gets `signed_in`.

    It answers UNAUTHENTICATED to who is not signed in, and FORBIDDEN to all others.
    """
    return _mutation(description, _Opening(to_users=True, permission=needs))


def shared_mutation(description: str, *, needs: Permission | None = None, scope: AdminScope) -> Any:  # noqa: ANN401 - Strawberry's decorator
    """Declare a mutation as `user_mutation` does, which admins and API keys with *scope* may call as well."""
    return _mutation(description, _Opening(to_users=True, permission=needs, scope=scope))


def staff_mutation(description: str, *, scope: AdminScope) -> Any:  # noqa: ANN401 - Strawberry's decorator
    """Declare a mutation for admins and API keys with *scope* alone."""
    return _mutation(description, _Opening(to_users=False, scope=scope))


def session_mutation(description: str) -> Any:  # noqa: ANN401 - Strawberry's decorator
    """Declare a mutation for whoever has a session: users and admins."""
    return _mutation(description, _Opening(to_users=True, to_sessions=True))


def _mutation(description: str, opening: _Opening) -> Any:  # noqa: ANN401 - Strawberry's decorator
    directives: list[object] = [gates.SignedIn()] if opening.to_users else []
    if opening.permission is not None:
        directives.append(gates.Needs(permission=opening.permission))
    if opening.scope is not None:
        directives.append(gates.NeedsScope(scope=opening.scope))
    return strawberry.mutation(description=description, directives=directives, extensions=[_LookUp(opening)])


async def caller_id(database: Database, caller: Caller) -> str | None:
    """Return the id of the user, admin or API key that calls, if anybody is signed in."""
    found = await looked_up(database, caller)
    return None if found is None else found.id


async def looked_up(
    database: Database, caller: Caller, on_session: Callable[[str], None] | None = None
) -> SignedIn | None:
    """Return who calls, if anybody is signed in; *on_session* is told the session whose use is to be marked."""
    if caller.is_anonymous:
        return None
    row = dict(zip(_NAMES, await _read(database, caller), strict=True))
    unmarked_session_id = row["viewer.unmarked_id"] or row["staff.unmarked_id"]
    if unmarked_session_id is not None and on_session:
        on_session(unmarked_session_id)
    if (user_id := row["viewer.id"]) is not None:
        held = frozenset(each for each in Permission if row[f"viewer_permissions.{each.lower()}"])
        return SignedInUser(user_id, row["viewer.session_id"], row["viewer.customer_id"], held)
    if (staff_id := row["staff.admin_id"] or row["staff.api_key_id"]) is None:
        return None
    scopes = frozenset(each for each in AdminScope if row[f"staff.{each.lower()}"])
    return SignedInStaff(staff_id, row["staff.session_id"], scopes)


async def _looked_up(context: Context) -> SignedIn:
    found = await looked_up(context.database, context.caller(), context.on_session)
    if found is None:
        raise GraphQLError(gates.SIGN_IN_FIRST, extensions={"code": "UNAUTHENTICATED"})
    return found


_NAMES = [f"{table}.{name}" for table, select in viewer.TABLES.items() for name in select.selected_columns.keys()]  # noqa: SIM118 - of columns, which compare as SQL
"""What the statement that looks up answers."""


async def _read(database: Database, caller: Caller) -> Any:  # noqa: ANN401 - a row
    dialect = database.dialect
    if dialect.name not in _STATEMENTS:
        _STATEMENTS[dialect.name] = Statement.written(_everything(dialect), dialect)
    statement = _STATEMENTS[dialect.name]
    return await database.read(statement.sql, statement.bound(Inputs(caller, {})))


def _everything(dialect: Dialect) -> Sql:
    """Return the statement that reads the caller's tables, each of one row, side by side."""
    sql: Sql = []
    for name, select in viewer.TABLES.items():
        sql += [", " if sql else "WITH ", f"{name} AS (", *templates.sql(select, dialect), ")"]
    names = list(viewer.TABLES)
    return [*sql, f" SELECT {', '.join(f'{name}.*' for name in names)} FROM {', '.join(names)}"]  # noqa: S608 - names of our own
