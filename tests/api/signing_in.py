"""The home of what the tests of signing in share: a shop that is asked as clients ask, and whose mails are read."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from graphql import GraphQLInputType, GraphQLObjectType, GraphQLUnionType, get_named_type, is_leaf_type

from db.enums import MailState
from resolvers.mails import outbox
from resolvers.mails.composition import Keys, compose
from resolvers.schema import operations_on, schema
from tests import pages
from tests.api.services import PASSWORD, StandingClock, a_context

if TYPE_CHECKING:
    from db.engine import Database
    from resolvers.context import Context
    from resolvers.mails.letter import Letter
    from resolvers.operations.operation import Operations

HANS = "hans.muster@corp.com"
PAGE = "https://shop.example/account"
NEW_PASSWORD = "seven purple elephants dance"
KEYS = Keys([b"k" * 32])

_CORE = schema._schema  # noqa: SLF001 - Strawberry offers no other way to graphql-core's schema


@dataclass(frozen=True)
class Shop:
    """A channel, and who asks it: by default somebody who is not signed in."""

    context: Context
    operations: Operations

    @property
    def database(self) -> Database:
        return self.context.database

    def by(self, **circumstances: Any) -> Shop:
        """Return the same shop for a request in other circumstances, such as another `ip_address`."""
        return Shop(dataclasses.replace(self.context, **circumstances), self.operations)

    def advance(self, **by: float) -> None:
        """Let time pass."""
        assert isinstance(self.context.clock, StandingClock)
        self.context.clock.advance(timedelta(**by))

    async def body(self, document: str, variables: dict[str, Any] | None = None) -> bytes:
        """Return the bytes of the answer to any operation."""
        caller = self.context.caller()
        answer = await self.operations.answer(
            document, variables or {}, None, caller=caller, context=lambda: self.context
        )
        return answer.body

    async def bytes_of(self, mutation: str, **given: Any) -> bytes:
        """Return the bytes of the answer to *mutation*, of which everything is asked that is near."""
        return await self.body(_document(mutation), {"input": {_camel(name): value for name, value in given.items()}})

    async def do(self, mutation: str, **given: Any) -> Any:
        """Return the outcome of *mutation*, or the code of the error if it has none."""
        answer = json.loads(await self.bytes_of(mutation, **given))
        if "errors" in answer:
            [error] = answer["errors"]
            return error["extensions"]["code"]
        return answer["data"][mutation]

    async def outcome(self, mutation: str, **given: Any) -> str:
        """Return the type of the outcome."""
        found = await self.do(mutation, **given)
        return found if isinstance(found, str) else found["__typename"]

    async def sign_in(self, username: str = HANS, password: str = PASSWORD) -> Shop:
        """Return the shop for the requests of who signed in."""
        found = await self.do("authenticate", username=username, password=password)
        return self.by(token=found["authentication"]["token"])

    async def is_signed_in(self) -> bool:
        """Tell whether the token of the request is good for anything."""
        answer = json.loads(await self.body("{ viewer { user { id } } }"))
        return bool(answer["data"]["viewer"])

    async def posted(self, keys: Keys = KEYS) -> list[Letter]:
        """Send the mails that are due; return the letters. A moment later, so that what is asked for next is newer."""
        self.advance(seconds=1)
        now = self.context.clock.now()
        async with self.database.unit_of_work() as session:
            claims = await outbox.claim(session, now, 1000)
        letters = []
        for claim in claims:
            async with self.database.unit_of_work() as session:
                if letter := await compose(session, claim.id, keys, now):
                    letters.append(letter)
                    await outbox.end(session, claim.id, MailState.SENT, now)
        return letters

    async def mailed_token(self) -> str:
        """Send the mails that are due; return the token of the one that carries a link."""
        [link] = [letter.link for letter in await self.posted() if letter.link]
        return token_of(link)


async def a_shop(database: Database, **settings: Any) -> Shop:
    """Return a new shop, whose mails may link to `PAGE`."""
    context = await a_context(database, **{"landing_pages": pages.for_all(pages.SHOP), **settings})
    return Shop(context, operations_on(database))


def token_of(link: str) -> str:
    """Return the token that a link carries."""
    [token] = parse_qs(urlsplit(link).query)["token"]
    return token


@cache
def _document(mutation: str) -> str:
    assert _CORE.mutation_type
    field = _CORE.mutation_type.fields[mutation]
    union = get_named_type(field.type)
    assert isinstance(union, GraphQLUnionType)
    members = " ".join(f"... on {member.name} {{ {_selection(member)} }}" for member in union.types)
    input_type: GraphQLInputType = field.args["input"].type
    return f"mutation($input: {input_type}) {{ {mutation}(input: $input) {{ __typename {members} }} }}"


def _selection(type_: Any, *, deep: bool = True) -> str:
    found = ["__typename"]
    for name, field in type_.fields.items():
        named = get_named_type(field.type)
        if is_leaf_type(named):
            found.append(name)
        elif deep and not field.args and isinstance(named, GraphQLObjectType):
            found.append(f"{name} {{ {_selection(named, deep=False)} }}")
    return " ".join(found)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))
