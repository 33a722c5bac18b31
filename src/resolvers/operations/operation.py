"""The home of operations: from the text of a document to the bytes of the answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
from graphql import OperationType, execute_sync

from db.errors import DatabaseUnavailableError
from resolvers.operations import answers
from resolvers.operations.documents import Documents, RefusedError
from resolvers.operations.limits import LIMITS, Limits
from resolvers.operations.splice import SplicingExecutor, present
from resolvers.planner.arguments import Inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    import strawberry

    from db.engine import Database
    from resolvers.operations.answers import Answer
    from resolvers.operations.documents import Document
    from resolvers.planner.arguments import Caller
    from resolvers.planner.plans import Payload, Plan, Planner, Root


class UnsafeOperationError(Exception):
    """An operation that changes something or passes a secret, where only queries that are no secret may run."""

    def __init__(self) -> None:
        super().__init__("Mutations need a POST, and so do queries that pass a secret.")


class Operations:
    """Answers operations on *database*."""

    def __init__(
        self,
        schema: strawberry.Schema,
        database: Database,
        planner: Planner,
        limits: Limits = LIMITS,
    ) -> None:
        """Plan by *planner* what is within *limits*."""
        self._schema = schema._schema  # noqa: SLF001 - Strawberry offers no other way to graphql-core's schema
        self._database = database
        self._documents = Documents(self._schema, planner, limits)

    async def answer(  # noqa: PLR0913 - one request
        self,
        text: str,
        variables: dict[str, Any],
        operation_name: str | None,
        *,
        caller: Caller,
        context: Callable[[], object],
        queries_only: bool = False,
        on_operation: Callable[[str | None, str], None] | None = None,
        on_session: Callable[[str], None] | None = None,
    ) -> Answer:
        """Answer the operation *operation_name* of the document *text*; *context* makes what mutations get.

        *on_operation* is told name and type of a valid operation before it runs, *on_session* the id of a session whose
        use should be marked. Raises `DatabaseUnavailableError`
        where a query could not be read, `UnsafeOperationError` for a mutation and for a query that passes a secret
        where there are to be *queries_only*: such arrive in URLs, which browsers and proxies keep.
        """
        try:
            document = self._documents.get(text, operation_name)
            if on_operation:
                on_operation(document.name, document.operation.operation.value)
            if queries_only and not document.is_safe_in_url(variables):
                raise UnsafeOperationError
            coerced = document.coerced(variables)
            plan = self._documents.plan(document, coerced)
            inputs = Inputs(caller, coerced.coerced)
            if refusals := plan.refusals(inputs):
                return answers.refused([answers.of_argument(refusal) for refusal in refusals])
            about_schema = self._read_schema(document, plan, variables)
        except RefusedError as refused:
            return answers.refused(refused.errors)
        if document.operation.operation == OperationType.MUTATION:
            return await self._write(document, plan, inputs, variables, context())
        return await self._read(plan, inputs, about_schema, on_session)

    def _read_schema(self, document: Document, plan: Plan, variables: dict[str, Any]) -> dict[str, str]:
        if not plan.about_schema:
            return {}
        result = execute_sync(self._schema, document.about_schema(plan.about_schema), variable_values=variables)
        if result.errors:
            raise RefusedError([answers.of_document(error, "BAD_USER_INPUT") for error in result.errors])
        return {key: orjson.dumps(value).decode() for key, value in (result.data or {}).items()}

    async def _read(
        self,
        plan: Plan,
        inputs: Inputs,
        about_schema: dict[str, str],
        on_session: Callable[[str], None] | None,
    ) -> Answer:
        statements = [root.statement for root in plan.roots]
        reads = [self._database.read(statement.sql, statement.bound(inputs)) for statement in statements]
        rows: list[Any] = [await reads[0]] if len(reads) == 1 else await asyncio.gather(*reads)
        if rows and on_session and (unmarked := rows[0][1]) is not None:
            on_session(unmarked)
        errors: list[dict[str, Any]] = []
        texts = about_schema | {root.key: _text(root, row, errors) for root, row in zip(plan.roots, rows, strict=True)}
        return answers.spliced({key: texts[key] for key in plan.keys}, errors)

    async def _write(
        self, document: Document, plan: Plan, inputs: Inputs, variables: dict[str, Any], context: object
    ) -> Answer:
        async def read(payload: Payload, outcome: object) -> tuple[Any, ...]:
            bound = payload.statement.bound(inputs.after(outcome))
            try:
                return await self._database.read(payload.statement.sql, bound)
            except DatabaseUnavailableError as outage:
                raise answers.UnreadOutcomeError from outage

        executor: Any = SplicingExecutor.build(
            self._schema,
            document.ast,
            context_value=context,
            raw_variable_values=variables,
            operation_name=document.operation_name,
            hide_suggestions=True,
            payloads=plan.payloads,
            read=read,
        )
        executing = executor.execute_operation()
        result = executing if executor.is_awaitable(executing) is False else await executing
        return answers.executed(result.data, [answers.of_execution(error) for error in result.errors or ()])


def _text(root: Root, row: tuple[Any, ...], errors: list[dict[str, Any]]) -> str:
    caller, _unmarked, text = row
    if root.for_signed_in and caller is None:
        errors.append(answers.error(answers.SIGN_IN_FIRST, "UNAUTHENTICATED", path=[root.key]))
        return "null"
    return present(text, root.key)
