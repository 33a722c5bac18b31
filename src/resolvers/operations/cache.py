"""The home of what depends on a document's text alone: AST, verdict of validation and plans, in one bounded cache."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphql import OperationDefinitionNode

from resolvers.operations import answers
from resolvers.operations.document import Document, alone
from resolvers.operations.limits import LIMITS, DocumentLimits
from resolvers.operations.reading import RefusedError, read
from resolvers.operations.secrets import selects, taking_secrets

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

_Key = tuple[str, str | None]
"""Text and name of the operation."""


class Prepared(NamedTuple):
    """What it takes to run an operation."""

    document: Document
    variables: VariableValues
    plan: Plan


class _Kept(NamedTuple):
    """What a text has led to: a document, or the errors of its refusal."""

    found: Document | list[dict[str, Any]]
    payer: str | None
    size: int
    """About how many bytes it takes."""


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
        self._taking_secrets = taking_secrets(schema)
        self._known: OrderedDict[_Key, _Kept] = OrderedDict()
        self._size = 0
        self._share: Counter[str | None] = Counter()
        """Of `_size`, by who has paid for it."""

    def known(
        self, text: str, operation_name: str | None, variables: dict[str, Any], admit: Callable[[Document], None]
    ) -> Prepared | None:
        """Return the operation, checked by *admit*, if nothing has to be read or planned; raise `RefusedError`."""
        if (document := self._get((text, operation_name))) is None:
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
        """Return the operation, checked by *admit* before it is planned, for which *payer* pays if it is new.

        Raises `RefusedError`.
        """
        document = self.get(text, operation_name, payer)
        admit(document)
        coerced = document.coerced(variables)
        if (plan := document.known_plan(coerced)) is None:
            plan = document.plan(coerced)
            self._keep((text, operation_name), document, payer)
        return Prepared(document, coerced, plan)

    def get(self, text: str, operation_name: str | None, payer: str | None = None) -> Document:
        """Return the document of *text*; raise `RefusedError` if it is not valid or has no such operation."""
        key = text, operation_name
        if (known := self._get(key)) is not None:
            return known
        try:
            document = self._read(key)
        except RefusedError as refused:
            self._keep(key, refused.errors, payer)
            raise
        self._keep(key, document, payer)
        return document

    def _get(self, key: _Key) -> Document | None:
        if (known := self._known.get(key)) is None:
            return None
        self._known.move_to_end(key)
        if isinstance(known.found, Document):
            return known.found
        # A new exception: a kept one would grow a traceback each time that it is raised.
        raise RefusedError(known.found)

    def _read(self, key: _Key) -> Document:
        text, operation_name = key
        ast = read(self._schema, text, self._limits)
        operation = _named(ast, operation_name)
        return Document(
            schema=self._schema,
            planner=self._planner,
            ast=alone(ast, operation),
            operation=operation,
            max_tables=self._limits.tables,
            for_strangers=self._for_strangers,
            takes_secrets=self._may_take_secrets(text) and selects(ast, self._taking_secrets),
            tokens=ast.token_count or 0,
        )

    def _may_take_secrets(self, text: str) -> bool:
        return any(name in text for name in self._taking_secrets)

    def _keep(self, key: _Key, found: Document | list[dict[str, Any]], payer: str | None) -> None:
        text, operation_name = key
        # A text that holds a string, and a field that takes a secret, may hold the secret.
        if len(text.encode()) > MAX_CACHED_DOCUMENT or ('"' in text and self._may_take_secrets(text)):
            return
        if (before := self._known.get(key)) is not None:
            payer = before.payer
            self._forget(key)
        # Ten errors may quote an operation's name of 7 KB each.
        its_own = found.size if isinstance(found, Document) else sum(len(error["message"]) for error in found)
        size = LEAST_BYTES + len(text) + len(operation_name or "") + its_own
        self._known[key] = _Kept(found, payer, size)
        self._size += size
        self._share[payer] += size
        self._trim(payer)

    def _trim(self, payer: str | None) -> None:
        # Nobody pushes out what others use: of one payer there is a fourth at most, and it is the oldest that goes.
        while payer is not None and self._share[payer] > self._max_bytes // 4:
            self._forget(next(key for key, kept in self._known.items() if kept.payer == payer))
        while self._size > self._max_bytes:
            self._forget(next(iter(self._known)))

    def _forget(self, key: _Key) -> None:
        kept = self._known.pop(key)
        self._size -= kept.size
        self._share[kept.payer] -= kept.size
        if not self._share[kept.payer]:
            del self._share[kept.payer]


def _named(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    operations = [found for found in document.definitions if isinstance(found, OperationDefinitionNode)]
    named = [found for found in operations if operation_name in {None, found.name and found.name.value}]
    if len(named) != 1:
        names = [found.name.value if found.name else None for found in operations]
        raise RefusedError([answers.no_such_operation(operation_name, names)])
    return named[0]
