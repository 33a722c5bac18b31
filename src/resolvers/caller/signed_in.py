"""The home of who is signed in: a user, an admin or an API key, looked up by the tables that reads have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from db.enums import AdminScope, Permission
from resolvers.caller import viewer
from resolvers.planner.arguments import Audience, Inputs
from resolvers.planner.templates import Statement
from resolvers.rules.rights import contained

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Dialect

    from db.engine import Database
    from resolvers.planner import Caller
    from resolvers.planner.templates import Sql

_STATEMENTS: dict[str, Statement] = {}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who calls, as the database knows it: a user, an admin or an API key."""

    id: str
    session_id: str | None
    """An API key has none."""

    @property
    def owner_id(self) -> str:
        """Whose the sessions are: an account's, whichever of its users acts; else an admin's."""
        return self.id


@dataclass(frozen=True, slots=True)
class SignedInUser(SignedIn):
    """A user who calls."""

    account_id: str
    customer_id: str
    permissions: frozenset[Permission]

    @property
    def owner_id(self) -> str:
        """The account."""
        return self.account_id


@dataclass(frozen=True, slots=True)
class SignedInStaff(SignedIn):
    """An admin who calls, or an API key."""

    scopes: frozenset[AdminScope]
    """With what they contain."""


async def caller_id(database: Database, caller: Caller) -> str | None:
    """Return the id of the user, admin or API key that calls, if anybody is signed in."""
    found = await looked_up(database, caller)
    return None if found is None else found.id


async def looked_up(
    database: Database, caller: Caller, on_session: Callable[[str], None] | None = None
) -> SignedIn | None:
    """Return who calls, if anybody is signed in; *on_session* is told the session whose use is to be marked."""
    if caller.audience is Audience.STRANGERS:
        return None
    row = dict(zip(_NAMES, await _read(database, caller), strict=True))
    unmarked_session_id = row["viewer.unmarked_id"] or row["staff.unmarked_id"]
    if unmarked_session_id is not None and on_session:
        on_session(unmarked_session_id)
    if (user_id := row["viewer.id"]) is not None:
        held = frozenset(each for each in Permission if row[f"viewer_permissions.{each.lower()}"])
        return SignedInUser(
            user_id, row["viewer.session_id"], row["viewer.account_id"], row["viewer.customer_id"], held
        )
    if (staff_id := row["staff.admin_id"] or row["staff.api_key_id"]) is None:
        return None
    granted = map(AdminScope, orjson.loads(row["staff.scopes"]))
    return SignedInStaff(staff_id, row["staff.session_id"], contained(granted))


_NAMES = [f"{table}.{name}" for table, its in viewer.TABLES.items() for name in its.select.selected_columns.keys()]  # noqa: SIM118 - of columns, which compare as SQL
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
    for name, table in viewer.TABLES.items():
        begin, select = table.expression(name, None, dialect)
        sql += [", " if sql else "WITH ", begin, *select, ")"]
    names = list(viewer.TABLES)
    return [*sql, f" SELECT {', '.join(f'{name}.*' for name in names)} FROM {', '.join(names)}"]  # noqa: S608 - names of our own
