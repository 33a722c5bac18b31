"""The home of mutations for callers who are signed in: the directive that the SDL shows is what refuses all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension

from db.enums import Permission
from resolvers.caller import viewer
from resolvers.context import Context
from resolvers.planner import Needs, SignedIn, templates
from resolvers.planner.arguments import Inputs
from resolvers.planner.declare import SIGN_IN_FIRST
from resolvers.planner.templates import Statement

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.engine import Dialect

    from db.engine import Database
    from resolvers.planner import Caller
    from resolvers.planner.templates import Sql

_AS = "signed_in"
_STATEMENTS: dict[str, Statement] = {}


class SignedInUser(NamedTuple):
    """Who calls, as the database knows it."""

    id: str
    customer_id: str
    session_id: str
    permissions: frozenset[Permission]


class _LookUp(FieldExtension):
    """Looks the caller up before the mutation runs, and hands it over if it may."""

    def __init__(self, needed: Permission | None) -> None:
        self._needed = needed

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
        user = await _looked_up(info.context)
        if self._needed is not None and self._needed not in user.permissions:
            message = f"This needs the permission {self._needed}, which no role of yours grants. Ask your admin for it."
            raise GraphQLError(message, extensions={"code": "FORBIDDEN"})
        return await next_(source, info, **arguments, **{_AS: user})


def signed_in_mutation(description: str, *, needs: Permission | None = None) -> Any:  # noqa: ANN401 - Strawberry's decorator
    """Declare a mutation that answers UNAUTHENTICATED unless somebody is signed in; its resolver gets `signed_in`.

    To who has not the permission that it *needs*, it answers FORBIDDEN.
    """
    directives = [SignedIn(), *([] if needs is None else [Needs(permission=needs)])]
    return strawberry.mutation(description=description, directives=directives, extensions=[_LookUp(needs)])


async def user_of(database: Database, caller: Caller) -> str | None:
    """Return the id of the user who calls, if anybody is signed in."""
    user_id: str | None = (await _read(database, caller))[0]
    return user_id


async def _looked_up(context: Context) -> SignedInUser:
    # Without a token there is nobody to look for.
    found: Any = (None,) * 4 if context.token is None else await _read(context.database, context.caller())
    user_id, customer_id, session_id, unmarked_session_id, *granted = found
    if user_id is None:
        raise GraphQLError(SIGN_IN_FIRST, extensions={"code": "UNAUTHENTICATED"})
    if unmarked_session_id is not None and context.on_session:
        context.on_session(unmarked_session_id)
    held = frozenset(permission for permission, is_held in zip(Permission, granted, strict=True) if is_held)
    return SignedInUser(user_id, customer_id, session_id, held)


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
