"""The home of operations: from the text of a document to the bytes of the answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
from graphql import GraphQLError, OperationType, execute_sync

from db.errors import DatabaseUnavailableError, TooLongError
from resolvers.operations import answers
from resolvers.operations.cache import MAX_KEPT_BYTES, Documents
from resolvers.operations.limits import LIMITS, DocumentLimits
from resolvers.operations.reading import RefusedError
from resolvers.operations.spending import Payer, Spending, SpentError
from resolvers.operations.splice import SplicingExecutor, mend_introspection, present
from resolvers.planner.arguments import Audience, Inputs
from resolvers.planner.gates import lacking_scope

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import strawberry
    from graphql.execution.collect_fields import FieldDetails

    from db.engine import Database
    from resolvers.operations.answers import Answer
    from resolvers.operations.cache import Prepared
    from resolvers.operations.document import Document
    from resolvers.planner.arguments import Caller
    from resolvers.planner.plans import Payload, Plan, Planner, Root


_MOST_ERRORS = 10
_MOST_CHARACTERS = 5_000_000
_DONE_AND_TOO_LONG = (
    f"It was done, but the answer has more than {_MOST_CHARACTERS:,} characters. Ask for less of it by a query."
)
_TOO_LONG = f"The answer has more than {_MOST_CHARACTERS:,} characters. Ask for smaller pages, or for fewer fields."

_NOT_ONE = (
    "With Idempotency-Key an operation is a mutation of exactly one field. Send each on its own, with its own key."
)

_Asked = tuple[str, str | None, dict[str, Any], "Callable[[Document], None]"]
"""Text, name of the operation, variables, and what lets an operation in."""


class UnsafeOperationError(Exception):
    """An operation that changes something or takes a secret, where only queries without one may run."""

    def __init__(self) -> None:
        super().__init__("Mutations need a POST, and so do queries that pass a secret.")


_KEPT_BYTES = {
    Audience.USERS: MAX_KEPT_BYTES,
    Audience.STRANGERS: MAX_KEPT_BYTES // 3,
    Audience.STAFF: MAX_KEPT_BYTES // 6,
}
"""How much of documents is kept by who has sent them: what strangers send pushes out nothing that users do."""


class Operations:
    """Answers operations on *database*."""

    def __init__(  # noqa: PLR0913, PLR0917 - what operations need
        self,
        schema: strawberry.Schema,
        database: Database,
        planner: Planner,
        who: Callable[[Database, Caller], Awaitable[str | None]],
        limits: DocumentLimits = LIMITS,
        spending: Spending | None = None,
    ) -> None:
        """Plan by *planner* what is within *limits*; *who* tells the user whom a caller's token belongs to."""
        self._schema = schema._schema  # noqa: SLF001 - Strawberry offers no other way to graphql-core's schema
        mend_introspection(self._schema)
        self._database = database
        self._who = who
        self._spending = spending or Spending()
        self._documents = {
            audience: Documents(self._schema, planner, limits, audience=audience, max_bytes=kept)
            for audience, kept in _KEPT_BYTES.items()
        }

    async def answer(  # noqa: PLR0913 - one request
        self,
        text: str,
        variables: dict[str, Any],
        operation_name: str | None,
        *,
        caller: Caller,
        context: Callable[[], object],
        network: str | None = "unknown",
        queries_only: bool = False,
        one_mutation: bool = False,
        on_operation: Callable[[str | None, str], None] | None = None,
        on_session: Callable[[str], None] | None = None,
        on_limit: Callable[[str], None] | None = None,
    ) -> Answer:
        """Answer the operation *operation_name* of the document *text*; *context* makes what mutations get.

        What is new is paid by who is signed in, or by their *network*; None is that of many people. *on_operation* is
        told name and type of a valid operation before it runs, *on_session* the id of a session whose use should be
        marked, *on_limit* which limit has closed. Raises `DatabaseUnavailableError` where a query could not be read,
        `UnsafeOperationError` for a mutation and for a query that takes a secret where there are to be *queries_only*:
        such arrive in URLs, which browsers and proxies keep. What is repeated by a key is to be *one_mutation*.
        """

        def admit(document: Document) -> None:
            if on_operation:
                on_operation(document.name, document.operation.operation.value)
            if queries_only and not document.is_safe_in_url:
                raise UnsafeOperationError

        try:
            asked = (text, operation_name, variables, admit)
            document, coerced, plan = await self._ready(asked, caller, network)
            if one_mutation:
                _require_one_mutation(document, plan)
            inputs = Inputs(caller, coerced.coerced)
            unplanned = await self._resolve(document, plan, variables, caller, network, context)
        except RefusedError as refused:
            return answers.refused(refused.errors)
        except SpentError as spent:
            if on_limit:
                on_limit(spent.limit)
            return answers.too_often(spent.retry_after_seconds)
        if document.operation.operation == OperationType.MUTATION:
            return await self._write(document, plan, inputs, variables, context())
        return await self._read(plan, inputs, unplanned, on_session)

    async def _ready(self, asked: _Asked, caller: Caller, network: str | None) -> Prepared:
        """Return what is asked with its plan. Raises `RefusedError` for what is wrong with the arguments."""
        prepared = await self._prepared(asked, caller, network)
        if (
            prepared.plan.refusals(Inputs(caller, prepared.variables.coerced))
            and caller.audience is not Audience.STRANGERS
        ):
            # Who is not signed in is told that first, be the document known or not.
            prepared = await self._prepared(asked, caller, network, anew=True)
        if refusals := prepared.plan.refusals(Inputs(caller, prepared.variables.coerced)):
            raise RefusedError([answers.of_argument(refusal) for refusal in refusals])
        return prepared

    async def _prepared(self, asked: _Asked, caller: Caller, network: str | None, *, anew: bool = False) -> Prepared:
        """Return what is asked with its plan; who asks for something new, or *anew*, pays for that."""
        if not anew and (known := self._documents[caller.audience].known(*asked)) is not None:
            return known
        payer = await self._payer(caller, network)
        with self._spending.paid_by(payer):
            audience = Audience.STRANGERS if payer.user_id is None else caller.audience
            return self._documents[audience].prepared(*asked, payer.name)

    async def _payer(self, caller: Caller, network: str | None) -> Payer:
        return Payer(
            network, None if caller.audience is Audience.STRANGERS else await self._who(self._database, caller)
        )

    async def _resolve(  # noqa: PLR0913, PLR0917 - one request
        self,
        document: Document,
        plan: Plan,
        variables: dict[str, Any],
        caller: Caller,
        network: str | None,
        context: Callable[[], object],
    ) -> dict[str, str]:
        """Return the root fields that read no table; they are told value by value, each time anew."""
        root = {key: f'"{plan.root_type}"' for key, details in plan.unplanned.items() if _is_typename(details)}
        if len(root) == len(plan.unplanned):
            return root
        with self._spending.paid_by(await self._payer(caller, network)):
            result = execute_sync(
                self._schema,
                document.alone_with(plan.unplanned),
                context_value=context(),
                variable_values=variables,
            )
        if result.errors:
            raise RefusedError([answers.of_execution(error) for error in result.errors[:_MOST_ERRORS]])
        return {key: orjson.dumps(value).decode() for key, value in (result.data or {}).items()}

    async def _read(
        self,
        plan: Plan,
        inputs: Inputs,
        unplanned: dict[str, str],
        on_session: Callable[[str], None] | None,
    ) -> Answer:
        statements = [root.statement for root in plan.roots]
        reads = [self._database.read(statement.sql, statement.bound(inputs)) for statement in statements]
        try:
            rows: list[Any] = [await reads[0]] if len(reads) == 1 else await asyncio.gather(*reads)
        except TooLongError:
            return answers.refused([answers.error(_TOO_LONG, "QUERY_TOO_EXPENSIVE")])
        if rows and on_session and (unmarked := rows[0][1]) is not None:
            on_session(unmarked)
        errors: list[dict[str, Any]] = []
        texts = unplanned | {root.key: _text(root, row, errors) for root, row in zip(plan.roots, rows, strict=True)}
        texts |= {key: _refused(key, told, errors) for key, told in plan.refused.items()}
        if sum(map(len, texts.values())) > _MOST_CHARACTERS:
            return answers.refused([answers.error(_TOO_LONG, "QUERY_TOO_EXPENSIVE")])
        return answers.spliced({key: texts[key] for key in plan.keys}, errors)

    async def _write(
        self, document: Document, plan: Plan, inputs: Inputs, variables: dict[str, Any], context: object
    ) -> Answer:
        async def read(payload: Payload, outcome: object) -> tuple[Any, ...]:
            bound = payload.statement.bound(inputs.after(outcome))
            try:
                row = await self._database.read(payload.statement.sql, bound)
            except DatabaseUnavailableError as outage:
                raise answers.UnreadOutcomeError from outage
            except TooLongError:
                row = ()
            if not row or sum(len(text) for text in row if isinstance(text, str)) > _MOST_CHARACTERS:
                raise GraphQLError(_DONE_AND_TOO_LONG, extensions={"code": "QUERY_TOO_EXPENSIVE"})
            return row

        executor: Any = SplicingExecutor.build(
            self._schema,
            document.ast,
            context_value=context,
            raw_variable_values=variables,
            hide_suggestions=True,
            payloads=plan.payloads,
            read=read,
        )
        executing = executor.execute_operation()
        result = executing if executor.is_awaitable(executing) is False else await executing
        return answers.executed(result.data, result.errors or ())


def _require_one_mutation(document: Document, plan: Plan) -> None:
    is_mutation = document.operation.operation is OperationType.MUTATION
    if not is_mutation or len(plan.keys) != 1 or any(map(_is_typename, plan.unplanned.values())):
        raise RefusedError([answers.error(_NOT_ONE, "BAD_USER_INPUT")])


def _text(root: Root, row: tuple[Any, ...], errors: list[dict[str, Any]]) -> str:
    caller, _unmarked, *held, text = row
    if root.unauthenticated is not None and caller is None:
        return _refused(root.key, root.unauthenticated, errors)
    if root.needs is not None and not all(held):
        errors.append(answers.error(lacking_scope(root.needs), "FORBIDDEN", path=[root.key]))
        return "null"
    return present(text, root.key)


def _refused(key: str, told: str, errors: list[dict[str, Any]]) -> str:
    errors.append(answers.error(told, "UNAUTHENTICATED", path=[key]))
    return "null"


def _is_typename(details: list[FieldDetails]) -> bool:
    return details[0].node.name.value == "__typename"
