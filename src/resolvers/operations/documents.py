"""The home of what depends on a document's text alone: AST, verdict of validation and plans, in one bounded cache."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphql import OperationDefinitionNode

from resolvers.operations import answers
from resolvers.operations.document import Document, alone
from resolvers.operations.limits import LIMITS, DocumentLimits
from resolvers.operations.reading import RefusedError, read
from resolvers.operations.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import DocumentNode, GraphQLSchema
    from graphql.execution.values import VariableValues

    from resolvers.planner.plans import Plan, Planner

MAX_CACHED_DOCUMENT: Final = 8 * 1024
MAX_KEPT_BYTES: Final = 12 * 1024 * 1024
"""Of text, AST and SQL: a short text may have long plans, so that its own bytes alone would not bound the memory."""
LEAST_BYTES: Final = 8 * 1024
"""What a document counts at least."""
BYTES_OF_TOKEN: Final = 320
"""What a token takes in the AST."""


class Prepared(NamedTuple):
    """What it takes to run an operation."""

    document: Document
    variables: VariableValues
    plan: Plan


class _Refusal:
    """A refusal to give again."""

    def __init__(self, errors: list[dict[str, Any]], payer: str | None) -> None:
        self.errors = errors
        self.payer = payer
        # Ten errors may quote an operation's name of 7 KB each.
        self.kept_bytes = LEAST_BYTES + sum(len(error["message"]) for error in errors)
        self.is_kept = False


class Documents:
    """Parses, validates and plans each document once, while it is among those used last."""

    def __init__(
        self,
        schema: GraphQLSchema,
        planner: Planner,
        limits: DocumentLimits = LIMITS,
        *,
        for_strangers: bool = False,
        max_bytes: int = MAX_KEPT_BYTES,
    ) -> None:
        """Validate by *schema* within *limits*, plan by *planner*, keep *max_bytes*."""
        self._schema = schema
        self._planner = planner
        self._limits = limits
        self._for_strangers = for_strangers
        self._max_bytes = max_bytes
        self._known: OrderedDict[tuple[str, str | None], Document | _Refusal] = OrderedDict()
        self._kept_bytes = 0
        self._share: Counter[str | None] = Counter()
        """Of `_kept_bytes`, by who has paid for them."""

    def known(
        self, text: str, operation_name: str | None, variables: dict[str, Any], admit: Callable[[Document], None]
    ) -> Prepared | None:
        """Return the operation, checked by *admit*, if nothing has to be read or planned; raise `RefusedError`."""
        if (document := self._get(text, operation_name)) is None:
            return None
        admit(document)
        coerced = document.coerced(variables)
        plan = document.known_plan(coerced)
        return None if plan is None else Prepared(document, coerced, plan)

    def prepared(
        self,
        text: str,
        operation_name: str | None,
        variables: dict[str, Any],
        admit: Callable[[Document], None],
        payer: str | None = None,
    ) -> Prepared:
        """Return the operation, checked by *admit* before it is planned; raise `RefusedError`."""
        document = self.get(text, operation_name, payer)
        admit(document)
        coerced = document.coerced(variables)
        return Prepared(document, coerced, self.plan(document, coerced))

    def get(self, text: str, operation_name: str | None, payer: str | None = None) -> Document:
        """Return the document of *text*, for which *payer* pays if it is new.

        Raises `RefusedError` if it is not valid or has no such operation.
        """
        if (known := self._get(text, operation_name)) is not None:
            return known
        try:
            document = self._read(text, operation_name, payer)
        except RefusedError as refused:
            # Whether a string is a secret tells a valid document alone.
            if not _has_string(text):
                self._keep((text, operation_name), _Refusal(refused.errors, payer))
            raise
        if not document.has_secret_in_text:
            self._keep((text, operation_name), document)
        return document

    def plan(self, document: Document, variables: VariableValues) -> Plan:
        """Return the plan of *document* for the shape of the coerced *variables*."""
        kept_bytes = document.kept_bytes
        plan = document.plan(variables)
        # Not by the number of plans: a long one may have taken the place of a short one.
        if document.is_kept and document.kept_bytes != kept_bytes:
            self._count(document, document.kept_bytes - kept_bytes)
            self._trim(document.payer)
        return plan

    def _get(self, text: str, operation_name: str | None) -> Document | None:
        key = (text, operation_name)
        if (known := self._known.get(key)) is None:
            return None
        self._known.move_to_end(key)
        if isinstance(known, _Refusal):
            # A new exception: a kept one would grow a traceback each time that it is raised.
            raise RefusedError(known.errors)
        return known

    def _keep(self, key: tuple[str, str | None], document: Document | _Refusal) -> None:
        if _size(key) > MAX_CACHED_DOCUMENT:
            return
        self._known[key] = document
        self._count(document, _size(key) + document.kept_bytes)
        document.is_kept = True
        self._trim(document.payer)

    def _trim(self, payer: str | None) -> None:
        # Nobody pushes out what others use: of one payer there is a fourth at most, and it is the oldest that goes.
        while payer is not None and self._share[payer] > self._max_bytes // 4:
            self._forget(next(key for key, document in self._known.items() if document.payer == payer))
        while self._kept_bytes > self._max_bytes:
            self._forget(next(iter(self._known)))

    def _forget(self, key: tuple[str, str | None]) -> None:
        document = self._known.pop(key)
        self._count(document, -_size(key) - document.kept_bytes)
        document.is_kept = False

    def _count(self, document: Document | _Refusal, size: int) -> None:
        self._kept_bytes += size
        self._share[document.payer] += size
        if not self._share[document.payer]:
            del self._share[document.payer]

    def _read(self, text: str, operation_name: str | None, payer: str | None) -> Document:
        ast = read(self._schema, text, self._limits)
        operation = _named(ast, operation_name)
        return Document(
            schema=self._schema,
            planner=self._planner,
            ast=alone(ast, operation),
            operation=operation,
            max_tables=self._limits.tables,
            for_strangers=self._for_strangers,
            payer=payer,
            has_secret_in_text=_has_string(text) and Secrets.of(self._schema, ast).in_text,
            read_bytes=LEAST_BYTES + BYTES_OF_TOKEN * (ast.token_count or 0),
        )


def _named(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    operations = [found for found in document.definitions if isinstance(found, OperationDefinitionNode)]
    named = [found for found in operations if operation_name in {None, found.name and found.name.value}]
    if len(named) != 1:
        names = [found.name.value if found.name else None for found in operations]
        raise RefusedError([answers.no_such_operation(operation_name, names)])
    return named[0]


def _size(key: tuple[str, str | None]) -> int:
    text, operation_name = key
    return len(text.encode()) + len((operation_name or "").encode())


def _has_string(text: str) -> bool:
    return '"' in text
