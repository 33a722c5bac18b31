"""The home of asking: the gateway over the whole population, and over what is left of it for one who asks."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from db.engine import Database, open_database
from resolvers.caller.signed_in import caller_id
from resolvers.context import caller_of
from resolvers.operations.operation import Operations
from resolvers.planner.plans import Planner
from resolvers.schema import GUARD, schema
from tests.authorization.planting import NOW
from tests.authorization.population import write
from tests.differential.gateway import Reader
from tests.unlimited import ANY_SIZE, unmetered

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from contextlib import AbstractAsyncContextManager

    from sqlmodel import SQLModel

    from resolvers.planner.compile import Visible
    from tests.authorization.population import Asker
    from tests.conftest import FreshDatabase


class Switched(Database):
    """A database whose reads go to another one at will: what has been planned serves all."""

    def __init__(self, first: Database) -> None:
        self.now = first
        self.dialect = first.dialect

    async def read(self, sql: str, parameters: Sequence[object]) -> tuple[object, ...]:
        return await self.now.read(sql, parameters)

    def unit_of_work(self) -> AbstractAsyncContextManager[Any]:
        return self.now.unit_of_work()

    async def close(self) -> None:
        await self.now.close()


class Gateway:
    """Answers in one of several worlds."""

    def __init__(self, database: Switched, visible: Visible) -> None:
        self.database = database
        guard = GUARD._replace(visible=visible)
        self._operations = Operations(
            schema, database, Planner(database.dialect, guard), caller_id, ANY_SIZE, unmetered()
        )

    async def ask(self, asker: Asker, document: str, variables: dict[str, Any], context: object = None) -> str:
        """Return the body of the answer."""
        caller = caller_of(asker.channel.id, asker.bearer, asker.api_key, NOW)
        answer = await self._operations.answer(
            document, variables, None, caller=caller, context=lambda: context or Reader
        )
        return answer.body.decode()


@asynccontextmanager
async def opened(fresh_database: FreshDatabase, backend: str, rows: list[SQLModel]) -> AsyncIterator[Database]:
    """Open a database that holds *rows*."""
    async with AsyncExitStack() as stack:
        database = await open_database(stack.enter_context(fresh_database(backend)))
        stack.push_async_callback(database.close)
        await write(database, rows)
        yield database
