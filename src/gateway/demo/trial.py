"""The home of a first try: the demo's database, made ready, and the words that tell how to use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from sqlmodel import col, select

from db.engine import open_database
from db.models import Channel
from gateway.clock import SystemClock
from gateway.demo import PASSWORD, SIGN_INS, load_demo
from gateway.demo.channels import NORTHWIND, PALOMA
from gateway.demo.paloma.hans import USERNAME
from gateway.hashing import Argon2Hasher
from gateway.operating import migrate
from gateway.settings import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.engine import Database

_SIGN_IN = """\
mutation SignIn($input: AuthenticateInput!) { authenticate(input: $input) { __typename \
... on AuthenticateSuccess { authentication { token } customer { firstName lastName \
orders(first: 2) { totalCount nodes { orderNumber total { amount currency } } } } } } }"""


async def prepare(url: str, tell: Callable[[str], None]) -> None:
    """Migrate the database at *url* and load the demo data, unless it is there; *tell* each step before it is taken."""
    tell("Migrating the database")
    await migrate(url)
    database = await open_database(url)
    hasher = Argon2Hasher()
    try:
        await _refuse_foreign(database)
        await load_demo(database, hasher, SystemClock(), tell)
    finally:
        hasher.close()
        await database.close()


async def _refuse_foreign(database: Database) -> None:
    """Protect a database that GATEWAY_DATABASE_URL names by mistake from users with a password that everybody knows."""
    async with database.unit_of_work() as session:
        codes = set((await session.exec(select(col(Channel.code)))).all())
    if codes - {PALOMA, NORTHWIND}:
        msg = "GATEWAY_DATABASE_URL names a database that has channels of its own. Unset it, or name another one."
        raise OperatorError(msg)


def announcement(url: str, *, playground: bool) -> str:
    """Return what to do with the demo at *url*."""
    browser = f"Try it in a browser:\n\n  {url}/\n\n" if playground else ""
    return f"""
{browser}The gateway answers, with two shops to try:

  {url}/{PALOMA}/graphql      {SIGN_INS[PALOMA].username} / {PASSWORD}
  {url}/{NORTHWIND}/graphql   {SIGN_INS[NORTHWIND].username} / {PASSWORD}

Without a browser, sign Hans in and see his newest orders:

{curl(url)}

Stop it with Ctrl+C.
"""


def curl(url: str) -> str:
    """Return a line for a shell that signs Hans in."""
    body = {"query": _SIGN_IN, "variables": {"input": {"username": USERNAME, "password": PASSWORD}}}
    return f"curl -sS {url}/{PALOMA}/graphql -H 'Content-Type: application/json' -d '{orjson.dumps(body).decode()}'"
