"""The home of a first try: the demo's database, made ready, and the words that tell how to use it."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

import orjson

from db.engine import backend_of, open_database
from db.sqlite import file_of
from gateway.adapters.clock import SystemClock
from gateway.adapters.hashing import Argon2Hasher
from gateway.demo import PASSWORD, SIGN_INS, load_demo
from gateway.demo.northwind.companies import usernames
from gateway.demo.paloma.hans import USERNAME
from gateway.demo.shops import NORTHWIND, PALOMA
from gateway.operator.database import database_explained, migrate
from gateway.operator.settings import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.operator.settings import DemoSettings

_AT = "@northwind.example"
_SIGN_IN = """\
mutation SignIn($input: AuthenticateInput!) { authenticate(input: $input) { __typename \
... on AuthenticateSuccess { authentication { token } customer { firstName lastName \
orders(first: 2) { totalCount nodes { orderNumber total { amount currency } } } } } } }"""


_TABLES = {
    "sqlite": "SELECT count(*), coalesce(sum(name = 'channels'), 0) FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT count(*), count(*) FILTER (WHERE tablename = 'channels') FROM pg_tables "
    "WHERE schemaname = ANY (current_schemas(false))",
}
_CHANNELS = f"SELECT count(*), count(CASE WHEN code IN ('{PALOMA}', '{NORTHWIND}') THEN 1 END) FROM channels"  # noqa: S608 - our own words


async def prepare(url: str, tell: Callable[[str], None], *, own: bool = False) -> None:
    """Migrate the database at *url* and load the demo data, unless it is there; *tell* each step before it is taken.

    The demo's *own* file may be what an earlier start left half done. Raises `OperatorError`, before anything is
    changed, for a database that is not the demo's.
    """
    await _refuse_foreign(url, own=own)
    tell("Migrating the database")
    await migrate(url)
    database = await open_database(url)
    hasher = Argon2Hasher()
    try:
        await load_demo(database, hasher, SystemClock(), tell)
    finally:
        hasher.close()
        await database.close()


async def _refuse_foreign(url: str, *, own: bool) -> None:
    """Protect a database that GATEWAY_DATABASE_URL names by mistake from users with a password that everybody knows."""
    with database_explained():
        database = await open_database(url)
        try:
            tables, has_channels = await database.read(_TABLES[database.dialect.name], ())
            channels, of_demo = await database.read(_CHANNELS, ()) if has_channels else (0, 0)
        finally:
            await database.close()
    # The demo's two are written together: one of them alone is a shop that has the same name.
    if tables and (channels != of_demo or channels == 1 or not (channels or own)):
        msg = (
            "GATEWAY_DATABASE_URL names a database that is not the demo's: it has tables, and no channels or other "
            "ones. Unset it, or name an empty one."
        )
        raise OperatorError(msg)


def announcement(url: str, settings: DemoSettings) -> str:
    """Return what to do with the demo at *url*, who is let in, and where its data lies."""
    mails = f"Its mails are sent to nobody, and shown:\n\n  {url}/{PALOMA}/mailbox\n\n" if settings.mailbox else ""
    browser = f"Try it in a browser:\n\n  {url}/\n\n" if settings.playground else ""
    return f"""
{browser}The gateway answers, with two shops to try:

  {url}/{PALOMA}/graphql      {SIGN_INS[PALOMA].username} / {PASSWORD}
  {url}/{NORTHWIND}/graphql   {SIGN_INS[NORTHWIND].username} / {PASSWORD}

{mails}Without a browser, sign Hans in and see his newest orders:

{curl(url)}

At {NORTHWIND} these sign in as well, with {_AT} behind each and the same password:

{_others()}

Pages of this machine may call it, at http://localhost and 127.0.0.1 on any port, and mails may link to them.
Its data lies in {_place(settings.database_url)}.

Stop it with Ctrl+C.
"""


def _others() -> str:
    names = " ".join(name.removesuffix(_AT) for name in usernames())
    return fill(names, 100, initial_indent="  ", subsequent_indent="  ")


def _place(url: str) -> str:
    """Say where the data of *url* lies, without the password that it may hold."""
    if backend_of(url) != "sqlite":
        return "the database that GATEWAY_DATABASE_URL names"
    file = Path(file_of(url)).resolve()
    return f"{file}: without this file the next start begins anew"


def curl(url: str) -> str:
    """Return a line for a shell that signs Hans in."""
    body = {"query": _SIGN_IN, "variables": {"input": {"username": USERNAME, "password": PASSWORD}}}
    return f"curl -sS {url}/{PALOMA}/graphql -H 'Content-Type: application/json' -d '{orjson.dumps(body).decode()}'"
